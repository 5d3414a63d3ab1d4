// include: elements, reading
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
// A printed page shows everything that is folded up but the longest.
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("section:not(#scenario) > details")) folded.open = true;
});
