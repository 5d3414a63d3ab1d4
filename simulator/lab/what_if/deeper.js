// include: look
// Questions that take longer, explanations, and what can be taken home.
function openDialog(title, fill) {
  $("dialog-title").textContent = title; $("inside").replaceChildren(); fill($("inside"));
  if (!$("dialog").open) $("dialog").showModal();
}
/** One question at a time of each kind; starting again gives up the one before. */
const running = {};
async function longQuestion(name, more, call, bar) {
  running[name]?.abort();
  const mine = running[name] = new AbortController();
  bar.hidden = false; bar.removeAttribute("value");
  try { await listen(name, more, message => { if (mine === running[name]) call(message); }, mine.signal); }
  catch (error) { if (mine === running[name] && !stopped(error)) tellWrong(error.message); }
  finally { if (mine === running[name]) { bar.hidden = true; delete running[name]; } }
}
/** The controls that belong to what is shown and are seen at once, or have been changed. */
const seen = () => [...turned.values()].filter(({known}) => mine(known) && (known.main || known.path in now().edits)).map(({known}) => known);

// ----------------------------------------------------------------------------------------------------- what matters
let tornadoKey = "";
/** Turns every visible control down and up, in the background; unless `again`, only if something has changed. */
function findOut(again = true) {
  const kpi = $("tornado-kpi").value, bars = [], key = JSON.stringify(questionShown({kpi}));
  if (key === tornadoKey && !again) return;
  tornadoKey = key;
  longQuestion("tornado", questionShown({kpi, paths: seen().map(known => known.path)}), bar => {
    bars.push(bar);
    $("tornado-done").max = bar.of; $("tornado-done").value = bar.number;
    drawTornado(bars, kpi);
  }, $("tornado-done"));
}
function drawTornado(bars, kpi) {
  const reach = bar => Math.max(...bar.ends.map(end => Math.abs(end.mean ?? 0))), sorted = [...bars].sort((a, b) => reach(b) - reach(a));
  const most = Math.max(...sorted.map(reach)) * sorted[0].factor || 1, width = Math.max($("tornado").clientWidth, 260), narrow = width < 560, row = narrow ? 52 : 40;
  const left = narrow ? 10 : Math.min(280, width * .32), height = sorted.length * row + 30, middle = (left + width - 10) / 2, unit = (width - 10 - left) / 2 / most * .72;
  const svg = drawn("svg", {viewBox: `0 0 ${width} ${height}`, height, role: "img", class: "tor", "aria-label": say("lab.tornado-label", {kpi: titleOf(kpi), first: sorted[0].name})});
  const text = (words, x, y, anchor, look = "tx") => { const made = drawn("text", {class: look, x, y, "text-anchor": anchor}); made.textContent = words; svg.append(made); };
  svg.append(drawn("path", {class: "zr", d: `M${middle} 8V${height - 22}`}));
  sorted.forEach((bar, k) => {
    const y = 12 + k * row, top = narrow ? y + 18 : y + 4;
    text(bar.name, narrow ? left : left - 10, narrow ? y + 11 : y + 20, narrow ? "start" : "end", "nm");
    bar.ends.forEach((end, e) => {
      if (end.mean === undefined || end.mean === null) return;
      const size = end.mean * bar.factor * unit, x = size < 0 ? middle + size : middle, h = 11, py = top + e * (h + 2);
      svg.append(drawn("rect", {class: (e ? "up" : "down") + (end.significant ? "" : " unclear"), x, y: py, width: Math.max(Math.abs(size), 1), height: h, rx: 2}, `${bar.name} ${end.value}: ${written(end.mean * bar.factor, end.places, true)} ± ${written((end.half_width ?? 0) * bar.factor, end.places)} ${unitWords(bar.unit)}`));
      text(`${end.value}: ${written(end.mean * bar.factor, end.places, true)}`, size < 0 ? x - 5 : x + Math.abs(size) + 5, py + 10, size < 0 ? "end" : "start");
    });
  });
  text(say("lab.tornado-axis", {kpi: titleOf(kpi), unit: unitWords(sorted[0].unit)}), middle, height - 4, "middle");
  $("tornado").replaceChildren(svg);
}

