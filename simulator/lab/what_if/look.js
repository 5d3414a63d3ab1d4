// include: turn, chart, queue
// What can be seen: levels over time with trouble, the queue, who waits.
const VIEWS = ["time", "queue", "waits", "matters", "best", "home"];
let armed = null, dragged = null, film = null, lanes = [], filmDay = 0, playing = false, lastFrame = 0, filmKey = "";
function makeTabs() {
  $("tabs").replaceChildren();
  for (const name of VIEWS) {
    const tab = element("button", say("lab.view-" + name), $("tabs"));
    tab.type = "button"; tab.id = "tab-" + name; tab.setAttribute("role", "tab"); tab.setAttribute("aria-controls", "view-" + name);
    $("view-" + name).setAttribute("aria-labelledby", tab.id);
    tab.addEventListener("click", () => choose(name));
    tab.addEventListener("keydown", event => {
      const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
      if (!step) return;
      event.preventDefault(); event.stopPropagation();
      const next = VIEWS[(VIEWS.indexOf(name) + step + VIEWS.length) % VIEWS.length];
      choose(next); $("tab-" + next).focus();
    });
  }
  choose(view);
}
function choose(name) {
  view = name;
  for (const other of VIEWS) {
    $("view-" + other).hidden = other !== name;
    $("tab-" + other).setAttribute("aria-selected", other === name); $("tab-" + other).tabIndex = other === name ? 0 : -1;
  }
  if (name !== "queue") roll(false);
  writeLink();
  if (answer) showView(true);
}
function showView(whole) {
  if (!whole && view !== "waits") return;
  if (view === "time") drawTime();
  if (view === "queue" && answer?.done) loadFilm();
  if (view === "waits") drawWaits();
  if (view === "matters" && answer?.done) findOut(false);
}

