// include: deeper
// The what-if page: opens a scenario, and connects the parts.
let offered = {examples: [], first: null, writable: true};
/** Opens a scenario: {id} or {text}; `before` is a state from a link. */
async function open(what, before = null) {
  try {
    shop = await inform("open", what);
  } catch (error) {
    tellWrong(error.message); if (!shop) showExamples();
    return;
  }
  tellWrong(); answer = null; film = null; filmKey = ""; past.length = 0;
  const policy = shop.policies[0];
  Object.assign(state, {id: shop.id, sides: {A: null, B: emptySide(policy)}, shown: "B", n: shop.replications, seed: shop.seed, part: null});
  if (before) takeLink(before);
  if (VIEWS.includes(before?.view)) view = before.view;
  $("desk").hidden = $("link").disabled = false;
  fill(); ask();
}
/** Takes from a link what fits the scenario; the rest stays as it is. */
function takeLink(before) {
  const sound = side => !shop.policies.includes(side?.policy) ? null : {
    policy: side.policy,
    edits: Object.fromEntries(Object.entries(side.edits ?? {}).filter(([, to]) => ["string", "number"].includes(typeof to))),
    trouble: [side.trouble ?? []].flat().filter(t => Object.hasOwn(shop.targets, t?.kind) && Number.isFinite(t.day)).map(t => ({kind: t.kind, day: t.day, target: String(t.target ?? "")})),
  };
  const whole = (value, most) => Number.isInteger(value) && value >= 0 && value <= most, part = before.part;
  state.sides = {A: sound(before.sides.A), B: sound(before.sides.B) ?? state.sides.B};
  if (state.sides.A && before.shown === "A") state.shown = "A";
  if (whole(before.n, 100) && before.n) state.n = before.n;
  if (whole(before.seed, Number.MAX_SAFE_INTEGER)) state.seed = before.seed;
  if ((part?.kind === "segment" && shop.segments.includes(part.name)) || (part?.kind === "item" && shop.items.includes(part.name))) state.part = {kind: part.kind, name: part.name};
}
function fill() {
  if (!shop) return;
  document.title = `${shop.title} – backorder lab`;
  $("title").textContent = shop.title; $("description").textContent = shop.description.trim(); $("warnings").textContent = shop.warnings.join("\n");
  $("about").hidden = !shop.description && !shop.warnings.length;
  $("policy").replaceChildren(...shop.policies.map(name => new Option(name, name)));
  const runs = [...new Set([2, 5, 10, 20, 30, 50, 100, state.n])].sort((a, b) => a - b);
  $("replications").replaceChildren(...runs.map(n => new Option(n, n)));
  const kpis = Object.keys(shop.kpis), pick = (id, names, chosen, none) => {
    const before = $(id).value;
    $(id).replaceChildren(...(none ? [new Option(none, "")] : []), ...names.map(kpi => new Option(titleOf(kpi), kpi)));
    $(id).value = names.includes(before) || (none && before === "" && $(id).dataset.touched) ? before : chosen;
  };
  pick("tornado-kpi", kpis, "fill_rate"); pick("goal", kpis, "operating_cost"); pick("bound", kpis, "fill_rate", say("lab.no-bound"));
  if (!$("limit").value) $("limit").value = 95;
  boundUnit(); makeControls(); makeCards(); makeTabs(); makeSaves(); redraw(); makeBest();
  $("save-form").hidden = !offered.writable;
  if (!$("file-name").value) $("file-name").value = `${shop.name.replace(/[^A-Za-z0-9_.-]/g, "-").slice(0, 50)}-lab`;
  if (answer) { showNumbers(); showView(true); }
}
function showExamples() {
  const wanted = $("search").value.trim().toLowerCase();
  $("examples").replaceChildren();
  for (const {id, title} of offered.examples) {
    if (wanted && !`${id} ${title}`.toLowerCase().includes(wanted)) continue;
    const button = element("button", undefined, element("li", undefined, $("examples")));
    button.type = "button"; button.append(title || id); element("span", id, button);
    button.addEventListener("click", () => { $("opening").close(); open({id}); });
  }
  if (!$("opening").open) $("opening").showModal();
}
async function readFile(file) {
  if (!file) return;
  if (file.size > 500_000) { tellWrong(say("lab.file-too-long")); return; }
  $("opening").close(); open({text: await file.text()});
}
function changeLanguage() {
  $("title").textContent = shop?.title ?? $("title").textContent;
  document.body.dataset.drop = say("lab.drop-here");
  fill();
}
function connect() {
  $("policy").addEventListener("change", () => { remember(); now().policy = $("policy").value; redraw(); makeBest(); ask(); });
  $("find").addEventListener("input", paintControls);
  $("replications").addEventListener("change", () => { remember(); state.n = Number($("replications").value); ask(); });
  $("seed").addEventListener("change", () => { const seed = Number($("seed").value); if (Number.isInteger(seed) && seed >= 0) { remember(); state.seed = seed; ask(); } });
  $("controls").addEventListener("submit", event => event.preventDefault());
  $("pin").addEventListener("click", () => { remember(); const shown = copyOf(now()); state.sides = {A: shown, B: copyOf(shown)}; state.shown = "B"; redraw(); ask(); });
  $("unpin").addEventListener("click", () => { remember(); state.sides = {A: null, B: now()}; state.shown = "B"; redraw(); ask(); });
  $("show-a").addEventListener("click", () => { if (state.shown !== "A") flip(); });
  $("show-b").addEventListener("click", () => { if (state.shown !== "B") flip(); });
  $("part").addEventListener("click", () => { remember(); state.part = null; redraw(); ask(); });
  $("undo").addEventListener("click", goBack);
  $("reset").addEventListener("click", () => { remember(); state.sides[state.shown] = emptySide(now().policy); redraw(); ask(); });
  $("link").addEventListener("click", () => { writeLink(); copyText(location.href, text => { $("link").textContent = text; setTimeout(() => { $("link").textContent = say("lab.link"); }, 2000); }); });
  $("open-button").addEventListener("click", showExamples);
  $("close-opening").addEventListener("click", () => $("opening").close());
  $("search").addEventListener("input", showExamples);
  $("file").addEventListener("change", () => readFile($("file").files[0]));
  $("close").addEventListener("click", () => $("dialog").close());
  listenToAxis();
  $("play").addEventListener("click", () => roll(!playing));
  $("step").addEventListener("click", () => { roll(false); if (film) goTo(nextOf()); });
  $("receipt").addEventListener("click", () => { roll(false); if (film) goTo(nextOf("receipt")); });
  $("film-day").addEventListener("input", () => { roll(false); goTo(Number($("film-day").value)); });
  $("film-from").addEventListener("change", loadFilm);
  $("find-order").addEventListener("submit", event => { event.preventDefault(); if ($("order").value.trim()) tellStory($("order").value.trim()); });
  $("tornado-form").addEventListener("submit", event => { event.preventDefault(); findOut(); });
  $("tornado-kpi").addEventListener("change", () => findOut(false));
  $("best-form").addEventListener("submit", event => { event.preventDefault(); search(); });
  $("bound").addEventListener("change", () => { $("bound").dataset.touched = "yes"; boundUnit(); });
  $("stop").addEventListener("click", () => { running.best?.abort(); $("best-said").textContent = ""; });
  $("copy").addEventListener("click", () => copyText($("command").textContent, tellHome));
  $("save-form").addEventListener("submit", saveFile);
  $("yaml").addEventListener("click", downloadYaml);
  $("workbook").addEventListener("click", downloadWorkbook);
  $("make-report").addEventListener("click", makeReport);
  for (const dialog of [$("dialog"), $("opening")]) dialog.addEventListener("click", event => { if (event.target === dialog) dialog.close(); });
  addEventListener("dragover", event => { if ([...event.dataTransfer.types].includes("Files")) { event.preventDefault(); document.body.classList.add("dragging"); } });
  addEventListener("dragleave", event => { if (!event.relatedTarget) document.body.classList.remove("dragging"); });
  addEventListener("drop", event => { document.body.classList.remove("dragging"); if (event.dataTransfer.files.length) { event.preventDefault(); readFile(event.dataTransfer.files[0]); } });
  addEventListener("keydown", event => {
    if ((event.ctrlKey || event.metaKey) && event.key === "z" && !event.shiftKey && event.target.type !== "text" && event.target.type !== "search") { event.preventDefault(); goBack(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || $("dialog").open || $("opening").open || !shop) return;
    if (event.key === "Escape" && armed) arm(null);
    if (["INPUT", "SELECT", "TEXTAREA"].includes(event.target.tagName)) { const letter = event.target.type === "number" && /^[fp]$/.test(event.key); if (letter) { event.target.blur(); event.target.focus(); } /* takes what was typed */ if (!letter && event.target.type !== "range" && event.target.type !== "checkbox") return; if (/^(Arrow|Home|End|Page)/.test(event.key)) return; }
    const keys = {f: flip, p: () => $("pin").click()};
    if (view === "queue" && film) Object.assign(keys, {" ": () => roll(!playing), ArrowRight: () => $("step").click(), r: () => $("receipt").click()});
    if (!keys[event.key] || (event.key === " " && event.target.tagName === "BUTTON")) return;
    event.preventDefault(); keys[event.key]();
  });
  onWidth(() => { if (answer) showView(true); drawLanes(true); });
  darkness.addEventListener("change", () => { if (film) makeLegend(); drawLanes(true); });
  addEventListener("hashchange", () => { const found = fromLink(location.hash.slice(1)); if (found) open(found.text ? {text: found.text} : {id: found.id}, found); });
}
async function begin() {
  languageButton($("top-buttons"), changeLanguage);
  document.body.dataset.drop = say("lab.drop-here");
  connect();
  try { offered = await (await fetch("/api/start")).json(); } catch { tellWrong(say("common.connection-lost")); return; }
  const before = fromLink(location.hash.slice(1));
  if (before) open(before.text ? {text: before.text} : {id: before.id}, before);
  else if (offered.first) open({id: offered.first});
  else { $("title").textContent = say("lab.welcome"); showExamples(); }
}
setTimeout(begin); // what the page holds is painted first