// --------------------------------------------------------------------------------------------------------------- best
function makeBest() {
  const chosen = new Set([...$("vary").querySelectorAll("input:checked")].map(input => input.value));
  $("vary").replaceChildren();
  seen().slice(0, 8).forEach((known, k) => {
    const label = element("label", undefined, $("vary")), input = element("input", undefined, label);
    input.type = "checkbox"; input.value = known.path; input.checked = chosen.size ? chosen.has(known.path) : k < 2;
    label.append(known.name);
  });
}
function boundUnit() { const of = shop.kpis[$("bound").value]; $("limit-unit").textContent = of ? unitWords(of.unit) : ""; $("limit").disabled = !of; }
function search() {
  const paths = [...$("vary").querySelectorAll("input:checked")].map(input => input.value), bound = $("bound").value;
  if (!paths.length) { $("best-said").textContent = say("lab.vary-none"); return; }
  const limit = Number($("limit").value) / (shop.kpis[bound]?.unit === "%" ? 100 : 1), inWords = values => Object.entries(values ?? {}).map(([path, to]) => `${turned.get(path)?.known.name ?? path} ${to}`).join(", ");
  $("stop").hidden = false; $("best-said").textContent = say("lab.searching");
  longQuestion("best", questionShown({goal: $("goal").value, paths, trials: Number($("budget").value), ...(bound && Number.isFinite(limit) ? {bound: {kpi: bound, limit}} : {})}), message => {
    $("best-done").max = message.of; $("best-done").value = message.done;
    if (!("chosen" in message)) { $("best-said").textContent = say(message.values ? "lab.best-so-far" : "lab.none-so-far", {n: message.done, of: message.of, values: inWords(message.values)}); return; }
    if (!message.chosen) { $("best-said").textContent = say("lab.best-none"); return; }
    remember();
    const there = {...copyOf(now()), edits: message.chosen};
    state.sides = {A: copyOf(now()), B: there}; state.shown = "B";
    $("best-said").textContent = say(Object.keys(message.values).length ? "lab.best-found" : "lab.best-as-is", {values: inWords(message.values)}) + (message.decided ? "" : " " + say("lab.undecided"));
    redraw(); ask();
  }, $("best-done")).finally(() => { $("stop").hidden = true; });
}

// ------------------------------------------------------------------------------------------------ explanations, orders
async function explain(kpi) {
  try {
    const found = await inform("explain", questionShown({kpi})), side = found.number.sides.B, of = found.number;
    openDialog(titleOf(kpi), box => {
      const list = element("dl", undefined, box), entry = (name, text) => { if (!text) return; element("dt", say(name), list); element("dd", text, list); };
      entry("lab.what-it-is", spoken(found.definition)); entry("lab.share-of", spoken(found.denominator)); entry("lab.unit", unitWords(of.unit));
      entry("lab.better-is", say("lab.better-" + found.better));
      entry("lab.measured", side.mean === null ? spoken(side.reason) : `${written(side.mean * of.factor, of.places)} ${unitWords(of.unit)} ${armsOf(of, side)}`);
      entry("lab.based-on", say("lab.based-on-n", {n: found.replications, confidence: Math.round(shop.confidence * 100)}));
      const book = found.textbook;
      entry("lab.textbook", book ? `${written(book.value * of.factor, Math.min(of.places + 1, 4))} ${unitWords(of.unit)}` : say("lab.no-textbook"));
      if (book) { entry("lab.formula", spoken(book.formula)); entry("lab.source", book.source); }
    });
  } catch (error) { if (!stopped(error)) tellWrong(error.message); }
}
async function tellStory(number) {
  try {
    const found = await inform("order", question({order: String(number)}));
    openDialog(say("lab.order-title", {order: found.order}), box => {
      const both = element("div.stories", undefined, box), names = Object.keys(found.stories).sort();
      for (const name of names) {
        const part = element("section", undefined, both), side = state.sides[name];
        element("h3", names.length > 1 ? `${name}: ${wordsOf(side)}` : wordsOf(side), part);
        const list = element("ol", undefined, part);
        for (const step of found.stories[name]) { const entry = element("li", undefined, list); element("time", spoken(step.when), entry); entry.append(spoken(step.text)); }
        const button = element("button", say("lab.tracking"), part); button.type = "button";
        button.addEventListener("click", async () => {
          try {
            const made = await inform("tracking", {...question({order: String(number)}), a: null, b: side}), frame = element("iframe");
            frame.src = made.page; frame.title = say("lab.tracking"); box.querySelector("iframe")?.remove(); box.append(frame);
          } catch (error) { tellWrong(error.message); $("dialog").close(); }
        });
      }
    });
  } catch (error) { if (!stopped(error)) tellWrong(error.message); }
}