// ------------------------------------------------------------------------------------------------------------ over time
const days = () => calendar(shop.start);
let axis = null;
function drawTime() {
  axis = levelChart($("backlog"), "backlog", true);
  levelChart($("on-hand"), "on_hand", false);
}
/** A chart of a level of both sides; returns the picture and its first and last day. */
function levelChart(box, name, marks) {
  const shown = ["A", "B"].filter(side => answer.levels[side]);
  if (!shown.length) return null;
  const most = Math.max(1, ...shown.flatMap(side => answer.levels[side][name])), count = Math.max(3, Math.floor(box.clientWidth / 110));
  const ticks = steps(0, shop.horizon, count).map(([day]) => [day, shop.start ? days().short(day) : String(Math.round(day))]);
  const picture = frame(box, {ends: [0, shop.horizon], ticks, title: say(shop.start ? "lab.axis-date" : "lab.axis-day")}, {ends: [0, most * 1.05], ticks: steps(0, most, 4), title: say("lab.units")}, {width: Math.max(box.clientWidth, 260), height: box.clientWidth < 560 ? 190 : 220});
  picture.svg.setAttribute("aria-label", say("lab.chart-label", {what: say(name === "backlog" ? "lab.backlog" : "lab.on-hand"), most: Math.round(most)}));
  const shade = (from, to, look, words) => {
    const [x1] = picture.at(from, 0), [x2] = picture.at(Math.min(to, shop.horizon), 0);
    picture.svg.append(drawn("rect", {class: look, x: x1, y: picture.top, width: Math.max(x2 - x1, 2), height: picture.bottom - picture.top}, words));
  };
  if (shop.warm_up) shade(0, shop.warm_up, "wu", say("lab.warm-up"));
  for (const event of (answer.levels[state.shown] ?? answer.levels.B).happened) shade(event.from, event.to ?? event.from, "ev", event.name);
  for (const side of shown) line(series(picture, side === "A" ? 1 : 0), answer.levels[side].days.map((day, k) => picture.at(day, answer.levels[side][name][k])), "ln", true);
  if (marks) for (const trouble of now().trouble) {
    const [x] = picture.at(trouble.day, 0);
    picture.svg.append(drawn("path", {class: "here", d: `M${x} ${picture.top}V${picture.bottom}`}, troubleWords(trouble)));
  }
  return picture;
}
const troubleWords = t => say("lab.trouble-" + t.kind, {target: t.target || (t.kind === "demand" ? say("lab.every") : shop.targets[t.kind][0]), day: days().short(t.day)});
function paintTrouble() {
  $("chips").replaceChildren();
  for (const [kind, names] of Object.entries(shop.targets)) {
    const chip = element("button.chip", say("lab.chip-" + kind), $("chips"));
    chip.type = "button"; chip.disabled = !names.length; chip.draggable = !chip.disabled; chip.dataset.kind = kind;
    chip.setAttribute("aria-pressed", armed === kind);
    chip.addEventListener("click", () => arm(armed === kind ? null : kind));
    chip.addEventListener("dragstart", event => { event.dataTransfer.setData("text/x-trouble", kind); event.dataTransfer.effectAllowed = "copy"; dragged = kind; });
    chip.addEventListener("dragend", () => { dragged = null; });
  }
  $("happens").replaceChildren();
  now().trouble.forEach((trouble, k) => {
    const entry = element("li", troubleWords(trouble), $("happens")), button = element("button", "✕", entry);
    button.type = "button"; button.setAttribute("aria-label", say("lab.remove", {what: troubleWords(trouble)}));
    button.addEventListener("click", () => { remember(); now().trouble.splice(k, 1); redraw(); ask(); });
  });
}
function arm(kind) {
  armed = kind;
  for (const chip of $("chips").children) chip.setAttribute("aria-pressed", chip.dataset.kind === kind);
  $("place").hidden = !kind; $("backlog").classList.toggle("armed", Boolean(kind));
  if (!kind) return;
  $("placing").textContent = say("lab.placing", {what: say("lab.chip-" + kind)});
  $("day").max = Math.floor(shop.horizon); if (!$("day").value) $("day").value = Math.round(Math.max(shop.warm_up, shop.horizon / 3));
  $("target").replaceChildren();
  const names = shop.targets[kind];
  if (kind === "demand") $("target").append(new Option(say("lab.every"), ""));
  for (const name of names) $("target").append(new Option(name, name));
  $("target-row").hidden = names.length < 2;
}
function addTrouble(kind, day, target = "") {
  remember();
  now().trouble.push({kind, day: Math.round(Math.min(Math.max(day, 0), shop.horizon - 1)), target});
  arm(null); redraw(); ask();
}
function dayAt(event) {
  const box = axis.svg.getBoundingClientRect(), x = (event.clientX - box.left) * axis.svg.viewBox.baseVal.width / box.width;
  return (x - axis.left) / (axis.right - axis.left) * shop.horizon;
}
function listenToAxis() {
  const box = $("backlog");
  box.addEventListener("dragover", event => { if (dragged) { event.preventDefault(); box.classList.add("over"); } });
  box.addEventListener("dragleave", () => box.classList.remove("over"));
  box.addEventListener("drop", event => { event.preventDefault(); box.classList.remove("over"); const kind = dragged; dragged = null; if (kind && axis) addTrouble(kind, dayAt(event)); });
  box.addEventListener("click", event => { if (armed && axis) addTrouble(armed, dayAt(event), $("target").value); });
  $("place").addEventListener("submit", event => { event.preventDefault(); addTrouble(armed, Number($("day").value), $("target").value); });
  $("cancel").addEventListener("click", () => arm(null));
}

