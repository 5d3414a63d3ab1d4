// include: server, lines, views
const address = /^\/([A-Za-z]{4})$/.exec(location.pathname);
let code = address ? address[1].toUpperCase() : "", lobby = null, view = null, stop = null, asked = 0, chosen = {}, soon = false;
const api = what => `/api/rooms/${code}/${what}`;
const setTime = countdown(left => {
  $("time").textContent = left === null ? "" : clockText(left);
  $("left").hidden = left === null || !view?.timer;
  if (left !== null && view?.timer) $("left").value = Math.min(left / view.timer, 1);
  const near = left !== null && left <= 10 && view?.phase === "playing" && !view.decided;
  $("time").classList.toggle("soon", near);
  if (near && !soon && left > 0) $("state").textContent = say("class.ten-seconds");
  soon = near;
});

// ------------------------------------------------------------------------------------------------------------- joining
function refuse(id, error) { $(id).hidden = !error; $(id).textContent = error ? error.message : ""; }
function showJoin() {
  $("join").hidden = false; $("game").hidden = true; view = null;
  if (stop) { stop(); stop = null; }
  $("broken").hidden = true;
  $("code").value = code;
  $("about").textContent = "";
  $(code ? "name" : "code").focus();
  seatsFree();
}
/** The seats that are free, once the code is complete. */
async function seatsFree() {
  lobby = null;
  if (code.length === 4) try { lobby = await ask(`/api/rooms/${code}`); refuse("refused"); } catch (error) { refuse("refused", error); }
  if (lobby?.seated) return enter();
  $("choose").hidden = !lobby;
  if (!lobby) return;
  $("title").textContent = say(lobby.title);
  const options = (select, entries) => fillSelect(select, [["", say("class.any")], ...entries]);
  options($("team"), lobby.teams.filter(team => team.free.length).map(team => [team.name, say("class.team-free", {team: team.name, n: team.free.length})]));
  const free = new Set(lobby.teams.filter(team => !$("team").value || team.name === $("team").value).flatMap(team => team.free));
  options($("role"), lobby.roles.filter(role => free.has(role.name)).map(role => [role.name, say(role.title)]));
}
$("code").addEventListener("input", () => { code = $("code").value.toUpperCase().replace(/[^A-Z]/g, ""); if (code.length === 4) seatsFree(); });
$("team").addEventListener("change", seatsFree);
$("join").addEventListener("submit", async event => {
  event.preventDefault();
  try {
    await ask(api("join"), {name: $("name").value, team: $("team").value, role: $("role").value});
    refuse("refused");
    enter();
  } catch (error) { refuse("refused", error); }
});
$("leave").addEventListener("click", async () => {
  if (!confirm(say("class.leave-sure"))) return;
  try { await ask(api("leave"), {}); } catch { /* the seat is another's already */ }
  showJoin();
});
function enter() {
  history.replaceState(null, "", "/" + code);
  $("join").hidden = true; $("game").hidden = false;
  if (stop) stop();
  stop = listen(api("events"), heard, (lost, refused) => { $("broken").hidden = !lost; if (refused) look(); });
  look();
}

