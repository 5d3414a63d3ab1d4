// include: texts
// Talking to the server: JSON there and back, and being told of changes.
/** The answer of the server; what it refuses is thrown as an error whose message can be shown. */
async function ask(address, body) {
  const options = body === undefined ? {} : {method: "POST", headers: {"content-type": "application/json"}, body: JSON.stringify(body)};
  let answer;
  try { answer = await fetch(address, options); } catch { throw Object.assign(new Error(say("common.connection-lost")), {status: 0}); }
  const found = (answer.headers.get("content-type") ?? "").startsWith("application/json") ? await answer.json() : {error: await answer.text()};
  if (!answer.ok) throw Object.assign(new Error(found.message ? said(found.message) : found.error), {status: answer.status, told: found.message});
  return found;
}
/**
 * Calls `heard` with every message of the server; after a break, the browser connects again by itself.
 * `broken(lost, refused)` is told when the connection is lost or back; `refused`: the server answers, but not to this.
 * Returns a way to stop.
 */
function listen(address, heard, broken = () => {}) {
  let source, waiting = 0, closed = false;
  const open = () => {
    source = new EventSource(address);
    source.onmessage = event => { const message = JSON.parse(event.data); if (message.error) return; broken(false, false); heard(message); };
    source.onerror = () => {
      if (closed) return;
      const refused = source.readyState === EventSource.CLOSED;
      if (refused) { clearTimeout(waiting); waiting = setTimeout(open, 2000); }
      broken(true, refused);
    };
  };
  open();
  return () => { closed = true; clearTimeout(waiting); source.close(); };
}
