// include: elements
/**
 * A chart tells its values in `readout` where it is pointed at, or by the arrow keys.
 * Its SVGs have data-frame: left, right, top, bottom, and the ends of x; reading: {x, label, series: [{name, p, y}]}.
 */
function readable(chart, readout, reading, skipped = () => false) {
  let place = -1;
  const frameOf = svg => svg.dataset.frame.split(" ").map(Number);
  const show = k => {
    place = Math.max(0, Math.min(reading.x.length - 1, k));
    readout.replaceChildren();
    element("b", reading.label[place], readout);
    for (const series of reading.series) if (!skipped(series)) element("span", `${series.name} ${series.y[place]}`, readout);
    for (const svg of chart.querySelectorAll("svg")) {
      const [left, right, top, bottom, low, high] = frameOf(svg), x = left + (reading.x[place] - low) / (high - low) * (right - left);
      let cross = svg.querySelector(".cross");
      if (!cross) { cross = drawn("path", {class: "cross"}); svg.append(cross); }
      cross.setAttribute("d", x < left || x > right ? "" : `M${x} ${top}V${bottom}`);
    }
  };
  const nearest = value => reading.x.reduce((best, x, k) => Math.abs(x - value) < Math.abs(reading.x[best] - value) ? k : best, 0);
  chart.addEventListener("pointermove", event => {
    const svg = event.target.closest("svg");
    if (!svg) return;
    const [left, right, , , low, high] = frameOf(svg), box = svg.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width * svg.viewBox.baseVal.width;
    show(nearest(low + (x - left) / (right - left) * (high - low)));
  });
  chart.addEventListener("keydown", event => {
    const step = {ArrowRight: 1, ArrowLeft: -1, PageDown: 10, PageUp: -10}[event.key];
    if (!step) return;
    event.preventDefault();
    show(place + step);
  });
}