// ------------------------------------------------------------------------------------------------------------- the game
async function look() {
  const mine = ++asked;
  try {
    const found = await ask(api("view"));
    if (mine === asked) take(found);
  } catch (error) {
    if (error.status === 403 || error.status === 404) showJoin(); else if (error.status) refuse("wrong", error);
  }
}
/** Something has changed: who has decided is in the message, the rest is asked for when the round or the phase is new. */
function heard(message) {
  if (message.gone) { showJoin(); return; }
  if (view && message.round === view.round && message.phase === view.phase) {
    Object.assign(view, {mates: message.mates, left: message.left, timer: message.timer, announced: message.announced, done: message.done, players: message.players});
    setTime(view.left, view.phase === "playing");
    showMates(); showNews();
    return;
  }
  look();
}
function take(found) {
  const before = view;
  view = found;
  if (!before || before.round !== view.round || before.role !== view.role || before.phase !== view.phase) buildFields();
  if (before?.phase !== view.phase) $("rules").closest("details").open = view.phase === "lobby"; // who waits can read them
  show();
  if (before && before.round !== view.round) scrollTo(0, 0); // what came of the decision stands above
}
function show() {
  if (!view) { translateJoin(); return; }
  document.title = `${say(view.title)} · ${say("class.round-short", {round: view.round})}`;
  $("title").textContent = say(view.title);
  $("about").textContent = say("class.you", {name: view.name, role: roleTitle(view.role), team: view.team});
  $("round").textContent = view.phase === "lobby" ? say("class.lobby") : view.phase === "ended" ? say("class.ended") : say("class.round", {round: view.round, rounds: view.rounds});
  setTime(view.phase === "playing" || view.phase === "paused" ? view.left : null, view.phase === "playing");
  $("happened").replaceChildren();
  for (const message of view.phase === "lobby" ? [] : view.messages ?? []) element("li", said(message), $("happened"));
  $("happened-card").hidden = !$("happened").childElementCount;
  showNow(); showWhy(); showItems(); showPipeline(); showDecision(); showChart(); showChain(); showPast(); showMates(); showNews();
  $("rules").textContent = say(view.title + ".help");
  $("rules-role").textContent = `${roleTitle(view.role)}: ${say(view.fields_help ?? roleKey(view.role) + ".help")}`;
  $("debrief").hidden = view.phase !== "ended";
  $("debrief").href = "/debrief/" + code;
}
const roleKey = role => view.roles?.find(one => one.name === role)?.title ?? role;
const roleTitle = role => say(roleKey(role));
function showNews() { $("news").hidden = !view.announced; $("news").textContent = view.announced ? say("class.teacher-says", {text: view.announced}) : ""; }
/** What the sentences of "What came of it" and the table tell already. */
const TOLD = new Set(["week", "month", "order_in", "received", "shipped", "bullwhip", "cost"]);
/** What a role looks at first, where it sees more than fits on a phone; the table holds the rest. */
const TILES = {
  buyer: ["on_hand", "backlog", "on_order", "demand", "cash", "score"],
  storefront: ["on_hand", "backlog", "on_order", "refused", "trust", "score"],
  promiser: ["backlog", "overdue", "kept", "broken", "trust", "score"],
  warehouse: ["on_hand", "backlog", "overdue", "sent", "trust", "score"],
};
function showNow() {
  $("now").replaceChildren();
  const names = (TILES[view.role] ?? Object.keys(view.now).filter(name => !TOLD.has(name))).filter(name => name in view.now && isKnown("see." + name));
  for (const name of names) {
    const value = view.now[name];
    const tile = element("div", undefined, $("now"));
    element("dt", say("see." + name), tile);
    element("dd", shownNumber(value), tile);
    if (["backlog", "overdue"].includes(name) && value > 0) tile.className = "warn";
  }
}
function showMates() {
  $("mates").replaceChildren();
  for (const [role, mate] of Object.entries(view.mates)) {
    const entry = element("li", undefined, $("mates"));
    element("b", roleTitle(role), entry);
    entry.append(`: ${playerOf(mate)} `);
    if (mate.name && ["playing", "paused"].includes(view.phase)) element(mate.decided ? "span.good" : "span.soft", mate.decided ? say("class.has-decided") : say("class.thinks"), entry);
  }
  const waiting = (view.players ?? 0) - (view.done ?? 0);
  if (view.phase === "lobby") $("state").textContent = say("class.lobby-wait");
  else if (view.phase === "paused") $("state").textContent = say("class.paused");
  else if (view.phase === "ended") $("state").textContent = say("class.ended-wait");
  else if (view.decided && view.players) $("state").textContent = say("class.waiting-for", {n: waiting});
  else if (!soon) $("state").textContent = "";
}

// --------------------------------------------------------------------------------------------------------- the decision
function buildFields() {
  $("fields").replaceChildren();
  const helped = new Set(); // fields of the same kind share an explanation
  $("fields").className = view.fields.length > 6 ? "many" : "";
  for (const field of view.fields) {
    const value = view.decided?.[field.name] ?? chosen[field.name] ?? field.default, help = isKnown(field.label + ".help") ? say(field.label + ".help") : "";
    const id = "field-" + field.name, label = say(field.label) + (field.unit ? ` (${say(field.unit)})` : "");
    const box = element("div.field", undefined, $("fields"));
    if (field.kind === "choice") {
      const set = element("fieldset", undefined, box);
      element("legend", label, set);
      for (const choice of field.choices) {
        const entry = element("label.choice", undefined, set), input = element("input", undefined, entry);
        input.type = "radio"; input.name = id; input.value = choice; input.checked = choice === value;
        entry.append(say(`${field.label}.${choice}`));
      }
    } else {
      element("label", label, box).htmlFor = id;
      const stepper = element("div.stepper", undefined, box), input = element("input");
      const button = (text, key, by) => {
        const made = element("button", text, stepper);
        made.type = "button"; made.setAttribute("aria-label", say(key, {field: say(field.label)}));
        made.addEventListener("click", () => { input.value = Math.min(Math.max((parseInt(input.value, 10) || 0) + by, field.low), field.high); });
      };
      button("−", "class.less", -1);
      stepper.append(input);
      button("+", "class.more", 1);
      Object.assign(input, {type: "number", id, inputMode: "numeric", min: field.low, max: field.high, step: 1, required: true, value});
    }
    if (help && !helped.has(help)) element("p.help", help, box);
    helped.add(help);
  }
}
function values() {
  return Object.fromEntries(view.fields.map(field => {
    if (field.kind === "choice") return [field.name, document.querySelector(`input[name="field-${field.name}"]:checked`)?.value ?? field.default];
    return [field.name, Number($("field-" + field.name).value)];
  }));
}
function showDecision() {
  const open = ["playing", "paused"].includes(view.phase);
  $("decision").hidden = !open && view.phase !== "lobby";
  const done = Boolean(view.decided);
  $("decision").classList.toggle("done", done);
  $("timeout").hidden = done || !view.timer;
  for (const input of $("decision").querySelectorAll("input, button")) input.disabled = done || !open;
  $("decided").textContent = done ? say("class.you-decided", {what: decidedText()}) : "";
  refuse("wrong");
}
const decidedText = () => view.fields.map(field => `${say(field.label)} ${field.kind === "choice" ? say(`${field.label}.${view.decided[field.name]}`) : inText(view.decided[field.name])}`).join(", ");
$("decision").addEventListener("submit", async event => {
  event.preventDefault();
  const round = view.round, decision = values();
  $("decide").disabled = true;
  try {
    const found = await ask(api("decide"), {round, values: decision});
    chosen = decision; asked++;
    take(found);
  } catch (error) {
    if (error.status) await look(); else $("decide").disabled = false;
    refuse("wrong", error);
  }
});

