// include: desk
// Controls made from the scenario's keys, and cards with the numbers.
const turned = new Map();
const parsed = text => Number.parseFloat(String(text));
const currentOf = control => control.path in now().edits ? parsed(now().edits[control.path]) : control.value;
const inUnit = (control, number) => control.unit ? `${number} ${control.unit}` : number;
const round = (control, number) => control.whole ? Math.round(number) : Number(number.toPrecision(6));
const mine = control => control.policy === null || control.policy === now().policy;

/** A slider with a field for its number. */
function control(known) {
  const box = element("div.key"), head = element("div.head", undefined, box), id = "key" + turned.size;
  const label = element("label", known.name, head), holder = element("span.value", undefined, head);
  const number = element("input", undefined, holder), slider = element("input", undefined, box);
  label.htmlFor = slider.id = id;
  number.type = "number"; number.step = "any"; number.setAttribute("aria-label", known.name);
  if (known.unit) element("span", known.unit, holder);
  slider.type = "range"; slider.min = known.low; slider.max = known.high; slider.step = known.step;
  const about = element("details", undefined, box);
  element("summary.soft", known.path, about);
  if (known.meaning) { const words = element("p.soft", known.meaning, about); words.lang = "en"; }
  const facts = [known.type, known.default && known.default !== "required" ? say("lab.default", {value: known.default}) : "", known.grade ? say("lab.grade", {grade: known.grade}) : ""].filter(Boolean);
  element("p.soft", facts.join(" · "), about);
  const move = wanted => {
    if (!Number.isFinite(wanted)) return;
    const found = round(known, wanted);
    if (found === known.value) delete now().edits[known.path]; else now().edits[known.path] = inUnit(known, found);
    paint(); reset(); ask();
  };
  slider.addEventListener("input", () => { remember(known.path); move(Number(slider.value)); });
  number.addEventListener("change", () => { remember(known.path); move(Number(number.value)); });
  function paint() {
    const found = currentOf(known);
    if (document.activeElement !== slider || Number(slider.value) !== found) slider.value = found;
    number.value = found;
    slider.setAttribute("aria-valuetext", String(inUnit(known, found)));
    box.classList.toggle("changed", known.path in now().edits);
  }
  turned.set(known.path, {known, box, paint});
  return box;
}
function makeControls() {
  turned.clear(); $("keys").replaceChildren(); $("rest").replaceChildren();
  for (const known of shop.controls) (known.main ? $("keys") : $("rest")).append(control(known));
}
function paintControls() {
  $("policy").value = now().policy;
  let rest = 0;
  const wanted = $("find").value.trim().toLowerCase();
  for (const {known, box, paint} of turned.values()) {
    const found = mine(known) && (known.main || !wanted || known.path.toLowerCase().includes(wanted) || known.name.toLowerCase().includes(wanted));
    box.hidden = !found;
    if (!known.main && mine(known)) rest += 1;
    if (found) paint();
  }
  $("more").hidden = !rest;
  $("more").querySelector("summary").textContent = say("lab.more", {n: rest});
  $("replications").value = state.n; $("seed").value = state.seed;
}
function reset() {
  $("undo").disabled = !past.length;
  $("reset").disabled = !Object.keys(now().edits).length && !now().trouble.length;
}