// ------------------------------------------------------------------------------------------------------------- take home
function deliver(blob, name) {
  const link = element("a"); link.href = URL.createObjectURL(blob); link.download = name; link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
/** The chart with its looks inside, as text. */
function svgText(svg) {
  const found = svg.cloneNode(true), before = [svg, ...svg.querySelectorAll("*")], after = [found, ...found.querySelectorAll("*")];
  before.forEach((one, k) => {
    const looks = getComputedStyle(one);
    for (const name of ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-size", "font-weight", "font-family", "paint-order"]) after[k].setAttribute(name, looks.getPropertyValue(name));
    after[k].removeAttribute("class");
  });
  const box = svg.viewBox.baseVal, paper = drawn("rect", {width: box.width, height: box.height, fill: pageColours().paper});
  found.setAttribute("width", box.width); found.setAttribute("xmlns", SVG); found.prepend(paper);
  return new XMLSerializer().serializeToString(found);
}
async function pngOf(svg) {
  const picture = new Image(), box = svg.viewBox.baseVal, canvas = element("canvas");
  await new Promise((loaded, failed) => { picture.onload = loaded; picture.onerror = failed; picture.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(svgText(svg)); });
  canvas.width = box.width * 2; canvas.height = box.height * 2;
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise(done => canvas.toBlob(done, "image/png"));
}
function makeSaves() {
  for (const figure of document.querySelectorAll(".figure")) {
    const box = figure.querySelector(".save"), chart = figure.querySelector(".chart");
    box.replaceChildren();
    for (const kind of ["SVG", "PNG"]) {
      const button = element("button", kind, box); button.type = "button"; button.setAttribute("aria-label", say("lab.save-picture", {kind}));
      button.addEventListener("click", async () => {
        const svg = chart.querySelector("svg"), name = `${shop.name}-${chart.id}`.replace(/[^A-Za-z0-9._-]/g, "-");
        if (!svg) return;
        if (kind === "SVG") deliver(new Blob([svgText(svg)], {type: "image/svg+xml"}), name + ".svg"); else deliver(await pngOf(svg), name + ".png");
      });
    }
  }
}
const tellHome = text => { $("home-said").textContent = text; };
async function saveFile(event) {
  event.preventDefault();
  try { const made = await inform("save", questionShown({name: $("file-name").value})); tellHome(say(made.data ? "lab.saved-data" : "lab.saved", made)); }
  catch (error) { tellHome(error.message); }
}
async function downloadYaml() {
  try { deliver(await (await post("yaml", questionShown())).blob(), `${shop.name.replace(/[^A-Za-z0-9._-]/g, "-")}-lab.yaml`); }
  catch (error) { tellHome(error.message); }
}
async function downloadWorkbook() {
  tellHome(say("lab.report-made")); $("workbook").disabled = true;
  try { deliver(await (await post("workbook", questionShown())).blob(), `${shop.name.replace(/[^A-Za-z0-9._-]/g, "-")}-lab.xlsx`); tellHome(""); }
  catch (error) { if (!stopped(error)) tellHome(error.message); }
  finally { $("workbook").disabled = false; }
}
async function makeReport() {
  tellHome(say("lab.report-made")); $("make-report").disabled = true; $("report").hidden = true;
  try { $("report").href = (await inform("report", questionShown())).page; $("report").hidden = false; tellHome(""); }
  catch (error) { if (!stopped(error)) tellHome(error.message); }
  finally { $("make-report").disabled = false; }
}
async function copyText(text, told) {
  try { await navigator.clipboard.writeText(text); told(say("lab.copied")); } catch { told(say("lab.not-copied")); }
}