// ------------------------------------------------------------------------------------------------------------- the past
const CHARTED = ["on_hand", "backlog", "ordered", "order_in", "demand"], MONEY = ["score", "cash", "earned"];
function periodsOf(names) {
  const length = Math.max(0, ...names.map(name => view.history[name].length));
  return view.history.week ?? Array.from({length}, (_, k) => k + 1);
}
function showChart() {
  const draw = (box, wanted, title, height) => {
    const names = wanted.filter(name => Array.isArray(view.history[name]) && view.history[name].length > 1);
    if (!names.length) { box.replaceChildren(); return false; }
    drawLines(box, {title: say(title), xTitle: say("chart.period"), x: periodsOf(names), label: value => say("chart.at", {round: value}), series: names.map((name, place) => ({name: say("see." + name), place, values: view.history[name]})), height});
    return true;
  };
  $("chart-card").hidden = false; // its width is measured
  const units = draw($("chart"), CHARTED, "chart.units", 210), money = draw($("chart-money"), MONEY, "chart.money", 180);
  $("chart-card").hidden = !units && !money;
}
function showPast() {
  const own = Object.fromEntries(view.fields.map(field => [field.name, field]));
  const names = Object.keys(view.history).filter(name => name !== "week" && (name in own || isKnown("see." + name) || name in view.now));
  const title = name => name in own ? say(own[name].label) : labelOf(name, titlesOf(view.roles, view.title));
  const cell = (name, value) => own[name]?.kind === "choice" && value ? say(`${own[name].label}.${value}`) : shownNumber(value);
  fillTable($("past"), [say("chart.period"), ...names.map(title)], (names.length ? periodsOf(names) : []).map((period, k) => [String(period), ...names.map(name => cell(name, view.history[name][k]))]).reverse());
}
/** Numbers of single items: a row for each of them. */
function showItems() {
  const found = Object.entries(view.now).filter(([name]) => name.includes(".")).map(([name, value]) => [...name.split("."), value]);
  const heads = [...new Set(found.map(([head]) => head))], items = [...new Set(found.map(([, item]) => item))], titles = titlesOf(view.roles, view.title);
  $("items-card").hidden = !found.length;
  fillTable($("items"), [say("class.item"), ...heads.map(head => say("see." + head))], items.map(item => [partTitle(item, titles), ...heads.map(head => shownNumber(view.now[`${head}.${item}`]))]));
}
/** Why a number moved that follows from what customers experienced: a row for each cause. */
function showWhy() {
  const why = view.why;
  $("why-card").hidden = !why || view.phase === "lobby";
  if (!why) return;
  $("why-title").textContent = said(why.title);
  fillTable($("why"), [say("class.cause"), say("class.points"), say("class.shoppers"), say("class.fitters")], why.rows.map(row => [said(row), written(row.points, 1, true), String(row.shoppers), String(row.fitters)]));
  $("why-rule").textContent = said(why.rule);
}
function showPipeline() {
  const purchases = view.pipeline ?? [];
  $("pipeline-card").hidden = !purchases.length;
  $("pipeline").replaceChildren(...purchases.map(one => element(one.late ? "li.bad" : "li", say(one.late ? "class.purchase-late" : "class.purchase", {units: one.units, supplier: supplierName(one.supplier), n: one.late || one.days}))));
}
/** A supplier is named by the field of the decision that buys from it, if there is one. */
const supplierName = name => isKnown("supplier." + name) ? say("supplier." + name) : name;
function showChain() {
  $("chain-card").hidden = !view.chain;
  if (!view.chain) return;
  const names = ["on_hand", "backlog", "on_order", "order_in"].filter(name => Object.values(view.chain).some(seen => name in seen));
  fillTable($("chain"), [say("class.role"), ...names.map(name => say("see." + name))], Object.entries(view.chain).map(([role, seen]) => [roleTitle(role), ...names.map(name => shownNumber(seen[name]))]));
}

// -------------------------------------------------------------------------------------------------------------- the page
function translateJoin() { if (lobby) seatsFree(); }
addEventListener("visibilitychange", () => { if (!document.hidden && view) look(); });
onWidth(() => { if (view) showChart(); });
languageButton($("language"), () => { if (view) { buildFields(); show(); } else translateJoin(); });
if (code.length === 4) ask(`/api/rooms/${code}`).then(found => { if (found.seated) enter(); else showJoin(); }, showJoin);
else showJoin();
