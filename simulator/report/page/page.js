// include: elements
const root = document.documentElement;
// Policies are shown and hidden in all charts at once.
const hidden = new Set();
for (const chip of document.querySelectorAll(".chip")) {
  chip.addEventListener("click", () => {
    const on = chip.getAttribute("aria-pressed") === "false";
    chip.setAttribute("aria-pressed", String(on));
    on ? hidden.delete(chip.dataset.policy) : hidden.add(chip.dataset.policy);
    root.dataset.hidden = [...hidden].join(" ");
  });
}
// Light and dark: as the system says, until the reader says otherwise.
const button = $("theme");
const dark = () => (root.dataset.theme || (darkness.matches ? "dark" : "light")) === "dark";
const label = () => { button.textContent = dark() ? "Light" : "Dark"; };
button.hidden = false;
button.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; label(); });
darkness.addEventListener("change", label);
label();
// Charts over time tell their values where they are pointed at, or by the arrow keys.
for (const data of document.querySelectorAll("figure script[type='application/json']")) {
  const figure = data.closest("figure"), chart = figure.querySelector(".chart");
  const readout = figure.querySelector(".readout"), reading = JSON.parse(data.textContent);
  let place = -1;
  const show = (k) => {
    place = Math.max(0, Math.min(reading.x.length - 1, k));
    readout.replaceChildren();
    element("b", reading.label[place], readout);
    for (const series of reading.series) {
      if (hidden.has("p" + series.p % 8)) continue;
      element("span", `${series.name} ${series.y[place]}`, readout);
    }
    for (const svg of chart.querySelectorAll("svg")) {
      const [left, right, top, bottom, low, high] = svg.dataset.frame.split(" ").map(Number);
      const x = left + (reading.x[place] - low) / (high - low) * (right - left);
      let cross = svg.querySelector(".cross");
      if (!cross) {
        cross = drawn("path", {class: "cross"});
        svg.append(cross);
      }
      cross.setAttribute("d", x < left || x > right ? "" : `M${x} ${top}V${bottom}`);
    }
  };
  const nearest = (day) => {
    let best = 0;
    reading.x.forEach((x, k) => { if (Math.abs(x - day) < Math.abs(reading.x[best] - day)) best = k; });
    return best;
  };
  chart.addEventListener("pointermove", (event) => {
    const svg = event.target.closest("svg");
    if (!svg) return;
    const [left, right, , , low, high] = svg.dataset.frame.split(" ").map(Number);
    const box = svg.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width * svg.viewBox.baseVal.width;
    show(nearest(low + (x - left) / (right - left) * (high - low)));
  });
  chart.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (!step) return;
    event.preventDefault();
    show(place + step);
  });
}
// A printed page shows everything that is folded up but the longest.
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("section:not(#scenario) > details")) folded.open = true;
});
