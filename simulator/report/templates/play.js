// include: elements, formats, chart
const data = readData();
const CARDS = 8; // KPIs that are seen at once; the others unfold
const [MEAN, LOW, HIGH, VALUE, INTERVAL] = [0, 1, 2, 3, 4]; // of an option's KPI
const byOption = new Map(data.options.map(option => [option.point + " " + option.policy, option]));
const byPlace = new Map(data.points.map((point, k) => [point.at.join(), k])); // of a grid
const state = {wanted: [], point: 0, policy: data.policies[0], pinned: null};

// ------------------------------------------------------------------------------------------------------------ small aids
const option = (point = state.point, policy = state.policy) => byOption.get(data.points[point].number + " " + policy);
const withUnit = kpi => kpi.unit ? `${kpi.name} (${kpi.unit})` : kpi.name;
const places = texts => data.factors.map((f, k) => `${f.name} ${texts[k]}`).join(", ");
function called(point, policy) {
  return places(data.points[point].texts) + (data.policies.length > 1 ? `; policy ${policy}` : "");
}

// -------------------------------------------------------------------------------------------------------- what is varied
/** Where a point lies along a key, as a number: itself, or the place among its levels. */
function along(k, point) {
  const f = data.factors[k], at = data.points[point].at[k];
  return f.levels ? f.levels[at].at ?? at : at;
}
const isText = f => f.levels !== undefined && (f.levels[0].at === null || f.levels.length === 1);
function ends(k) {
  const f = data.factors[k];
  const values = f.levels ? f.levels.map((level, place) => level.at ?? place) : [f.low, f.high];
  return [Math.min(...values), Math.max(...values)];
}
/** The point of the sliders: in a grid the one that lies there, in other designs the nearest that was played. */
function pointAt(wanted) {
  if (data.grid) return byPlace.get(wanted.join());
  let best = 0, least = Infinity;
  data.points.forEach((point, number) => {
    if (point.problem) return;
    let distance = 0;
    data.factors.forEach((f, k) => {
      if (isText(f)) { distance += wanted[k] === point.at[k] ? 0 : 1e6; return; }
      const [low, high] = ends(k);
      distance += ((wanted[k] - along(k, number)) / (high - low || 1)) ** 2;
    });
    if (distance < least) [best, least] = [number, distance];
  });
  return best;
}
const wantedOf = point => data.factors.map((f, k) => data.grid || isText(f) ? data.points[point].at[k] : along(k, point));

function choice(box, name, text, checked, chosen) {
  const label = element("label.choice"), input = element("input");
  input.type = "radio"; input.name = name; input.value = text; input.checked = checked;
  input.addEventListener("change", chosen);
  label.append(input, text);
  box.append(label);
  return input;
}
/** One control for every key; each has a `show` that sets it to what is wanted. */
const controls = data.factors.map((f, k) => {
  const move = to => { state.wanted[k] = to; state.point = pointAt(state.wanted); show(); };
  if (isText(f)) {
    const box = element("fieldset"), row = element("div.row");
    box.append(element("legend", f.name), row);
    if (f.path && f.path !== f.name) row.before(element("p.path.soft", f.path));
    const inputs = f.levels.map((level, place) => choice(row, "key" + k, level.text, false, () => move(place)));
    $("keys").append(box);
    return {show: () => inputs.forEach((input, place) => { input.checked = place === state.wanted[k]; })};
  }
  const box = element("div.key"), head = element("div.head");
  const label = element("label", f.name), output = element("output"), slider = element("input");
  slider.type = "range"; slider.id = "slider" + k; label.htmlFor = slider.id; output.htmlFor = slider.id;
  if (data.grid) { slider.min = 0; slider.max = f.levels.length - 1; slider.step = 1; }
  else { [slider.min, slider.max] = ends(k); slider.step = f.whole ? 1 : "any"; }
  slider.addEventListener("input", () => move(Number(slider.value)));
  head.append(label, output);
  box.append(head, slider);
  if (f.path && f.path !== f.name) box.append(element("p.path.soft", f.path));
  $("keys").append(box);
  return {show() {
    slider.value = state.wanted[k];
    const shown = data.points[state.point].texts[k];
    const asked = near(state.wanted[k]) + (f.unit ? " " + f.unit : "");
    const same = data.grid || Math.abs(state.wanted[k] - along(k, state.point)) <= 1e-6 * (slider.max - slider.min);
    output.textContent = same ? shown : `${asked} → ${shown}`;
    slider.setAttribute("aria-valuetext", same ? shown : `${asked}, shown is ${shown}`);
  }};
});
const policies = data.policies.map(name => choice($("policies"), "policy", name, false, () => { state.policy = name; show(); }));
$("policy-row").hidden = data.policies.length < 2;

