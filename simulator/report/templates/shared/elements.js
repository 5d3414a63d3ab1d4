// Elements of a page. Every text is set as text, never read as markup.
const SVG = "http://www.w3.org/2000/svg";
const $ = id => document.getElementById(id);
const readData = () => JSON.parse($("data").textContent);
/** An element: `element("p.soft", text, parent)` has the class soft. */
function element(what, text, parent) {
  const [tag, ...names] = what.split("."), made = document.createElement(tag);
  if (text !== undefined && text !== null) made.textContent = text;
  if (names.length) made.className = names.join(" ");
  if (parent) parent.append(made);
  return made;
}
function drawn(tag, attributes, tooltip) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (tooltip) { const title = document.createElementNS(SVG, "title"); title.textContent = tooltip; made.append(title); }
  return made;
}
const stillness = matchMedia("(prefers-reduced-motion: reduce)");
const darkness = matchMedia("(prefers-color-scheme: dark)");
/** The colours of the page by name, as they are now. */
function pageColours() {
  const style = getComputedStyle(document.documentElement), names = ["paper", "ink", "soft", "line", "accent", "second", "good", "bad", "tint"];
  return Object.fromEntries(names.map(name => [name, style.getPropertyValue("--" + name).trim()]));
}
/** Calls after the width of the window has changed; a phone's height changes when its bars come and go. */
function onWidth(call) {
  let width = innerWidth;
  addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; call(); } });
}
