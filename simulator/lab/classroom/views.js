// include: texts
// What the pages of students, teacher and debrief say of a game in the same way.
/** The label of a number or series: that of a role or item is "label, role". */
function labelOf(name, titles = {}) {
  const [what, part] = name.split(".");
  return part === undefined ? say("see." + what) : `${say("see." + what)}, ${partTitle(part, titles)}`;
}
/** What a role or an item of the game is called. */
const partTitle = (part, titles) => titles[part] ? say(titles[part]) : isKnown(`${titles[""]}.${part}`) ? say(`${titles[""]}.${part}`) : part;
const isKnown = key => key in TEXTS;
/** Keys of the titles of roles; under "" the beginning of the keys of the game, which its items share. */
const titlesOf = (roles, game) => ({"": game.split(".")[0], ...Object.fromEntries(roles.map(role => [role.name, role.title]))});
/** Who plays a seat. */
const playerOf = mate => mate.name || say("class.bot", {bot: say("bot." + mate.bot)});
/** Minutes and seconds. */
const clockText = seconds => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
/** What the clock stands at while it runs: the server tells what is left, and the page counts down. */
function countdown(show) {
  let until = null, frozen = null;
  const left = () => frozen ?? (until === null ? null : Math.max((until - performance.now()) / 1000, 0));
  setInterval(() => show(left()), 250);
  return (seconds, running) => {
    frozen = seconds !== null && !running ? seconds : null;
    until = seconds !== null && running ? performance.now() + 1000 * seconds : null;
    show(left());
  };
}
const shownNumber = value => value === null || value === undefined ? "–" : typeof value === "number" ? inText(value) : Array.isArray(value) ? value.map(shownNumber).join(" · ") : String(value);
/** A table: titles, and rows of cells; numbers stand to the right. */
function fillTable(table, titles, rows) {
  table.replaceChildren();
  const head = element("tr", undefined, element("thead", undefined, table));
  titles.forEach((title, k) => { const cell = element(k ? "th.n" : "th", title, head); cell.scope = "col"; });
  const body = element("tbody", undefined, table);
  for (const cells of rows) {
    const row = element("tr", undefined, body);
    cells.forEach((cell, k) => { const made = element(k ? "td.n" : "td", undefined, row); made.append(cell); });
  }
}
/** The options of a select; the chosen one stays if it is still there. */
function fillSelect(select, entries, value = select.value) {
  select.replaceChildren(...entries.map(([key, text]) => { const made = element("option", text); made.value = key; return made; }));
  if (entries.some(([key]) => key === value)) select.value = value;
}
/** Series and numbers of a whole team that have a label; what decides the ranking comes first. */
const DECIDES = ["score", "cost"];
const totals = names => { const known = names.filter(name => !name.includes(".") && isKnown("see." + name)); return [...DECIDES.filter(name => known.includes(name)), ...known.filter(name => !DECIDES.includes(name))]; };
