// Numbers and dates in the language of the page.
const tongue = () => document.documentElement.lang === "es" ? "es" : "en";
const LOCALES = {en: ["en-US", "en-GB"], es: ["es", "es"]}; // of numbers and of dates
const negligible = text => !/[1-9]/.test(text);
/** A number with so many decimals; with `sign`, a positive one has a plus. */
function written(value, places, sign) {
  const text = Math.abs(value).toLocaleString(LOCALES[tongue()][0], {minimumFractionDigits: places, maximumFractionDigits: places});
  return (negligible(text) ? "" : value < 0 ? "-" : sign ? "+" : "") + text;
}
/** Decimals that show so many digits of a number. */
const decimals = (value, digits) => value ? Math.min(Math.max(digits - 1 - Math.floor(Math.log10(Math.abs(value))), 0), 4) : 0;
const near = value => Number(value.toPrecision(3)).toString();
/** Round values from low to high with their labels, as simulator/report/drawing/scale.py has them. */
function steps(low, high, most) {
  if (high <= low) return [[low, written(low, decimals(low, 2))]];
  const power = 10 ** Math.floor(Math.log10((high - low) / most));
  const step = [1, 2, 2.5, 5, 10, 20].map(k => k * power).find(s => (high - low) / s < most), found = [];
  for (let k = Math.ceil(low / step - 1e-9); k <= Math.floor(high / step + 1e-9); k++) found.push(k * step);
  const size = Math.max(0, -Math.floor(Math.log10(step) + 1e-9) + (/^2\.5/.test(step.toPrecision(2)) && step < 10 ? 1 : 0));
  return found.map(value => [value, written(value, size)]);
}
const dayWord = () => tongue() === "es" ? "día " : "day ";
/** Simulated days as dates, if day 0 has one (`start`, an ISO date), and otherwise as numbers of days. */
function calendar(start) {
  const date = day => start === null || start === undefined ? null : new Date(Date.parse(start + "Z") + Math.round(day * 86400) * 1000);
  const cut = (day, from, to) => date(day).toISOString().slice(from, to).replace("T", " ");
  return {
    short: day => date(day) ? cut(day, 5, 10) : String(Math.round(day)),
    minute: day => date(day) ? cut(day, 5, 16) : dayWord() + day.toFixed(2),
    clock: day => (date(day) ? cut(day, 0, 16) + " · " : "") + dayWord() + day.toFixed(2),
    long: day => date(day) ? `${date(day).toLocaleDateString(LOCALES[tongue()][1], {timeZone: "UTC", day: "numeric", month: "long", year: "numeric"})}, ${cut(day, 11, 16)}` : dayWord() + day.toFixed(1),
  };
}
