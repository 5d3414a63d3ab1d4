// include: server, lines, views
const address = /^\/teacher\/([A-Z]{4})$/.exec(location.pathname);
const code = address ? address[1] : "";
let games = [], rooms = [], board = null, stop = null, asked = 0;
const api = what => `/api/teacher/rooms/${code}${what}`;
function refuse(error) { $("refused").hidden = !error; $("refused").textContent = error ? error.message : ""; }
const setTime = countdown(left => { $("time").textContent = left === null ? "" : clockText(left); });

// ----------------------------------------------------------------------------------------------------------- all rooms
const gameOf = () => games.find(game => game.name === $("game").value) ?? games[0];
async function start() {
  $("start").hidden = false;
  try { ({games, rooms} = await ask("/api/teacher/rooms")); refuse(); } catch (error) { refuse(error); $("start").hidden = true; return; }
  showStart(); showGame();
}
function showStart() {
  fillSelect($("game"), games.map(game => [game.name, say(game.title)]));
  $("rooms-card").hidden = !rooms.length;
  $("rooms").replaceChildren();
  for (const room of rooms) {
    const entry = element("li", undefined, $("rooms")), link = element("a", room.code, entry);
    link.href = "/teacher/" + room.code;
    element("span", say(room.title), entry);
    element("span.soft", `${say("class.phase-" + room.phase)}, ${say("class.players", {n: room.players})}`, entry);
  }
}
/** The form for the game that is chosen. */
function showGame() {
  const game = gameOf();
  $("game-help").textContent = say(game.title + ".help");
  $("rounds").value = game.rounds; $("rounds").max = game.most_rounds; $("timer").value = game.timer;
  showWords();
}
function showWords() {
  const game = gameOf();
  fillSelect($("shown"), game.shown.map(name => [name, say("shown." + name)]));
  const kept = Object.fromEntries([...$("bots").querySelectorAll("select")].map(select => [select.dataset.role, select.value]));
  $("bots").replaceChildren();
  for (const role of game.roles) {
    element("label", say(role.title), $("bots")).htmlFor = "bot-" + role.name;
    const select = element("select", undefined, $("bots"));
    select.id = "bot-" + role.name; select.dataset.role = role.name;
    fillSelect(select, game.bots.filter(bot => bot !== "own").map(bot => [bot, say("bot." + bot)]), kept[role.name]);
  }
}
$("game").addEventListener("change", showGame);
$("create").addEventListener("submit", async event => {
  event.preventDefault();
  const typed = $("teams").value.trim(), teams = /^\d*$/.test(typed) ? Number(typed) : typed.split(",").map(name => name.trim()).filter(Boolean);
  const number = id => $(id).value === "" ? null : Number($(id).value);
  const bots = Object.fromEntries([...$("bots").querySelectorAll("select")].map(select => [select.dataset.role, select.value]));
  try {
    const made = await ask("/api/teacher/rooms", {game: $("game").value, teams, rounds: number("rounds"), timer: number("timer"), seed: number("seed"), shown: $("shown").value, bots});
    location.href = "/teacher/" + made.code;
  } catch (error) { refuse(error); }
});