// ------------------------------------------------------------------------------------------------------------------ KPIs
/** Mean difference of a KPI, this option minus the pinned one, replication by replication, where both used the same random numbers. */
function difference(k, a, b) {
  const pairs = a.values[k].map((value, n) => [value, b.values[k][n]]).filter(([x, y]) => x !== null && y !== null);
  const gaps = pairs.map(([x, y]) => x - y), n = gaps.length;
  if (n < 2) return {n};
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / n;
  if (gaps.every(gap => gap === gaps[0])) return {n, mean: gaps[0], half: 0};
  const square = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / (n - 1);
  return {n, mean, half: data.t[n - 2] * Math.sqrt(square / n)};
}
/** What is said of a difference: words before it, the number, words after it, and its tone. */
function moved(kpi, k, a, b) {
  if (a === b) return ["pinned here", "", "", "soft"];
  if (!data.t.length) return ["", "", "", ""];
  const d = difference(k, a, b);
  if (d.n < 2) return ["too few replications have a value", "", "", "soft"];
  if (d.half === 0 && d.mean === 0) return ["the same in every replication", "", "", "soft"];
  const half = d.half * kpi.factor, size = half ? decimals(half, 2) : decimals(d.mean * kpi.factor, 4);
  const some = d.n < data.replications ? `, in ${d.n} of ${data.replications} replications` : "";
  const number = `${written(d.mean * kpi.factor, size, true)} ± ${written(half, size)} ${kpi.of_difference}`.trim();
  if (Math.abs(d.mean) <= d.half) return ["no difference found ", `(${number})`, some, "soft"];
  if (kpi.better === "neither") return ["", number, some, ""];
  const tone = (d.mean > 0) === (kpi.better === "higher") ? "better" : "worse";
  return ["", number, `${some}, ${tone}`, tone];
}
const cards = data.kpis.map((kpi, k) => {
  const card = element("article.card.kpi"), head = element("h3", kpi.name);
  const value = element("p.value"), sure = element("p.sure.soft"), gap = element("p.moved");
  card.title = `${kpi.key}: ${kpi.meaning}`; card.dataset.kpi = kpi.key;
  card.append(head, value, sure, gap);
  $(k < CARDS ? "first" : "rest").append(card);
  return {show() {
    const now = option(), was = option(...state.pinned);
    value.textContent = ""; sure.textContent = ""; gap.textContent = ""; gap.className = "moved";
    if (!now) { value.append(element("b", "–")); return; }
    const found = now.kpis[k];
    value.append(element("b", found[VALUE]), found[MEAN] === null || !kpi.unit ? "" : " " + kpi.unit);
    sure.textContent = found[INTERVAL];
    if (!was) return;
    const [before, number, after, tone] = moved(kpi, k, now, was);
    gap.append(before, element("span", number), after); gap.className = "moved " + tone;
  }};
});
$("more").hidden = data.kpis.length <= CARDS;
$("more").querySelector("summary").textContent = `${data.kpis.length - CARDS} more KPIs`;
$("judged").textContent = `Below each value is its ${data.confidence} % interval. ` + (data.t.length
  ? `The last line is the difference to the pinned point, paired by replication, with its interval. Each KPI is tested on its own: even without any real difference, about one in ${Math.round(100 / (100 - data.confidence))} is found by chance.`
  : data.replications < 2 ? "One replication has no interval, so differences cannot be judged."
  : "The sweep is too large for this page to hold every replication, so differences are not judged here.");

