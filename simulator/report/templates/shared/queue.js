// include: elements, formats
// The queue on a canvas: every order line as a mark by age and segment, from the customer to the door.
// A scene is {film, now, colours}: what the film holds, the day that is shown, the colours of the page.
const AGES = [[3, "#ffe9a8"], [7, "#fdbf4d"], [14, "#ee8130"], [21, "#cf4520"], [30, "#93173c"], [Infinity, "#4d0c3a"]];
const SHAPES = ["circle", "square", "triangle", "diamond", "cross", "star"];
const [PLACED, FILLED, SHIPPED, DELIVERED, GONE, UNITS, SEGMENT, ITEM, ORDER] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const LINGER = 0.6; // days that a token is seen at the door, or on its way out
/** Sets the size of a canvas, sharp on dense screens. */
function fit(canvas, width, height) {
  const ratio = Math.min(devicePixelRatio || 1, 2);
  canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio);
  canvas.style.width = width + "px"; canvas.style.height = height + "px";
  canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
}
function shape(c, kind, x, y, r, fill, line) {
  c.beginPath();
  switch (SHAPES[kind % SHAPES.length]) {
    case "square": c.rect(x - r * .9, y - r * .9, r * 1.8, r * 1.8); break;
    case "triangle": c.moveTo(x, y - r * 1.1); c.lineTo(x + r * 1.1, y + r * .9); c.lineTo(x - r * 1.1, y + r * .9); c.closePath(); break;
    case "diamond": c.moveTo(x, y - r * 1.2); c.lineTo(x + r * 1.2, y); c.lineTo(x, y + r * 1.2); c.lineTo(x - r * 1.2, y); c.closePath(); break;
    case "cross": for (const [a, b] of [[-1.1, -.4], [-.4, -.4], [-.4, -1.1], [.4, -1.1], [.4, -.4], [1.1, -.4], [1.1, .4], [.4, .4], [.4, 1.1], [-.4, 1.1], [-.4, .4], [-1.1, .4]]) c.lineTo(x + a * r, y + b * r); c.closePath(); break;
    case "star": for (let k = 0; k < 10; k++) { const a = Math.PI * k / 5 - Math.PI / 2, q = k % 2 ? r * .5 : r * 1.2; c.lineTo(x + q * Math.cos(a), y + q * Math.sin(a)); } c.closePath(); break;
    default: c.arc(x, y, r, 0, 7);
  }
  c.fillStyle = fill; c.fill(); c.strokeStyle = line; c.lineWidth = r < 4 ? .6 : 1; c.stroke();
}
function gone(c, x, y, r, colour) {
  c.strokeStyle = colour; c.lineWidth = 2; c.beginPath();
  c.moveTo(x - r, y - r); c.lineTo(x + r, y + r); c.moveTo(x + r, y - r); c.lineTo(x - r, y + r); c.stroke();
}
const age = (token, day) => AGES.find(([to]) => day - token[PLACED] < to)[1];
/** The value of a path [days, values] on a day. */
function value(path, day) {
  const [times, values] = path;
  let low = 0, high = times.length - 1;
  while (low < high) { const half = (low + high + 1) >> 1; if (times[half] <= day) low = half; else high = half - 1; }
  return values[low] ?? 0;
}
/** Where a token is on a day. */
function place(token, day) {
  if (day < token[PLACED]) return "none";
  if (token[GONE] !== null && day >= token[GONE]) return day < token[GONE] + LINGER ? "gone" : "none";
  if (token[FILLED] === null || day < token[FILLED]) return "backlog";
  if (token[SHIPPED] === null || day < token[SHIPPED]) return "warehouse";
  if (token[DELIVERED] === null || day < token[DELIVERED]) return "carrier";
  return day < token[DELIVERED] + LINGER ? "door" : "none";
}
/** The largest number of tokens that wait at one moment. */
function mostWaiting(lane, film) {
  const changes = [];
  for (const t of lane.tokens) {
    const until = Math.min(t[FILLED] ?? Infinity, t[GONE] ?? Infinity);
    if (until > t[PLACED]) changes.push([Math.max(t[PLACED], film.from), 1], [until, -1]);
  }
  changes.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let n = 0, most = 0;
  for (const [day, by] of changes) if (day < film.to) most = Math.max(most, n += by);
  return most;
}
/** A lane that can be drawn: it remembers where its marks are, so that they glide. */
const queueOf = (lane, film, canvas) => ({...lane, canvas, marks: lane.tokens.map(token => ({token, x: NaN, y: NaN})), most: Math.max(10, mostWaiting(lane, film))});
const COLUMNS = ["customers", "waiting (backlog)", "warehouse", "in transit", "delivered"], SHORT_COLUMNS = ["new", "waiting", "warehouse", "transit", "door"];
function columns(width, texts) {
  const narrow = width < 560, shares = narrow ? [.1, .43, .23, .14, .1] : [.1, .46, .2, .14, .1];
  const names = texts ?? (narrow ? SHORT_COLUMNS : COLUMNS);
  let x = 0;
  return shares.map((share, k) => { const found = {name: names[k], x, w: share * width}; x += found.w; return found; });
}
const lot = token => (token[ORDER] * 0.61803398875 + token[ITEM] * .37) % 1 * .999 + (token[ORDER] < 0 ? 1 : 0);
/** Draws a lane; `jump` puts the marks where they belong, otherwise they move there. */
function drawQueue(lane, scene, width, height, jump) {
  const {now, colours} = scene;
  if (lane.width !== width) { fit(lane.canvas, width, height); lane.width = width; jump = true; }
  const c = lane.canvas.getContext("2d"), cols = columns(width, scene.columns), top = 26, floor = height - 8;
  c.clearRect(0, 0, width, height);
  c.font = (width < 560 ? 11 : 13) + "px system-ui, sans-serif"; c.textBaseline = "alphabetic"; c.textAlign = "left";
  cols.forEach((col, k) => {
    if (k === 1 || k === 2) { c.fillStyle = colours.tint; c.beginPath(); c.roundRect(col.x + 3, top - 4, col.w - 6, floor - top + 8, 8); c.fill(); }
    c.fillStyle = colours.soft; c.fillText(col.name, col.x + 6, 14);
  });
  const shelf = Math.min(lane.items.length, 8) * (width < 560 ? 13 : 16) + 6;
  stock(c, lane, scene, cols[2], floor - shelf + 4, width < 560 ? 13 : 16);
  const waiting = cols[1], room = (waiting.w - 16) * (floor - top - 4);
  const r = Math.max(2, Math.min(8, Math.sqrt(room / lane.most) / 2.3)), d = 2.3 * r, rows = Math.max(1, Math.floor((floor - top) / d));
  const inside = cols[2], across = Math.max(1, Math.floor((inside.w - 14) / d));
  const packing = Math.ceil(lane.marks.filter(mark => place(mark.token, now) === "warehouse").length / across);
  const apart = Math.min(d, (floor - shelf - top - 2 * r) / Math.max(1, packing - 1)); // rows close up above the stock
  let queue = 0, packed = 0;
  for (const mark of lane.marks) {
    const t = mark.token, where = place(t, now);
    mark.where = where;
    if (where === "none") { mark.x = NaN; continue; }
    let x, y;
    if (where === "backlog") {
      x = waiting.x + waiting.w - 10 - r - Math.floor(queue / rows) * d; y = top + r + (queue % rows) * d; queue++;
      x = Math.max(x, waiting.x + 6 + r);
    } else if (where === "warehouse") {
      x = inside.x + 8 + r + (packed % across) * d; y = top + r + Math.floor(packed / across) * apart; packed++;
    } else if (where === "carrier") {
      const part = t[DELIVERED] === null ? .5 : (now - t[SHIPPED]) / (t[DELIVERED] - t[SHIPPED] || 1);
      x = cols[3].x + 8 + part * (cols[3].w - 12); y = top + 8 + lot(t) * (floor - top - 16);
    } else if (where === "door") {
      x = cols[4].x + 10 + Math.min(1, (now - t[DELIVERED]) / LINGER) * (cols[4].w - 22); y = top + 8 + lot(t) * (floor - top - 16);
    } else { x = cols[0].x + cols[0].w * .5; y = floor - 12 - 8 * lot(t); }
    if (Number.isNaN(mark.x)) { mark.x = jump ? x : cols[0].x + 10; mark.y = jump ? y : top + 10 + lot(t) * (floor - top - 40); }
    if (jump || stillness.matches) { mark.x = x; mark.y = y; } else { mark.x += (x - mark.x) * .18; mark.y += (y - mark.y) * .18; }
    if (where === "gone") { gone(c, mark.x, mark.y, Math.max(3, r), colours.bad); continue; }
    c.globalAlpha = where === "door" ? Math.max(.15, 1 - (now - t[DELIVERED]) / LINGER) : 1;
    shape(c, t[SEGMENT], mark.x, mark.y, Math.min(r, 7), age(t, where === "door" ? t[DELIVERED] : now), colours.ink);
    c.globalAlpha = 1;
  }
}
function stock(c, lane, {film, now, colours}, col, y, high) {
  const most = Math.max(1, ...lane.items.flatMap(path => path[1]));
  lane.items.forEach((path, k) => {
    const units = value(path, now), wide = (col.w - 20) * units / most;
    c.fillStyle = colours.good; c.globalAlpha = .35; c.fillRect(col.x + 8, y + k * high, wide, high - 3); c.globalAlpha = 1;
    c.fillStyle = colours.ink; c.fillText(`${film.items[k]} ${units}`, col.x + 11, y + k * high + high - 5);
  });
}
/** Units on backorder of every lane over the days of the film. */
function drawBacklog(canvas, {film, now, colours, units = "units"}, width, height) {
  fit(canvas, width, height);
  const c = canvas.getContext("2d"), most = Math.max(1, ...film.lanes.flatMap(lane => lane.levels.backlog[1]));
  const X = day => (day - film.from) / (film.to - film.from) * width, Y = units => height - 18 - units / most * (height - 30);
  c.font = "12px system-ui, sans-serif"; c.fillStyle = colours.soft; c.strokeStyle = colours.line; c.lineWidth = 1;
  c.beginPath(); c.moveTo(0, Y(0)); c.lineTo(width, Y(0)); c.stroke();
  const apart = Math.max(1, Math.ceil((film.to - film.from) / (width / 70)));
  for (let day = Math.ceil(film.from); day <= film.to; day += apart) { c.textAlign = day === film.from ? "left" : day + apart > film.to && X(day) > width - 30 ? "right" : "center"; c.fillText(calendar(film.start).short(day), X(day), height - 3); }
  c.textAlign = "left"; c.fillText(`${most} ${units}`, 2, 11);
  film.lanes.forEach((lane, k) => {
    c.strokeStyle = k ? colours.second : colours.accent; c.lineWidth = 2.5; c.setLineDash(k ? [7, 5] : []); c.beginPath();
    const [times, values] = lane.levels.backlog;
    times.forEach((day, j) => { if (j) c.lineTo(X(day), Y(values[j - 1])); c[j ? "lineTo" : "moveTo"](X(day), Y(values[j])); });
    c.lineTo(width, Y(values[values.length - 1])); c.stroke();
  });
  c.setLineDash([]); c.strokeStyle = colours.ink; c.lineWidth = 1.5; c.beginPath(); c.moveTo(X(now), 2); c.lineTo(X(now), Y(0)); c.stroke();
}
/** What a lane counts on a day of the film. */
function counts(lane, {film, now}) {
  const waiting = lane.tokens.filter(t => place(t, now) === "backlog");
  return {
    units: value(lane.levels.backlog, now), lines: waiting.length, longest: waiting.length ? now - Math.min(...waiting.map(t => t[PLACED])) : 0,
    onHand: value(lane.levels.on_hand, now), onOrder: value(lane.levels.on_order, now),
    lost: lane.tokens.reduce((n, t) => n + (t[GONE] !== null && t[GONE] >= film.from && t[GONE] <= now ? t[UNITS] : 0), 0),
  };
}