// ------------------------------------------------------------------------------------------------------------ one room
async function look() {
  const mine = ++asked;
  try {
    const found = await ask(api(""));
    if (mine !== asked) return;
    board = found; refuse(); show();
  } catch (error) { if (error.status) refuse(error); }
}
let again = 0;
/** Many students decide at nearly the same time: the board is asked for once for all of them. */
function heard(message) {
  if (message.gone) { stop(); return; }
  setTime(message.left, message.phase === "playing");
  if (board) { Object.assign(board, {done: message.done, players: message.players}); showProgress(); }
  clearTimeout(again);
  again = setTimeout(look, board && (message.round !== board.round || message.phase !== board.phase) ? 0 : 300);
}
const act = (name, more = {}) => async () => { try { await ask(api("/act"), {act: name, ...more}); refuse(); await look(); } catch (error) { refuse(error); } };
function showProgress() {
  $("progress").textContent = board.phase === "playing" || board.phase === "paused" ? say("class.progress", {decided: board.done, n: board.players}) : "";
  $("joined").textContent = say("class.players", {n: board.players});
}
function show() {
  const titles = titlesOf(board.roles, board.title), phase = board.phase;
  document.title = `${code} · ${say(board.title)}`;
  $("title").textContent = say(board.title);
  $("about").textContent = say("class.teacher");
  $("link").textContent = board.link; $("code").textContent = code;
  $("qr").src = api("/qr.svg"); $("qr").alt = say("class.qr", {link: board.link});
  document.querySelector(".invite").classList.toggle("small", phase !== "lobby"); // late joiners still find it
  $("round").textContent = phase === "lobby" ? say("class.lobby") : phase === "ended" ? say("class.ended") : say("class.round", {round: board.round, rounds: board.rounds}) + (phase === "paused" ? ` · ${say("class.phase-paused")}` : "");
  setTime(phase === "playing" || phase === "paused" ? board.left : null, phase === "playing");
  showProgress();
  $("go").textContent = say({lobby: "class.start", playing: "class.pause", paused: "class.resume"}[phase] ?? "class.start");
  const running = phase === "playing" || phase === "paused";
  $("go").hidden = phase === "ended";
  if (document.activeElement !== $("seconds")) $("seconds").value = board.timer;
  for (const id of ["next", "more", "end", "pace"]) $(id).hidden = !running;
  const known = Array.from({length: Math.max(phase === "lobby" ? 0 : board.round, 0)}, (_, k) => [String(k + 1), String(k + 1)]);
  if (document.activeElement !== $("back")) fillSelect($("back"), known, String(Math.max(board.round - 1, 1)));
  $("rewind").parentElement.hidden = !known.length;
  $("debrief").href = "/debrief/" + code;
  $("debrief").hidden = phase === "lobby";
  const last = board.news[board.news.length - 1];
  $("said").hidden = !last; $("said").textContent = last ? say("class.teacher-says", {text: last}) : "";
  const ranked = [...board.teams].sort((a, b) => a.rank - b.rank), names = totals(Object.keys(ranked[0]?.score ?? {}));
  fillTable($("ranking"), [say("class.team"), say("class.rank"), ...names.map(name => say("see." + name))], ranked.map(team => [team.name, String(team.rank), ...names.map(name => shownNumber(team.score[name]))]));
  showSeats(titles);
  const series = totals(Object.keys(board.teams[0]?.series ?? {})), every = Object.keys(board.teams[0]?.series ?? {}).filter(name => isKnown("see." + name.split(".")[0]));
  fillSelect($("series"), [...series, ...every.filter(name => name.includes("."))].map(name => [name, labelOf(name, titles)]), $("series").value || series[0]);
  const open = board.teams.flatMap(team => board.roles.filter(role => role.policy && !team.seats[role.name].name).map(role => [`${team.name}/${role.name}`, `${team.name}, ${say(role.title)}`]));
  fillSelect($("seat"), open);
  showChart();
}
function showSeats(titles) {
  fillTable($("seats"), [say("class.team"), ...board.roles.map(role => say(role.title))], board.teams.map(team => [team.name, ...board.roles.map(role => {
    const mate = team.seats[role.name], box = element("span");
    if (!mate.name) { element("span.soft", playerOf(mate), box); return box; }
    const running = ["playing", "paused"].includes(board.phase);
    if (running) element(mate.decided ? "span.mark.good" : "span.mark.soft", mate.decided ? "✓ " : "… ", box).setAttribute("aria-hidden", "true");
    element("b", mate.name, box);
    if (running) element("span.sr", mate.decided ? say("class.has-decided") : say("class.thinks"), box);
    const button = element("button", say("class.free"), box);
    button.type = "button"; button.setAttribute("aria-label", say("class.free-seat", {name: mate.name})); button.title = button.getAttribute("aria-label");
    button.addEventListener("click", () => { if (confirm(say("class.free-sure", {name: mate.name}))) act("free", {seat: `${team.name}/${role.name}`})(); });
    box.insertBefore(document.createTextNode(" "), button);
    return box;
  })]));
  for (const cell of $("seats").querySelectorAll("td.n, th.n")) cell.className = "seat";
}
function showChart() {
  const name = $("series").value, values = team => team.series[name] ?? [];
  const length = Math.max(0, ...board.teams.map(team => values(team).length));
  drawLines($("chart"), {title: labelOf(name, titlesOf(board.roles, board.title)), xTitle: say("chart.period"), x: Array.from({length}, (_, k) => k + 1), label: value => say("chart.at", {round: value}), series: board.teams.map((team, place) => ({name: team.name, place, values: values(team)})), height: 260});
}
$("series").addEventListener("change", showChart);
$("go").addEventListener("click", () => act({lobby: "start", playing: "pause", paused: "resume"}[board.phase])());
$("next").addEventListener("click", act("next"));
$("more").addEventListener("click", act("extend", {seconds: 30}));
$("rewind").addEventListener("click", () => { if (confirm(say("class.rewind-sure", {round: $("back").value}))) act("rewind", {round: Number($("back").value)})(); });
$("end").addEventListener("click", () => { if (confirm(say("class.end-sure"))) act("end")(); });
$("say").addEventListener("submit", async event => { event.preventDefault(); await act("say", {text: $("news").value})(); $("news").value = ""; });
$("pace").addEventListener("submit", async event => { event.preventDefault(); await act("timer", {seconds: Number($("seconds").value)})(); });
$("policy").addEventListener("submit", async event => { event.preventDefault(); await act("policy", {seat: $("seat").value, text: $("yaml").value})(); });
$("big").addEventListener("click", () => { const on = document.querySelector(".invite").classList.toggle("big"); $("big").setAttribute("aria-pressed", on); });
$("close").addEventListener("click", async () => { if (!confirm(say("class.close-sure"))) return; try { await ask(api("/close"), {}); location.href = "/teacher"; } catch (error) { refuse(error); } });

// -------------------------------------------------------------------------------------------------------------- the page
onWidth(() => { if (board) showChart(); });
languageButton($("language"), () => { if (board) show(); else if (games.length) { showStart(); $("game-help").textContent = say(gameOf().title + ".help"); showWords(); } });
if (code) {
  $("board").hidden = false;
  look().then(() => { if (!board) { $("board").hidden = true; return; } stop = listen(api("/events"), heard, lost => { $("broken").hidden = !lost; }); });
} else start();
