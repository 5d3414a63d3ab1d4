// include: elements, reading, saving
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
  readable(chart, figure.querySelector(".readout"), JSON.parse(data.textContent), series => hidden.has("p" + series.p % 8));
}
// Tables and figures can be copied and saved; figures as they are shown, without the policies that are hidden.
const file = (key, ending) => `${document.body.dataset.name}-${key}.${ending}`;
for (const table of document.querySelectorAll("main table")) {
  const name = table.caption.textContent, key = table.closest("section").id + "-" + (table.dataset.number || "1");
  const flash = (button, done) => {
    const label = button.textContent;
    button.textContent = done ? "Copied" : "Not allowed";
    setTimeout(() => { button.textContent = label; }, 1500);
  };
  table.parentElement.before(tools([
    ["Copy", `Copy the table: ${name}`, async button => flash(button, await copy(asTabs(cellsOf(table))))],
    ["CSV", `Save the table as CSV: ${name}`, () => save(file(key, "csv"), asCsv(cellsOf(table)), "text/csv;charset=utf-8")],
  ]));
}
const look = JSON.parse($("figures").textContent);
for (const figure of document.querySelectorAll("main figure")) {
  const title = figure.querySelector("h3").textContent, key = figure.id.slice(2);
  const drawing = () => asFile(figure.querySelector("svg.wide") || figure.querySelector("svg.narrow"), title, look, [...hidden].map(p => `.s.${p}`));
  figure.querySelector("h3").after(tools([
    ["SVG", `Save the figure as SVG: ${title}`, () => save(file(key, "svg"), drawing(), "image/svg+xml")],
    ["PNG", `Save the figure as PNG: ${title}`, () => asPicture(drawing(), picture => save(file(key, "png"), picture))],
  ]));
}
// A printed page shows everything that is folded up but the longest.
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("section:not(#scenario) > details")) folded.open = true;
});
