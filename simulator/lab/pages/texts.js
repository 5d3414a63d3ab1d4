// include: elements, formats
// Texts of the page in its language. An element with data-text shows the text of that key; data-label names it for
// screen readers, data-hint is its tooltip, data-example the placeholder of an input.
const TEXTS = "{{texts}}";
const LANGUAGES = {en: "English", es: "Español"}, REMEMBERED = "backorder-language";
const remembered = () => { try { return localStorage.getItem(REMEMBERED); } catch { return null; } };
/** A number as it is shown in a text: with three digits, or as many as it has. */
const inText = value => { const places = Math.min(decimals(value, 3), 2); return written(Number(value.toFixed(places)), Math.min(places, (String(Number(value.toFixed(places))).split(".")[1] ?? "").length)); };
/** The text of a key with its places filled; a value may itself be {text, values}. */
function say(key, values = {}) {
  let text = TEXTS[key]?.[tongue()];
  if (text === undefined) return key;
  if (typeof text !== "string") text = text[new Intl.PluralRules(tongue()).select(values.n)] ?? text.other;
  return text.replace(/{(\w+)}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined || value === null) return whole;
    return typeof value === "number" ? inText(value) : typeof value === "object" ? said(value) : String(value);
  });
}
/** What a server says: {text, values}, a key, or plain text such as a name. */
const said = message => message === null || message === undefined ? "" : typeof message === "object" ? say(message.text, message.values) : say(message);
/** A text that a server sends in all languages: {en, es}. */
const spoken = text => text ? text[tongue()] ?? text.en : "";
function translate(root = document) {
  const each = (name, put) => { for (const found of root.querySelectorAll(`[data-${name}]`)) put(found, say(found.dataset[name])); };
  each("text", (found, text) => { found.textContent = text; });
  each("label", (found, text) => found.setAttribute("aria-label", text));
  each("hint", (found, text) => { found.title = text; });
  each("example", (found, text) => { found.placeholder = text; });
}
/** Takes the language that was chosen before, or that of the browser; `changed` draws the page again. */
function speak(language, changed) {
  document.documentElement.lang = language in LANGUAGES ? language : "en";
  translate();
  if (changed) changed();
}
const firstLanguage = () => remembered() ?? (navigator.language.startsWith("es") ? "es" : "en");
/** A button in the box that switches to the other language. */
function languageButton(box, changed) {
  const button = element("button.language", undefined, box);
  button.type = "button";
  const label = () => { const other = tongue() === "en" ? "es" : "en"; button.textContent = LANGUAGES[other]; button.lang = other; };
  button.addEventListener("click", () => {
    const other = tongue() === "en" ? "es" : "en";
    try { localStorage.setItem(REMEMBERED, other); } catch { /* a private window remembers nothing */ }
    speak(other, changed); label();
  });
  speak(firstLanguage()); label();
}