// ---------------------------------------------------------------------------------------------------------------- charts
/** The ends of a KPI's axis: those of all options, so that it does not move with the sliders. */
function reach(k) {
  const known = data.options.map(o => o.kpis[k]).filter(e => e[MEAN] !== null), factor = data.kpis[k].factor;
  if (!known.length) return [0, 1];
  return margins(Math.min(...known.map(e => e[LOW] ?? e[MEAN])) * factor, Math.max(...known.map(e => e[HIGH] ?? e[MEAN])) * factor);
}
const kpiAxis = (k, most = 6) => { const reached = reach(k); return {ends: reached, ticks: steps(...reached, most), title: withUnit(data.kpis[k])}; };
const isPinned = found => found === option(...state.pinned);
function go(found) {
  state.point = data.points.findIndex(point => point.number === found.point);
  state.policy = found.policy; state.wanted = wantedOf(state.point);
  show();
}
function pointText(found, ...kpis) {
  const point = data.points.findIndex(p => p.number === found.point);
  return [called(point, found.policy), ...kpis.map(k => `${data.kpis[k].name} ${found.kpis[k][VALUE]} ${data.kpis[k].unit} ${found.kpis[k][INTERVAL]}`)].join("; ");
}
/** A KPI over a key. In a grid the other keys stand where their sliders are; otherwise every point is there. */
function drawAlong() {
  const k = Number($("kpi").value), key = Number($("over").value), f = data.factors[key], kpi = data.kpis[k];
  const texts = f.levels && f.levels[0].at === null;
  const axis = {ends: texts ? [-.5, f.levels.length - .5] : margins(...ends(key), .04), title: f.name + (f.unit ? ` (${f.unit})` : "")};
  axis.cut = texts;
  axis.ticks = f.levels ? f.levels.map((level, place) => [level.at ?? place, level.text]) : steps(...axis.ends, 7);
  const picture = frame($("along"), axis, kpiAxis(k));
  const there = data.points.map((_, number) => number).filter(number => !data.points[number].problem &&
    (!data.grid || data.points[number].at.every((at, other) => other === key || at === state.wanted[other])));
  there.sort((a, b) => along(key, a) - along(key, b));
  const all = [...data.policies].sort((a, b) => (a === state.policy) - (b === state.policy)); // the chosen one on top
  const spots = [];
  for (const policy of data.grid ? all : [state.policy]) {
    const mine = policy === state.policy;
    const row = there.map(number => [option(number, policy), along(key, number)]).filter(([o]) => o.kpis[k][MEAN] !== null);
    const group = series(picture, 0);
    if (data.grid) line(group, row.map(([o, x]) => picture.at(x, o.kpis[k][MEAN] * kpi.factor)), mine ? "ln" : "other dash");
    for (const [o, x] of row) {
      const e = o.kpis[k], [px, py] = picture.at(x, e[MEAN] * kpi.factor);
      if (mine && e[LOW] !== null) {
        const [high, low] = [e[HIGH], e[LOW]].map(end => picture.at(x, end * kpi.factor)[1]);
        upright(group, px, low, high, data.grid ? "er" : "er faint");
      }
      dot(group, px, py, mine ? 4.5 : 3, mine ? "dt" : "other");
      if (o === option()) dot(group, px, py, 9, "now");
      spots.push([px, py, o]);
    }
  }
  clickable(picture, spots, o => pointText(o, k), go);
  picture.svg.setAttribute("aria-label", `${kpi.name} over ${f.name}`);
  const others = data.factors.map((other, n) => n === key ? "" : `${other.name} ${data.points[state.point].texts[n]}`).filter(Boolean);
  const notes = ["Bars: intervals. Ring: this point."];
  if (data.grid && others.length) notes.unshift(`With ${others.join(", ")}.`);
  if (!data.grid && others.length) notes.unshift("All points; the other keys vary from point to point as well.");
  if (data.grid && data.policies.length > 1) notes.push(`Solid: ${state.policy}; dashed: ${data.policies.filter(p => p !== state.policy).join(", ")}.`);
  $("along-note").textContent = notes.join(" ");
}
/** Two KPIs of every point, those on the frontier as stars. */
function drawAgainst() {
  const up = Number($("up").value), across = Number($("across").value), [x, y] = [data.kpis[across], data.kpis[up]];
  const picture = frame($("against"), kpiAxis(across, 5), kpiAxis(up)), group = series(picture, 0);
  const spots = [], known = o => o && o.kpis[across][MEAN] !== null && o.kpis[up][MEAN] !== null;
  const at = o => picture.at(o.kpis[across][MEAN] * x.factor, o.kpis[up][MEAN] * y.factor);
  const now = option();
  if (known(now)) {
    const [px, py] = at(now), [a, b] = [now.kpis[across], now.kpis[up]];
    if (a[LOW] !== null) { const [l, h] = [a[LOW], a[HIGH]].map(v => picture.at(v * x.factor, 0)[0]); sideways(group, py, l, h, "whisker"); }
    if (b[LOW] !== null) { const [l, h] = [b[LOW], b[HIGH]].map(v => picture.at(0, v * y.factor)[1]); upright(group, px, l, h, "whisker"); }
  }
  const height = o => (o === now) * 4 + (o.place === "frontier") * 2 + (o.policy === state.policy); // what nothing may cover
  const radius = data.options.length > 300 ? 2.5 : 4;
  for (const o of data.options.filter(known).sort((a, b) => height(a) - height(b))) {
    const [px, py] = at(o), look = o.policy === state.policy ? "dt" : "other";
    group.append(o.place === "frontier" ? drawn("path", {class: look, d: star(px, py, 8)}) : drawn("circle", {class: look, cx: px, cy: py, r: radius}));
    if (isPinned(o)) group.append(drawn("rect", {class: "was", x: px - 10, y: py - 10, width: 20, height: 20}));
    if (o === now) dot(group, px, py, 11, "now");
    spots.push([px, py, o]);
  }
  clickable(picture, spots, o => pointText(o, across, up), go);
  picture.svg.setAttribute("aria-label", `${y.name} against ${x.name} for all points`);
}
function legend() {
  const entry = (mark, text) => { const found = element("span"), svg = drawn("svg", {viewBox: "0 0 18 18", "aria-hidden": "true"}); const group = drawn("g", {class: "p0"}); group.append(mark); svg.append(group); found.append(svg, text); return found; };
  const box = element("span.chart.legend");
  box.append(entry(drawn("circle", {class: "now", cx: 9, cy: 9, r: 6}), "this point with its intervals"), entry(drawn("rect", {class: "was", x: 2, y: 2, width: 14, height: 14}), "pinned"));
  if (data.options.some(o => o.place === "frontier")) box.append(entry(drawn("path", {class: "dt", d: star(9, 9, 8)}), `no other option is better in ${data.against.map(key => data.kpis.find(kpi => kpi.key === key).name.toLowerCase()).join(" and ")}`));
  if (data.policies.length > 1) box.append(entry(drawn("circle", {class: "other", cx: 9, cy: 9, r: 4}), "another policy"));
  $("against-note").replaceChildren(box);
}
function menu(id, texts, chosen, draw) {
  texts.forEach((text, k) => { const found = element("option", text); found.value = k; $(id).append(found); });
  $(id).value = chosen;
  $(id).addEventListener("change", draw);
}
const rank = key => Math.max(data.kpis.findIndex(kpi => kpi.key === key), 0);
menu("kpi", data.kpis.map(kpi => kpi.name), rank(data.against[0]), () => drawAlong());
menu("over", data.factors.map(f => f.name), 0, () => drawAlong());
menu("up", data.kpis.map(kpi => kpi.name), rank(data.against[0]), () => drawAgainst());
menu("across", data.kpis.map(kpi => kpi.name), rank(data.against[1]), () => drawAgainst());

