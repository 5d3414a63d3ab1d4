// include: elements, formats
// Charts in SVG with the classes of the report's figures (simulator/report/drawing/style.py): axes, lines, intervals, marks.
function margins(low, high, share = 0.06) {
  const more = share * (high - low || Math.abs(high) || 1);
  return [low - more, high + more];
}
/**
 * A frame with two axes in the box; `at` says where a pair of values lies.
 * An axis has `ends`, `ticks` ([value, text]) and a `title`; `cut` shortens long texts.
 */
function frame(box, x, y, size) {
  const width = size?.width ?? Math.max(box.clientWidth, 260), height = size?.height ?? Math.round(Math.min(320, Math.max(230, width * .6)));
  const left = 14 + 7 * Math.max(...y.ticks.map(([, text]) => text.length)), right = width - 12, top = 26, bottom = height - 42;
  const svg = drawn("svg", {viewBox: `0 0 ${width} ${height}`, height, role: "img"});
  const place = (v, [low, high], from, to) => from + (v - low) / (high - low) * (to - from);
  const at = (a, b) => [place(a, x.ends, left, right), place(b, y.ends, bottom, top)];
  const text = (words, px, py, anchor) => { const found = drawn("text", {class: "tx", x: px, y: py, "text-anchor": anchor}); found.textContent = words; svg.append(found); };
  text(y.title, 2, 14, "start");
  text(x.title, right, height - 4, "end");
  for (const [value, words] of y.ticks) {
    const py = at(x.ends[0], value)[1];
    svg.append(drawn("path", {class: "gr", d: `M${left} ${py}H${right}`}));
    text(words, left - 6, py + 4, "end");
  }
  let last = -Infinity;
  const most = Math.max(Math.floor((right - left) / x.ticks.length / 7), 4); // letters beside each other
  for (const [value, whole] of x.ticks) {
    const words = whole.length > most && x.cut ? whole.slice(0, most - 1) + "…" : whole;
    const px = at(value, y.ends[0])[0], half = 3.4 * words.length, middle = Math.min(Math.max(px, half), width - half);
    svg.append(drawn("path", {class: "ax", d: `M${px} ${bottom}v5`}));
    if (middle - half > last) { text(words, middle, bottom + 19, "middle"); last = middle + half + 6; }
  }
  svg.append(drawn("path", {class: "ax", d: `M${left} ${bottom}H${right}`}));
  box.replaceChildren(svg);
  return {svg, at, left, right, top, bottom};
}
/** The group of a series, with the look of the policy at this place: colour, dashes and mark. */
const series = (picture, place) => { const group = drawn("g", {class: "s p" + place % 8}); picture.svg.append(group); return group; };
/** A line through points in paper coordinates; `stepped` holds each value until the next point. */
function line(group, points, look = "ln", stepped = false) {
  if (!points.length) return;
  const way = points.map(([x, y], k) => k === 0 ? `M${x} ${y}` : stepped ? `H${x}V${y}` : `L${x} ${y}`).join("");
  group.append(drawn("path", {class: look, d: way, fill: "none"}));
}
const upright = (group, x, low, high, look = "er") => group.append(drawn("path", {class: look, d: `M${x} ${high}V${low}`}));
const sideways = (group, y, low, high, look = "er") => group.append(drawn("path", {class: look, d: `M${low} ${y}H${high}`}));
const dot = (group, x, y, radius, look = "dt") => group.append(drawn("circle", {class: look, cx: x, cy: y, r: radius}));
function star(x, y, r) {
  const corners = Array.from({length: 10}, (_, k) => {
    const turn = Math.PI * k / 5 - Math.PI / 2, far = k % 2 ? r * .45 : r;
    return `${(x + far * Math.cos(turn)).toFixed(1)} ${(y + far * Math.sin(turn)).toFixed(1)}`;
  });
  return `M${corners.join("L")}Z`;
}
/** Marks have tooltips; a click goes to the nearest one. A spot is [x, y, what stands there]. */
function clickable(picture, spots, tooltip, go) {
  for (const [x, y, found] of spots) picture.svg.append(drawn("circle", {class: "hit", cx: x, cy: y, r: 9}, tooltip(found)));
  picture.svg.addEventListener("click", event => {
    const box = picture.svg.getBoundingClientRect(), [px, py] = [event.clientX - box.left, event.clientY - box.top];
    const far = ([x, y]) => Math.hypot(x - px, y - py);
    const nearest = spots.reduce((best, spot) => best && far(best) <= far(spot) ? best : spot, null);
    if (nearest && far(nearest) < 20) go(nearest[2]);
  });
}
