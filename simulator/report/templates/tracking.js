// include: elements, formats
const page = readData(), days = calendar(page.start);
const slider = $("time");
$("title").textContent = "Order " + page.order;
$("about").textContent = `${page.title}${page.segment ? `, ${page.segment}` : ""}; policy ${page.policy}, seed ${page.seed}` + (page.replication ? `, replication ${page.replication}` : "");
slider.max = page.views.length - 1;
slider.value = page.views.length - 1;

function add(list, ...cells) {
  const row = element("li", undefined, list);
  for (const [tag, text] of cells) element(tag, text, row);
  return row;
}
function fill(id, rows, cells) {
  $(id).textContent = "";
  for (const row of rows) add($(id), ...cells(row));
  const card = $(id + "-card");
  if (card) card.hidden = !rows.length;
}
for (const [time, stamp, place, text] of page.behind) {
  const row = add($("behind"), ["small", `${stamp} · ${place}`], ["span", text]);
  row.className = place; row.dataset.time = time;
}
function show(number) {
  const view = page.views[number], until = number + 1 < page.views.length ? page.views[number + 1].time : Infinity;
  slider.value = number;
  $("day").textContent = days.long(view.time);
  slider.setAttribute("aria-valuetext", `${days.long(view.time)}: ${view.headline}`);
  $("headline").textContent = view.headline; $("note").textContent = view.note;
  $("status").className = "card status " + view.tone;
  $("steps").textContent = "";
  page.steps.forEach((name, k) => { const step = add($("steps"), ["span", name]); if (k < view.step) step.className = "done"; if (k + 1 === view.step) step.setAttribute("aria-current", "step"); });
  $("promise").textContent = view.promise.now; $("first").textContent = view.promise.first ?? ""; $("kept").textContent = view.promise.kept ?? "";
  $("paid").textContent = view.money.paid; $("due").textContent = view.money.due ?? ""; $("back-paid").textContent = view.money.back ?? "";
  fill("lines", view.lines, line => [["span", `${line.units} × ${line.item}`], ["span", line.state]]);
  fill("parcels", view.parcels, parcel => [["span", `${parcel.number}: ${parcel.holds}`], ["span", parcel.state]]);
  fill("options", view.options, option => [["b", option.name], ["span", option.text]]);
  fill("messages", page.messages.filter(m => m[0] < until).reverse(), m => [["span", m[1]], ["span", m[2]]]);
  for (const row of $("behind").children) row.classList.toggle("later", Number(row.dataset.time) >= until);
  $("back").disabled = number === 0; $("step").disabled = number === page.views.length - 1;
}
const move = by => show(Math.min(Math.max(Number(slider.value) + by, 0), page.views.length - 1));
slider.addEventListener("input", () => show(Number(slider.value)));
$("back").addEventListener("click", () => move(-1));
$("step").addEventListener("click", () => move(1));
addEventListener("keydown", event => {
  if (event.target === slider || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "ArrowLeft") move(-1); else if (event.key === "ArrowRight") move(1); else return;
  event.preventDefault();
});
show(page.views.length - 1);