// -------------------------------------------------------------------------------------------------------------- the page
function show() {
  const point = data.points[state.point];
  for (const control of controls) control.show();
  policies.forEach((input, k) => { input.checked = data.policies[k] === state.policy; });
  for (const card of cards) card.show();
  const exact = data.grid || wantedOf(state.point).every((at, k) => isText(data.factors[k]) ? at === state.wanted[k] : Math.abs(at - state.wanted[k]) < 1e-9 * Math.max(1, Math.abs(at)));
  $("where").textContent = point.problem ? `This point is not a valid scenario and was not run: ${point.problem}`
    : exact ? `Point ${point.number} of the sweep.`
    : `No point was run exactly there. Showing the nearest of ${written(data.points.length, 0)} points, number ${point.number}: ${places(point.texts)}.`;
  $("where").className = point.problem ? "wrong" : "";
  const here = state.pinned[0] === state.point && state.pinned[1] === state.policy;
  $("pinned").textContent = "Pinned: " + called(...state.pinned);
  $("pin").disabled = here || Boolean(point.problem);
  $("back").disabled = here && exact;
  $("line").textContent = [data.command, `--policy ${data.quoted[state.policy]}`, point.set, `--replications ${data.replications} --seed ${data.seed}`].join(" ");
  $("copied").textContent = "";
  drawAlong(); drawAgainst();
}
$("title").textContent = data.title;
$("about").textContent = `${written(data.points.length, 0)} points (${data.design}), ${data.replications} replication${data.replications === 1 ? "" : "s"} each, seed ${data.seed}; all points use the same random numbers.`;
$("pin").addEventListener("click", () => { state.pinned = [state.point, state.policy]; show(); });
$("back").addEventListener("click", () => { [state.point, state.policy] = state.pinned; state.wanted = wantedOf(state.point); show(); });
$("sliders").addEventListener("submit", event => event.preventDefault());
$("copy").addEventListener("click", async () => {
  try { await navigator.clipboard.writeText($("line").textContent); $("copied").textContent = "Copied."; }
  catch { getSelection().selectAllChildren($("line")); $("copied").textContent = "Selected: copy it with Ctrl + C."; }
});
state.point = Math.max(data.points.findIndex(point => !point.problem), 0);
state.wanted = wantedOf(state.point);
state.pinned = [state.point, state.policy];
legend();
show();
onWidth(() => { drawAlong(); drawAgainst(); });