// ------------------------------------------------------------------------------------------------------------- queue
async function loadFilm() {
  const wanted = $("film-from").value === "" ? null : Number($("film-from").value), key = JSON.stringify([question(), wanted]);
  if (key === filmKey) { drawLanes(true); return; }
  filmKey = key;
  try {
    film = await inform("film", question({from: wanted}));
  } catch (error) { filmKey = ""; if (!stopped(error)) tellWrong(error.message); return; }
  filmDay = Math.min(Math.max(filmDay, film.from), film.to) || film.from;
  $("film-day").min = film.from; $("film-day").max = film.to; $("film-from").placeholder = Math.round(film.from);
  $("lanes").replaceChildren();
  lanes = film.lanes.map((lane, k) => {
    const box = element("section.lane", undefined, $("lanes")), head = element("h3", undefined, box), name = k ? "A" : "B";
    element("i.mark." + name.toLowerCase(), undefined, head); element("span", `${state.sides.A ? name + ": " : ""}${lane.policy}`, head);
    const counts = element("p.counts", undefined, box), canvas = element("canvas", undefined, box), happened = element("p.happened", undefined, box);
    canvas.setAttribute("role", "img"); canvas.setAttribute("aria-label", say("lab.lane-label", {policy: lane.policy}));
    const made = {...queueOf(lane, film, canvas), counts, happened, box};
    canvas.addEventListener("click", event => clickToken(made, event));
    return made;
  });
  makeLegend(); drawLanes(true);
}
function makeLegend() {
  const colours = pageColours();
  $("legend").replaceChildren();
  const add = (draw, text) => { const span = element("span", undefined, $("legend")), canvas = element("canvas", undefined, span); fit(canvas, 18, 18); draw(canvas.getContext("2d")); canvas.setAttribute("aria-hidden", "true"); span.append(text); };
  film.segments.forEach((name, k) => add(c => shape(c, k, 9, 9, 6, colours.paper, colours.ink), name));
  let from = 0;
  for (const [to, colour] of AGES) { add(c => shape(c, 0, 9, 9, 7, colour, colours.ink), to === Infinity ? say("lab.age-more", {from}) : say("lab.age", {from, to})); from = to; }
  add(c => gone(c, 9, 9, 5, colours.bad), say("lab.gone"));
}
function drawLanes(jump) {
  if (!film || $("view-queue").hidden) return;
  const scene = {film, now: filmDay, colours: pageColours(), units: say("lab.units"), columns: ["new", "waiting", "warehouse", "transit", "door"].map(name => say("lab.column-" + name))};
  for (const lane of lanes) {
    const width = Math.max(lane.box.clientWidth, 240), height = width < 560 ? 190 : 170;
    if (lane.canvas.style.height !== height + "px") lane.width = null;
    drawQueue(lane, scene, width, height, jump);
    const n = counts(lane, scene);
    lane.counts.textContent = say("lab.counts", {units: n.units, lines: n.lines, longest: written(n.longest, 1), onHand: n.onHand, onOrder: n.onOrder, lost: n.lost});
    const before = film.lanes[lanes.indexOf(lane)].happened.filter(h => h[0] <= filmDay + 1e-9), latest = before[before.length - 1];
    const what = before.findLast(h => h[1] === "receipt" && h[0] === latest[0]) ?? latest; // of one moment, the goods
    lane.happened.textContent = what ? `${days().minute(what[0])}: ${spoken(what[2])}` : "";
  }
  drawBacklog($("strip"), scene, Math.max($("strip").parentElement.clientWidth - 34, 240), 80);
  $("clock").textContent = days().clock(filmDay); $("film-day").value = filmDay; $("film-day").setAttribute("aria-valuetext", $("clock").textContent);
}
function goTo(day) { filmDay = Math.min(Math.max(day, film.from), film.to); drawLanes(stillness.matches); if (!playing) glide(); }
function glide() { if (stillness.matches) return; let n = 0; const step = () => { if (playing || n++ > 40) return; drawLanes(false); requestAnimationFrame(step); }; requestAnimationFrame(step); }
function roll(on) {
  playing = on && film !== null; lastFrame = 0;
  $("play").textContent = say(playing ? "lab.pause" : "lab.play"); $("play").setAttribute("aria-pressed", playing);
  if (playing) { if (filmDay >= film.to) filmDay = film.from; requestAnimationFrame(frameOn); }
}
function frameOn(time) {
  if (!playing) return;
  if (lastFrame) filmDay = Math.min(film.to, filmDay + Math.min(100, time - lastFrame) / 1000 * 1.5);
  lastFrame = time;
  drawLanes(false);
  if (filmDay >= film.to) roll(false); else requestAnimationFrame(frameOn);
}
const nextOf = kinds => Math.min(film.to, ...film.lanes.flatMap(lane => lane.happened.filter(h => (!kinds || kinds === h[1]) && h[0] > filmDay + 1e-6).map(h => h[0])));
function clickToken(lane, event) {
  const box = lane.canvas.getBoundingClientRect(), [x, y] = [event.clientX - box.left, event.clientY - box.top];
  let best = null, least = 14;
  for (const mark of lane.marks) { const far = Math.hypot(mark.x - x, mark.y - y); if (far < least) [best, least] = [mark, far]; }
  if (best) tellStory(best.token[ORDER]);
}