// -------------------------------------------------------------------------------------------------------------- cards
const cards = new Map();
/** A unit in the language of the page: words are translated, signs and currencies are not. */
const unitWords = unit => { const key = "lab.unit-" + unit, found = say(key); return found === key ? unit : found; };
const titleOf = kpi => say("kpi." + kpi);
function makeCards() {
  cards.clear(); $("cards").replaceChildren();
  for (const kpi of Object.keys(shop.kpis)) {
    const box = element("article.card.kpi", undefined, $("cards")), head = element("h3", undefined, box), button = element("button", titleOf(kpi), head);
    button.type = "button"; button.title = say("lab.explain-hint"); box.dataset.kpi = kpi;
    button.addEventListener("click", () => explain(kpi));
    cards.set(kpi, {box, value: element("p.figure-of", undefined, box), sure: element("p.sure.soft", undefined, box), moved: element("p.moved", undefined, box)});
  }
}
function unsettle() { for (const {box} of cards.values()) box.classList.add("unsettled"); $("numbers").setAttribute("aria-busy", "true"); }
/** '± 0.21', or the ends of the interval where its arms differ. */
function armsOf(found, side) {
  if (side.half_width === null) return side.n === 1 ? say("lab.one-run") : "";
  const arm = side.half_width * found.factor, middle = side.mean * found.factor, [low, high] = [side.low * found.factor, side.high * found.factor];
  if (Math.abs(low + arm - middle) <= .15 * arm || arm === 0) return `± ${written(arm, found.places)}`;
  return say("lab.interval", {low: written(low, found.places), high: written(high, found.places)});
}
/** What is said of B − A: words, number, tone. */
function verdictOf(found) {
  const d = found.difference;
  if (!d || d.mean === null) return ["", "", ""];
  const number = `${written(d.mean * found.factor, d.places, true)} ${d.half_width === null ? "" : `± ${written(d.half_width * found.factor, d.places)} `}${unitWords(d.unit)}`;
  if (d.verdict === "same") return [say("lab.same"), "", "soft"];
  if (d.verdict === "unclear") return [say("lab.no-difference"), `(${number})`, "soft"];
  if (d.verdict === "no backorders") return [say("lab.not-judged"), `(${number})`, "soft"];
  const tone = d.verdict === "better" || d.verdict === "worse" ? d.verdict : "";
  return [say("lab." + d.verdict), number, tone];
}
function showNumbers() {
  const other = state.shown === "A" ? "A" : "B", settled = answer.done === true;
  for (const [kpi, {box, value: place, sure, moved}] of cards) {
    const found = answer.kpis[kpi];
    box.hidden = !found;
    if (!found) continue;
    const side = found.sides[other] ?? found.sides.B;
    place.textContent = ""; sure.textContent = ""; moved.textContent = ""; moved.className = "moved";
    if (side.mean === null) { element("b", "–", place); sure.textContent = side.reason ? `${say("common.undefined")}: ${spoken(side.reason)}` : say("common.undefined"); }
    else { element("b", written(side.mean * found.factor, found.places), place); place.append(found.unit ? " " + unitWords(found.unit) : ""); sure.textContent = armsOf(found, side); box.title = ""; }
    box.classList.toggle("none", side.mean === null);
    const [words, number, tone] = verdictOf(found);
    if (words || number) { moved.textContent = [words, number].filter(Boolean).join(" "); if (tone) moved.classList.add(tone); }
    box.classList.toggle("unsettled", !settled);
  }
  $("numbers").setAttribute("aria-busy", String(!settled));
  $("done").max = answer.of; $("done").value = answer.n;
  $("count").textContent = say(settled ? "lab.settled" : "lab.running", {n: answer.n, of: answer.of});
  const part = state.part;
  $("part").hidden = !part;
  if (part) $("part").textContent = say("lab.only", {name: part.name});
  if (settled) speakNumbers();
  if (answer.command && settled) $("command").textContent = answer.command;
}
function speakNumbers() {
  const first = Object.entries(answer.kpis).slice(0, 3).map(([kpi, found]) => {
    const side = found.sides[state.shown] ?? found.sides.B, [words, number] = verdictOf(found);
    return `${titleOf(kpi)} ${side.mean === null ? "–" : written(side.mean * found.factor, found.places) + " " + unitWords(found.unit)}${words || number ? `, ${words} ${number}` : ""}`;
  });
  $("spoken").textContent = `${say("lab.settled", {n: answer.n, of: answer.of})}: ${first.join("; ")}`;
}
function paintSides() {
  const pinned = state.sides.A !== null;
  $("flip").hidden = $("unpin").hidden = $("pinned").hidden = !pinned;
  $("show-a").setAttribute("aria-pressed", state.shown === "A"); $("show-b").setAttribute("aria-pressed", state.shown === "B");
  $("pin").textContent = say(pinned ? "lab.pin-again" : "lab.pin");
  if (pinned) $("pinned").textContent = say("lab.pinned", {a: wordsOf(state.sides.A)});
}
/** A side in words: policy, what is changed, trouble. */
function wordsOf(side) {
  const found = Object.entries(side.edits).map(([path, to]) => `${turned.get(path)?.known.name ?? path} ${to}`);
  if (side.trouble.length) found.push(say("lab.troubles", {n: side.trouble.length}));
  return [side.policy, ...found].join(", ");
}
function flip() {
  if (!state.sides.A) return;
  state.shown = state.shown === "A" ? "B" : "A";
  redraw(); if (answer) { showNumbers(); showView(true); }
  writeLink();
}
/** Draws everything that depends on the state alone. */
function redraw() { paintControls(); paintSides(); reset(); paintTrouble(); if (answer) showNumbers(); }
