// include: elements
// Tables and figures that a reader copies or saves: tables as numbers for a spreadsheet, figures as they look on paper.
/** Hands a file to the reader. */
function save(name, content, type) {
  const link = element("a", "", document.body);
  link.href = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  link.download = name;
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
/** Puts a text on the clipboard; false where the browser does not allow it. */
async function copy(text) {
  try { await navigator.clipboard.writeText(text); return true; } catch { /* an older way, for pages opened from a file */ }
  const box = element("textarea", "", document.body);
  box.value = text;
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  return done;
}
const MEASURED = /^([+-]?[\d,]+(?:\.\d+)?)(?: (± [\d,.]+|\([^)]*\)))?(?: ([^\d].*))?$/;
/** The rows of a table as texts: a unit, an interval and a verdict have cells of their own, so that numbers are numbers. */
function cellsOf(table) {
  const rows = [...table.rows].map(row => {
    const cells = [...row.cells].map(cell => {
      const small = cell.querySelector("small"), unit = small ? small.textContent : "", title = cell.querySelector(".title");
      const own = [...cell.childNodes].filter(node => node !== small && node !== title).map(node => node.textContent).join("");
      return { text: own.trim(), unit };
    });
    return row.classList.contains("group") ? [{ text: cells[0].text, unit: "" }] : cells;
  });
  const width = Math.max(...rows.map(row => row.length)), head = table.tHead ? 1 : 0;
  const parts = [];
  for (let k = 0; k < width; k++) {
    const column = rows.slice(head).filter(row => row.length > 1).map(row => row[k] ? row[k].text : "");
    const told = column.filter(text => text && text !== "–");
    const found = told.map(text => MEASURED.exec(text)), numbers = k > 0 && told.length > 0 && found.every(Boolean);
    parts.push({ numbers, interval: numbers && found.some(match => match[2]), note: numbers && found.some(match => match[3]) });
  }
  const unit = rows.some(row => row.some(cell => cell.unit));
  return rows.map((row, place) => row.flatMap((cell, k) => {
    const { numbers, interval, note } = parts[k], named = place < head, match = numbers && !named ? MEASURED.exec(cell.text) : null;
    const own = [numbers && !named ? (match ? match[1].replace(/,/g, "").replace("+", "") : "") : cell.text];
    if (k === 0 && unit) own.push(named ? "unit" : cell.unit);
    if (interval) own.push(named ? `${cell.text} ±` : match && match[2] ? match[2].replace(/^± /, "").replace(/,/g, "") : "");
    if (note) own.push(named ? `${cell.text} note` : match && match[3] ? match[3] : "");
    return row.length > 1 || k === 0 ? own : [];
  }));
}
/** A text that a spreadsheet would read as a formula gets an apostrophe. */
const harmless = text => /^[=+\-@\t\r]/.test(text) && !/^-?[\d.]+$/.test(text) ? `'${text}` : text;
const asCsv = rows => "\ufeff" + rows.map(row => row.map(text => /[",\n]/.test(harmless(text)) ? `"${harmless(text).replace(/"/g, '""')}"` : harmless(text)).join(",")).join("\r\n") + "\r\n";
const asTabs = rows => rows.map(row => row.map(text => harmless(text).replace(/\s+/g, " ")).join("\t")).join("\n");
/** A chart of the page as an SVG file with a style and a title of its own. `look`: rules, family, head; `left`: what is left out. */
function asFile(svg, title, look, left) {
  const [, , w, h] = svg.getAttribute("viewBox").split(" ").map(Number), whole = h + look.head;
  const made = drawn("svg", { viewBox: `0 ${-look.head} ${w} ${whole}`, width: w, height: whole, "font-family": look.family });
  const text = drawn("text", { class: "hd", x: 2, y: -9 }), style = drawn("style", {}), name = drawn("title", {});
  text.textContent = name.textContent = title;
  style.textContent = look.rules;
  made.append(name, style, drawn("rect", { y: -look.head, width: w, height: whole, fill: "#ffffff" }), text);
  const inside = svg.cloneNode(true);
  for (const gone of inside.querySelectorAll([".cross", ...left].join(","))) gone.remove();
  made.append(...inside.childNodes);
  return new XMLSerializer().serializeToString(made);
}
/** An SVG file as a PNG of twice its size. */
function asPicture(text, call) {
  const image = new Image(), url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  image.onload = () => {
    const canvas = element("canvas");
    canvas.width = 2 * image.width;
    canvas.height = 2 * image.height;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(url);
    canvas.toBlob(call, "image/png");
  };
  image.src = url;
}
/** A row of small buttons: [label, name for those who do not see it, action] each. */
function tools(buttons) {
  const row = element("div.tools");
  for (const [label, name, act] of buttons) {
    const button = element("button", label, row);
    button.type = "button";
    button.setAttribute("aria-label", name);
    button.addEventListener("click", () => act(button));
  }
  return row;
}
