// include: chart, reading, texts
/**
 * A chart of lines, with a legend and values that can be read by pointer and arrow keys.
 * chart: {title (of y), x: [numbers], label: x => text, xTitle, series: [{name, place, values}], height}
 */
function drawLines(box, chart) {
  const known = chart.series.filter(one => one.values.some(value => value !== null && value !== undefined));
  box.replaceChildren();
  if (!known.length || !chart.x.length) return;
  const paper = element("div.chart", undefined, box), readout = element("output.readout", undefined, box), legend = element("div.legend.soft", undefined, box);
  const all = known.flatMap(one => one.values).filter(value => typeof value === "number"), low = Math.min(0, ...all), high = Math.max(low + 1, ...all);
  const ends = chart.x.length > 1 ? [chart.x[0], chart.x[chart.x.length - 1]] : [chart.x[0] - 1, chart.x[0] + 1];
  const yEnds = [low < 0 ? low - .06 * (high - low) : low, high + .06 * (high - low)];
  const ticks = steps(...ends, paper.clientWidth < 420 ? 6 : 12).filter(([value]) => Number.isInteger(value)).map(([value]) => [value, written(value, 0)]);
  const picture = frame(paper, {ends, ticks, title: chart.xTitle}, {ends: yEnds, ticks: steps(...yEnds, 5), title: chart.title}, {width: Math.max(paper.clientWidth, 240), height: chart.height ?? 220});
  for (const one of known) {
    const group = series(picture, one.place);
    let run = [];
    one.values.forEach((value, k) => {
      if (typeof value === "number") { run.push(picture.at(chart.x[k], value)); return; }
      line(group, run, "ln"); run = [];
    });
    line(group, run, "ln");
    const dotted = one.place >= 8; // looks repeat after eight
    one.values.forEach((value, k) => { if (typeof value === "number" && (dotted || one.values.length === 1)) dot(group, ...picture.at(chart.x[k], value), 3); });
    const entry = element("span", undefined, legend), swatch = drawn("svg", {viewBox: "0 0 26 12", width: 26, height: 12, "aria-hidden": "true", class: "swatch"});
    const look = drawn("g", {class: "p" + one.place % 8});
    look.append(drawn("path", {class: "ln", d: "M1 6h24"}));
    if (dotted) dot(look, 13, 6, 3.5); swatch.append(look);
    entry.append(swatch, one.name);
  }
  picture.svg.dataset.frame = [picture.left, picture.right, picture.top, picture.bottom, ...ends].join(" ");
  const shown = value => typeof value === "number" ? inText(value) : "–";
  const last = chart.x.length - 1;
  picture.svg.setAttribute("aria-label", `${chart.title}: ${known.map(one => `${one.name} ${shown(one.values[last])}`).join(", ")}`);
  paper.tabIndex = 0;
  paper.setAttribute("role", "group");
  paper.setAttribute("aria-label", say("chart.keys", {title: chart.title}));
  readout.setAttribute("aria-live", "polite");
  readable(paper, readout, {x: chart.x, label: chart.x.map(chart.label), series: known.map(one => ({name: one.name, p: one.place, y: one.values.map(shown)}))});
}
