// include: elements, formats, queue
const film = readData(), days = calendar(film.start);
let now = film.from, playing = false, last = 0, colours = {};

// ------------------------------------------------------------------------------------------------------------ the page
$("title").textContent = film.title;
document.title = film.title + ": the film of the queue";
const more = film.lanes.find(lane => lane.every > 1);
$("about").textContent = `Each mark is an order line, or a part of one. Days ${film.from} to ${film.to}, seed ${film.seed}` +
  (film.replication ? `, replication ${film.replication}` : "") + "; all policies face the same customers." +
  (more ? ` There are too many to show: one order in ${more.every} is shown.` : "");
const lanes = film.lanes.map((lane, k) => {
  const card = document.createElement("section");
  card.className = "lane card" + (k ? " second" : "");
  card.innerHTML = '<header><h2><i></i><span></span></h2><div class="numbers"></div></header><canvas role="img"></canvas><div class="said"></div>';
  card.querySelector("h2 span").textContent = lane.policy;
  card.querySelector("canvas").setAttribute("aria-label", `Order lines under policy ${lane.policy}: waiting, in the warehouse and in transit`);
  $("lanes").append(card);
  return {...queueOf(lane, film, card.querySelector("canvas")), card, numbers: card.querySelector(".numbers"), said: card.querySelector(".said")};
});
const moments = [...new Set(film.lanes.flatMap(lane => lane.happened.map(h => h[0])))].sort((a, b) => a - b);
const receipts = [...new Set(film.lanes.flatMap(lane => lane.happened.filter(h => h[1] === "receipt").map(h => h[0])))].sort((a, b) => a - b);
const slider = $("time");
slider.min = film.from; slider.max = film.to; slider.value = now;

function legend() {
  const box = $("legend");
  box.textContent = "";
  const add = (draw, text) => {
    const span = document.createElement("span"), canvas = document.createElement("canvas");
    fit(canvas, 18, 18); draw(canvas.getContext("2d"));
    canvas.setAttribute("aria-hidden", "true");
    span.append(canvas, text); box.append(span);
  };
  film.segments.forEach((name, k) => add(c => shape(c, k, 9, 9, 6, colours.paper, colours.ink), name));
  let from = 0;
  for (const [to, colour] of AGES) {
    add(c => shape(c, 0, 9, 9, 7, colour, colours.ink), to === Infinity ? `${from} days or more` : `${from} to ${to} days`);
    from = to;
  }
  add(c => gone(c, 9, 9, 5, colours.bad), "cancelled or refused");
}

// ------------------------------------------------------------------------------------------------------------- drawing
function draw(lane, jump) {
  const width = lane.card.clientWidth - 26, height = lanes.length > 1 ? (width < 560 ? 180 : 165) : (width < 560 ? 220 : 300);
  drawQueue(lane, {film, now, colours}, width, height, jump);
}
const strip = () => drawBacklog($("strip"), {film, now, colours}, $("strip").parentElement.clientWidth - 34, 84);
function words() {
  $("clock").textContent = days.clock(now);
  slider.value = now;
  slider.setAttribute("aria-valuetext", $("clock").textContent);
  for (const lane of lanes) {
    const n = counts(lane, {film, now});
    const shown = {"units waiting": n.units, "lines": n.lines, "d longest wait": n.longest.toFixed(1), "on hand": n.onHand, "on order": n.onOrder, "units lost": n.lost};
    lane.numbers.replaceChildren(...Object.entries(shown).map(([name, count]) => { const entry = element("span"); element("b", count, entry); entry.append(" " + name); return entry; }));
    const before = lane.happened.filter(h => h[0] <= now + 1e-9), what = before[before.length - 1];
    lane.said.textContent = what ? `${days.minute(what[0])}: ${what[2]}` : "";
    lane.said.title = lane.said.textContent;
  }
}

// ---------------------------------------------------------------------------------------------------------- the projector
function show(jump) { lanes.forEach(lane => draw(lane, jump)); strip(); words(); }
function go(day, jump = true) { now = Math.min(Math.max(day, film.from), film.to); show(jump); if (!playing) settle(); }
function settle() { if (stillness.matches) return; let n = 0; const frame = () => { if (playing || n++ > 40) return; lanes.forEach(lane => draw(lane, false)); requestAnimationFrame(frame); }; requestAnimationFrame(frame); }
function play(on) {
  playing = on; last = 0;
  $("play").textContent = on ? "Pause" : "Play";
  $("play").setAttribute("aria-pressed", on);
  for (const lane of lanes) lane.said.setAttribute("aria-live", on ? "off" : "polite");
  if (on) { if (now >= film.to) now = film.from; requestAnimationFrame(turn); }
}
function turn(time) {
  if (!playing) return;
  if (last) now = Math.min(film.to, now + Math.min(100, time - last) / 1000 * $("speed").value);
  last = time;
  show(false);
  if (now >= film.to) play(false); else requestAnimationFrame(turn);
}
const next = list => list.find(day => day > now + 1e-6), before = list => list.filter(day => day < now - 1e-6).pop();
const acts = {
  play: () => play(!playing),
  step: () => { play(false); go(next(moments) ?? film.to, false); },
  back: () => { play(false); go(before(moments) ?? film.from, false); },
  receipt: () => { play(false); go(next(receipts) ?? film.to, false); },
};
for (const id of Object.keys(acts)) $(id).addEventListener("click", event => { if (event.detail) $(id).blur(); acts[id](); }); // after the mouse, space plays
slider.addEventListener("input", () => { play(false); go(Number(slider.value)); });
addEventListener("keydown", event => {
  if (event.target.tagName === "SELECT" || event.ctrlKey || event.metaKey || event.altKey) return;
  const keys = {" ": acts.play, ArrowRight: event.shiftKey ? () => go(now + 1) : acts.step, ArrowLeft: event.shiftKey ? () => go(now - 1) : acts.back, r: acts.receipt, Home: () => go(film.from)};
  if (!keys[event.key] || (event.key === " " && event.target.tagName === "BUTTON")) return;
  event.preventDefault(); keys[event.key]();
});
function paint() {
  colours = pageColours();
  legend(); show(true);
}
addEventListener("resize", () => show(true));
darkness.addEventListener("change", paint);
play(false);
paint();
