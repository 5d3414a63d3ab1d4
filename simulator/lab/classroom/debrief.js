// include: server, lines, views
const address = /^\/debrief\/([A-Za-z]{4})$/.exec(location.pathname);
const code = address ? address[1].toUpperCase() : "";
let told = null;
const api = what => `/api/debrief/${code}${what}`;
const titles = () => titlesOf(told.roles_of_game, told.title);
const lineNames = () => [...told.teams.map(team => ({name: say("debrief.team", {team: team.name}), series: team.series})), ...told.bots.map(bot => ({name: say("class.bot", {bot: say("bot." + bot.name)}), series: bot.series}))];
function show() {
  document.title = `${say("debrief.title")} · ${say(told.title)}`;
  $("title").textContent = `${say("debrief.title")}: ${say(told.title)}`;
  $("about").textContent = say("debrief.about", {code, n: told.phase === "ended" ? told.rounds : Math.max(told.round - 1, 0)});
  const ranked = [...told.teams].sort((a, b) => a.rank - b.rank), names = totals(Object.keys(ranked[0].score));
  fillTable($("ranking"), [say("class.team"), say("class.rank"), ...names.map(name => say("see." + name))], [
    ...ranked.map(team => [team.name, String(team.rank), ...names.map(name => shownNumber(team.score[name]))]),
    ...told.bots.map(bot => [say("class.bot", {bot: say("bot." + bot.name)}), "", ...names.map(name => shownNumber(bot.score[name]))])]);
  [...$("ranking").querySelectorAll("tbody tr")].slice(ranked.length).forEach(row => { row.className = "bot"; });
  const series = Object.keys(told.teams[0].series).filter(name => isKnown("see." + name.split(".")[0]));
  const plain = totals(series);
  fillSelect($("series"), [...plain, ...series.filter(name => name.includes("."))].map(name => [name, labelOf(name, titles())]));
  fillSelect($("team"), ranked.map(team => [team.name, team.name]));
  const families = [...new Set(series.filter(name => name.includes(".")).map(name => name.split(".")[0]))];
  fillSelect($("family"), families.length ? families.map(name => [name, say("see." + name)]) : [["stock", say("class.stock-chart")], ...plain.map(name => [name, say("see." + name)])]);
  $("theory").replaceChildren(...(told.theory.notes ?? []).map(note => element("li", said(note))));
  $("questions").replaceChildren(...told.questions.map(key => element("li", say(key))));
  $("csv").href = api("/decisions.csv");
  showAll(); showOne();
}
const periods = every => Array.from({length: Math.max(0, ...every.map(values => values.length))}, (_, k) => k + 1);
const chart = (box, title, series) => drawLines(box, {title, xTitle: say("chart.period"), x: periods(series.map(one => one.values)), label: value => say("chart.at", {round: value}), series, height: 280});
function showAll() {
  const name = $("series").value;
  chart($("all"), labelOf(name, titles()), lineNames().map((one, place) => ({name: one.name, place, values: one.series[name] ?? []})));
}
function showOne() {
  const team = told.teams.find(one => one.name === $("team").value), family = $("family").value, place = told.teams.indexOf(team);
  const parts = Object.keys(team.series).filter(name => name.startsWith(family + ".")).map(name => name.slice(family.length + 1));
  const stock = ["on_hand", "backlog", "demand"].filter(name => name in team.series);
  const series = family === "stock" ? stock.map((name, k) => ({name: say("see." + name), place: k, values: team.series[name]})) : parts.length ? parts.map((part, k) => ({name: partTitle(part, titles()), place: k, values: team.series[`${family}.${part}`]})) : [{name: team.name, place: 0, values: team.series[family] ?? []}];
  if (parts.length && team.series.demand) series.push({name: say("see.demand"), place: parts.length, values: team.series.demand});
  chart($("one"), family === "stock" ? say("chart.units") : say("see." + family), series);
  $("players").textContent = told.roles_of_game.map(role => `${say(role.title)}: ${isKnown("bot." + team.players[role.name]) ? say("class.bot", {bot: say("bot." + team.players[role.name])}) : team.players[role.name]}`).join(" · ");
  $("moments").replaceChildren(...team.moments.map(moment => element("li", `${say("class.round-short", {round: moment.round})}: ${said(moment)}`)));
  $("report").href = api(`/report/${place}`); $("scenario").href = api(`/scenario/${place}`);
}
$("series").addEventListener("change", showAll);
$("team").addEventListener("change", showOne);
$("family").addEventListener("change", showOne);
onWidth(() => { if (told) { showAll(); showOne(); } });
languageButton($("language"), () => { if (told) show(); });
ask(api("")).then(found => { told = found; $("page").hidden = false; show(); }, error => { $("refused").hidden = false; $("refused").textContent = error.message; });
