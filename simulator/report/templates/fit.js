// include: elements
const page = readData();
$("title").textContent = page.title;
$("figure").innerHTML = page.figure; // drawn by the program, texts escaped
function list(id, texts) { for (const text of texts) element("li", text, $(id)); }
list("warnings", page.warnings);
list("notes", page.notes);
$("warnings-card").hidden = !page.warnings.length;
const head = element("tr", undefined, element("thead", undefined, $("laws")));
for (const title of page.header) element("th", title, head).scope = "col";
const body = element("tbody", undefined, $("laws"));
for (const cells of page.rows) {
  const row = element("tr", undefined, body);
  cells.forEach((text, column) => { element(column ? "td" : "th", text, row); });
}
const texts = element("tbody", undefined, $("yaml"));
for (const [name, yaml] of page.laws) {
  const row = element("tr", undefined, texts);
  element("td", name, row);
  element("code", yaml, element("td", undefined, row));
}
