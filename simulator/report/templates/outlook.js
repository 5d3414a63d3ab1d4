// include: elements
const page = readData();
const COLUMNS = {
  items: ["Item", "Units owed", "Orders affected", "Oldest open order", "On hand", "On order", "Next expected day", "All shipped by (90\u00a0%)", "Told", "Urgency"],
  lines: ["Order", "Item", "Units", "Segment", "Age", "Promised", "Covered by", "Ships by (50\u00a0%)", "Ships by (90\u00a0%)", "Misses its day", "Cancels first", "Dropped", "Told", "Urgency"],
  purchases: ["Purchase", "Item", "Units", "Supplier", "Due", "Received by (50\u00a0%)", "Received by (90\u00a0%)", "Units held up", "Orders", "Worth", "Oldest order"],
};
const NUMBERS = new Set(["Units owed", "Orders affected", "On hand", "On order", "Units", "Age", "Misses its day", "Cancels first", "Dropped", "Told", "Units held up", "Orders", "Worth"]);
const sorted = {};
let chosen = 0;

$("title").textContent = page.title;
$("about").textContent = page.about;
$("end").textContent = page.end;

function leading(text) { const found = /^[\d,]+(\.\d+)?/.exec(text); return found ? parseFloat(found[0].replaceAll(",", "")) : NaN; }
function compare(a, b) {
  const x = typeof a === "number" ? a : leading(a), y = typeof b === "number" ? b : leading(b);
  return Number.isNaN(x) || Number.isNaN(y) ? String(a).localeCompare(String(b)) : x - y;
}
function table(name) {
  const place = $(name), words = $("find").value.trim().toLowerCase(), by = sorted[name];
  let rows = page.policies[chosen][name].map((cells, key) => ({cells, key}));
  if (name === "lines" && words) rows = rows.filter(row => row.cells.some(cell => String(cell).toLowerCase().includes(words)));
  if (by) {
    const urgency = COLUMNS[name][by.column] === "Urgency", day = /day|by \(|Promised|Due/.test(COLUMNS[name][by.column]);
    const rank = row => urgency ? page.urgencies.indexOf(row.cells[by.column]) : row.cells[by.column];
    rows.sort((a, b) => by.turn * (day ? order(name, a, by.column) - order(name, b, by.column) : compare(rank(a), rank(b))) || a.key - b.key);
  }
  place.textContent = "";
  // A column that says 0 % of every line, such as that of lines dropped by the seller, is left out.
  const idle = column => /Dropped|Told/.test(COLUMNS[name][column]) && page.policies[chosen][name].every(row => row[column] === "0\u00a0%");
  const head = element("tr", undefined, element("thead", undefined, place));
  COLUMNS[name].forEach((title, column) => {
    if (idle(column)) return;
    const cell = element("th", undefined, head);
    if (NUMBERS.has(title)) cell.className = "n";
    cell.scope = "col";
    if (by && by.column === column) cell.setAttribute("aria-sort", by.turn > 0 ? "ascending" : "descending");
    element("button", title, cell).onclick = () => {
      sorted[name] = {column, turn: by && by.column === column ? -by.turn : 1};
      table(name);
    };
  });
  const body = element("tbody", undefined, place);
  for (const {cells} of rows) {
    const row = element("tr", undefined, body);
    cells.forEach((text, column) => {
      if (idle(column)) return;
      const title = COLUMNS[name][column], cell = element("td", undefined, row);
      cell.dataset.label = title;
      if (NUMBERS.has(title)) cell.className = "n";
      if (title === "Urgency") element("span", text, cell).className = `tag u${page.urgencies.indexOf(text)}`;
      else cell.append(element("span", typeof text === "number" ? text.toLocaleString("en") : text));
    });
  }
  if (name === "lines") $("count").textContent = words ? `${rows.length} of ${page.policies[chosen].lines.length}` : "";
}
function order(name, row, column) {
  const days = page.policies[chosen].days[name][row.key][column];
  return days === undefined || days === null ? Infinity : days;
}
function show(number) {
  chosen = number;
  [...$("policies").children].forEach((button, k) => button.setAttribute("aria-pressed", k === number));
  $("summary").textContent = "";
  for (const [value, what] of page.policies[number].summary) { const entry = element("li", undefined, $("summary")); element("b", value, entry); entry.append(what); }
  $("purchases-card").hidden = !page.policies[number].purchases.length;
  for (const name of ["items", "lines", "purchases"]) table(name);
}
page.policies.forEach((policy, number) => { element("button", policy.name, $("policies")).onclick = () => show(number); });
$("policies").hidden = page.policies.length < 2;
$("find").oninput = () => table("lines");
show(0);