// --------------------------------------------------------------------------------------------------------- who waits
const shownAs = (kpi, number) => { const of = shop.kpis[kpi]; return number === null || number === undefined ? "–" : of?.unit === "%" ? written(number * 100, 1) + " %" : written(number, number >= 100 ? 0 : 1); };
function tableOf(box, heads, rows) {
  const table = element("table"), head = element("tr", undefined, element("thead", undefined, table)), body = element("tbody", undefined, table);
  for (const text of heads) element("th", text, head).scope = "col";
  for (const cells of rows) { const row = element("tr", undefined, body); for (const cell of cells) { const place = element("td", undefined, row); place.append(cell); } }
  box.replaceChildren(table);
}
function narrowing(kind, name) {
  const button = element("button", name), on = state.part?.kind === kind && state.part.name === name;
  button.type = "button"; button.setAttribute("aria-pressed", on); button.title = name;
  button.addEventListener("click", () => { remember(); state.part = on ? null : {kind, name}; redraw(); ask(); });
  return button;
}
function drawWaits() {
  const focused = document.activeElement?.closest("#segments, #worst") ? document.activeElement.textContent : null;
  const kpis = ["wait_mean", "wait_p95", "backlog_mean", "fill_rate", "cancellation_rate", "lost_at_checkout"], side = state.shown;
  const pair = (row, kpi) => {
    const place = element("span", shownAs(kpi, (row[side] ?? row.B)[kpi]));
    if (row.A && state.sides.A) element("small", `${side === "A" ? "B" : "A"}: ${shownAs(kpi, row[side === "A" ? "B" : "A"][kpi])}`, place);
    return place;
  };
  tableOf($("segments"), [say("lab.segment"), ...kpis.map(titleOf)], (answer.segments ?? []).map(row => [narrowing("segment", row.name), ...kpis.map(kpi => pair(row, kpi))]));
  const worst = answer.worst?.[side] ?? answer.worst?.B ?? [], most = Math.max(1, ...worst.map(row => row.backorder_days));
  tableOf($("worst"), [say("lab.item"), say("lab.unit-days"), ...["wait_mean", "backlog_mean", "fill_rate", "lost_at_checkout"].map(titleOf)], worst.map(row => {
    const amount = element("span"), meter = element("i.meter", undefined, amount);
    meter.style.width = 5 * row.backorder_days / most + "em"; amount.append(written(row.backorder_days, 0));
    return [narrowing("item", row.name), amount, ...["wait_mean", "backlog_mean", "fill_rate", "lost_at_checkout"].map(kpi => shownAs(kpi, row[kpi]))];
  }));
  if (!worst.length) $("worst").textContent = say("lab.nobody-waits");
  if (focused) [...document.querySelectorAll("#segments button, #worst button")].find(b => b.textContent === focused)?.focus();
}
