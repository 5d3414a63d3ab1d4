// include: elements, formats, texts
// The state of the page, its history and its link, and questions to the server.
// `shop` is what the server says about the scenario; a side is {policy, edits, trouble}; A is pinned, B is being changed.
let shop = null, answer = null, view = "time";
const state = {id: null, sides: {A: null, B: null}, shown: "B", n: 20, seed: 1, part: null};
const past = [];
const pageId = Array.from(crypto.getRandomValues(new Uint32Array(3)), n => n.toString(36)).join("");
const copyOf = plain => JSON.parse(JSON.stringify(plain));
const now = () => state.sides[state.shown];
const emptySide = policy => ({policy, edits: {}, trouble: []});
const kept = () => copyOf({sides: state.sides, shown: state.shown, n: state.n, seed: state.seed, part: state.part});

let lastTurned = null;
/** Remembers what is there before a change, so that it can be undone; turning one control again and again is one change. */
function remember(turning = null) {
  const again = turning !== null && turning === lastTurned;
  lastTurned = turning;
  if (again) return;
  const before = JSON.stringify(kept());
  if (past[past.length - 1] !== before) past.push(before);
  if (past.length > 100) past.shift();
}
function goBack() {
  if (!past.length) return;
  lastTurned = null;
  Object.assign(state, JSON.parse(past.pop()));
  redraw(); ask();
}

// --------------------------------------------------------------------------------------------------------------- link
const toLink = plain => btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(plain)))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
function fromLink(text) {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), c => c.charCodeAt(0));
    const found = JSON.parse(new TextDecoder().decode(bytes));
    return typeof found === "object" && found !== null && found.sides ? found : null;
  } catch { return null; }
}
/** The address that reopens the page as it is; a dropped file that is short travels in it. */
function writeLink() {
  if (!shop) return;
  const plain = {id: state.id, view, ...kept()};
  if (shop.text && shop.text.length < 8000) plain.text = shop.text;
  history.replaceState(null, "", "#" + toLink(plain));
}

// ------------------------------------------------------------------------------------------------------------- server
async function post(name, more = {}, options = {}) {
  const body = JSON.stringify({page: pageId, ...more});
  const found = await fetch("/api/" + name, {method: "POST", headers: {"content-type": "application/json"}, body, ...options});
  if (!found.ok) {
    const plain = await found.json().catch(() => ({}));
    throw Object.assign(new Error(plain.error ?? say("lab.failed")), plain);
  }
  return found;
}
const question = (more = {}) => ({id: state.id, a: state.sides.A, b: state.sides.B, replications: state.n, seed: state.seed, ...(state.part ? {part: state.part} : {}), ...more});
/** The question about what is shown alone. */
const questionShown = (more = {}) => ({...question(more), a: null, b: now()});
const inform = async (name, more) => (await post(name, more)).json();
/** Calls with each message of a stream; `signal` stops it. */
async function listen(name, more, call, signal) {
  const found = await post(name, more, {signal}), reader = found.body.getReader(), decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const {done, value: bytes} = await reader.read();
    if (done) return;
    rest += decoder.decode(bytes, {stream: true});
    const parts = rest.split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const message = JSON.parse(part.replace(/^data: /, ""));
      if (message.error) throw new Error(message.error);
      call(message);
    }
  }
}
const stopped = error => error.name === "AbortError" || error.superseded;
function tellWrong(text) { $("wrong").textContent = text ?? ""; $("wrong").hidden = !text; }

let asking = null;
/** Asks for the numbers of both sides; a question before it is given up. */
async function ask() {
  asking?.abort();
  const mine = asking = new AbortController();
  unsettle(); writeLink();
  try {
    await listen("play", question(), message => { if (mine === asking) { tellWrong(); take(message); } }, mine.signal);
  } catch (error) {
    if (mine === asking && !stopped(error)) { tellWrong(error instanceof TypeError ? say("common.connection-lost") : error.message); }
  }
}
/** Takes numbers from the server and shows them. */
function take(message) {
  answer = {...(answer ?? {}), ...message, levels: {...(answer?.levels ?? {}), ...(message.levels ?? {})}};
  if (!state.sides.A) delete answer.levels.A;
  showNumbers(); showView(message.done || message.levels !== undefined);
}
