#!/usr/bin/env python3
"""Cut the data files of this folder from the raw extracts.

Usage:  python prepare.py INPUT_FOLDER [--out FOLDER] [--items FILE]

INPUT_FOLDER must hold
    online_retail/order_lines.csv.gz
    scms_leadtimes/lines.csv.gz
    cargo2000/legs.csv.gz
    fmcg_orders_deliveries/daily.csv.gz
    brunel_logistics/order_list.csv.gz, brunel_logistics/wh_capacities.csv
(README.md describes these raw extracts and their sources.)

Without options the files go into the folder of this script and the item lists
into ../base/online-retail-items.yaml, fmcg-items.yaml and brunel-plants.yaml.  Standard library only; the same input
always gives the same bytes.
"""

import argparse
import csv
import gzip
import io
import math
import statistics
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent

# (name, first day, last day) of the windows of online_retail_demand.csv
WINDOWS = (
    ("", date(2010, 12, 1), date(2011, 12, 9)),
    ("base_", date(2011, 2, 1), date(2011, 8, 31)),
    ("peak_", date(2011, 9, 1), date(2011, 11, 30)),
)
CARGO_TRIM_MINUTES = 54_000  # p99.5 of all legs
SCMS_YEARS = (("calm", "2006", "2009"), ("2011", "2011", "2011"))  # (name, first, last year of the order)
SCMS_MODES = {"Ocean": "ocean", "Air": "air", "Truck": "truck"}


# ---------------------------------------------------------------- reading, writing


def read_rows(path):
    """All rows of a gzipped CSV file as dictionaries."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def csv_bytes(header, rows):
    """The rows as UTF-8 CSV text with one header row."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def write_csv(path, header, rows):
    """A plain CSV file."""
    path.write_bytes(csv_bytes(header, rows))


def write_csv_gz(path, header, rows):
    """No file name and no time in the gzip header, so equal rows give equal bytes."""
    with path.open("wb") as raw, gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=raw, mtime=0) as f:
        f.write(csv_bytes(header, rows))


def num(x, digits=4):
    """Shortest plain text of a number rounded to `digits` decimals."""
    text = f"{x:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def quantile(values, p):
    """Linear interpolation between order statistics."""
    v = sorted(values)
    pos = p * (len(v) - 1)
    low = int(pos)
    high = min(low + 1, len(v) - 1)
    return v[low] + (v[high] - v[low]) * (pos - low)


def describe(name, values):
    """Print size, mean, CV and quantiles."""
    mean = statistics.fmean(values)
    cv = statistics.pstdev(values) / mean
    qs = " ".join(f"p{p:g} {quantile(values, p / 100):.4g}" for p in (5, 25, 50, 75, 90, 95, 99))
    print(f"  {name}: n {len(values)} mean {mean:.4g} cv {cv:.3f} {qs} max {max(values):.4g}")


# ---------------------------------------------------------------- online retail


def load_orders(folder):
    """Sale lines in order of time, and cancel lines."""
    sales, cancels = [], []
    for r in read_rows(folder / "online_retail" / "order_lines.csv.gz"):
        row = dict(r, qty=int(r["qty"]))
        if r["kind"] == "sale" and row["qty"] > 0:
            row["left"] = row["qty"]  # quantity not yet cancelled
            row["steps"] = []  # [cancel ts, cancelled quantity]
            sales.append(row)
        elif r["kind"] == "cancel" and row["qty"] < 0:
            cancels.append(row)

    # An order is one event: all its lines take the time of its first line.
    start = {}
    for r in sales:
        start[r["invoice"]] = min(r["ts"], start.get(r["invoice"], r["ts"]))
    moved = [r for r in sales if r["ts"] != start[r["invoice"]]]
    print(f"sale lines {len(sales)}, orders {len(start)}, cancel lines {len(cancels)}")
    print(
        f"orders keyed in over two minutes {len({r['invoice'] for r in moved})}, "
        f"lines moved to the first minute {len(moved)}"
    )
    for r in moved:
        r["ts"] = start[r["invoice"]]
    sales.sort(key=lambda r: r["ts"])  # stable: equal times keep the source order

    scans = Counter((r["invoice"], r["sku"]) for r in sales)
    repeated = [n for n in scans.values() if n > 1]
    print(
        f"invoice+sku pairs on several lines {len(repeated)}: {sum(repeated)} lines, "
        f"{sum(repeated) - len(repeated)} beyond the first"
    )
    return sales, cancels


def match_cancels(sales, cancels):
    """Charge every cancel line to the latest earlier sale lines of the same customer and sku."""
    lines = defaultdict(list)
    for r in sales:
        lines[r["customer"], r["sku"]].append(r)
    n = Counter()
    cancels.sort(key=lambda r: r["ts"])
    for c in cancels:
        want = -c["qty"]
        n["units"] += want
        if not c["customer"]:
            n["no_customer"] += 1
            n["no_customer_units"] += want
            continue
        touched = 0
        for s in reversed(lines[c["customer"], c["sku"]]):
            if not want:
                break
            if s["ts"] >= c["ts"] or not s["left"]:
                continue
            take = min(want, s["left"])
            s["left"] -= take
            want -= take
            touched += 1
            if s["steps"] and s["steps"][-1][0] == c["ts"]:
                s["steps"][-1][1] += take  # two rows of one credit note
            else:
                s["steps"].append([c["ts"], take])
        n["full" if not want else "part" if touched else "none"] += 1
        n["unmatched_units"] += want
        n["several_lines"] += touched > 1

    hit = [s for s in sales if s["steps"]]
    kept = sum(s["steps"][0][1] for s in hit)
    later = [q for s in hit for _, q in s["steps"][1:]]
    total = n["units"]
    print(f"cancel lines {len(cancels)}, units {total}")
    print(f"  matched in full {n['full']}, in part {n['part']}, spread over several sale lines {n['several_lines']}")
    print(f"  unmatched: no customer {n['no_customer']} ({n['no_customer_units']} units), no earlier sale {n['none']}")
    print(f"  units without a sale line (part and no earlier sale) {n['unmatched_units']}")
    print(
        f"sale lines with a cancellation {len(hit)}, units kept {kept}; "
        f"second and later steps dropped {len(later)} on "
        f"{sum(len(s['steps']) > 1 for s in hit)} lines, {sum(later)} units"
    )
    whole = sum(s["steps"][0][1] == s["qty"] for s in hit)
    print(f"  lines cancelled whole at the first step {whole} ({whole / len(hit):.1%})")


def write_orders(out, sales):
    """One row per sale line: the trace of a scenario."""
    header = ["invoice", "sku", "qty", "ts", "unit_price", "customer", "country", "cancel_ts", "cancel_qty"]
    rows = []
    for r in sales:
        cancel = r["steps"][0] if r["steps"] else ("", "")
        rows.append([r[h] for h in header[:7]] + list(cancel))
    write_csv_gz(out / "online_retail_orders.csv.gz", header, rows)


def write_items(out, items_yaml, sales):
    """One row per product, as a table and as the `items:` of a scenario."""
    open_days = len({r["ts"][:10] for r in sales})
    by_sku = defaultdict(list)
    for r in sales:
        by_sku[r["sku"]].append(r)
    rows, prices = [], {}
    for sku in sorted(by_sku):
        g = by_sku[sku]
        qty = [r["qty"] for r in g]
        units = sum(qty)
        price = statistics.median(float(r["unit_price"]) for r in g)
        prices[sku] = price
        names = Counter(r["description"] for r in g)
        name = min(names, key=lambda d: (-names[d], d))
        days = Counter()
        for r in g:
            days[r["ts"][:10]] += r["qty"]
        per_day = list(days.values())
        adi = open_days / len(days)
        cv2 = statistics.variance(per_day) / statistics.fmean(per_day) ** 2
        kind = ("smooth", "erratic", "intermittent", "lumpy")[2 * (adi > 1.32) + (cv2 > 0.49)]
        peak = sum(r["qty"] for r in g if "2011-09" <= r["ts"][:7] <= "2011-11")
        rows.append(
            {
                "sku": sku,
                "description": name,
                "price": num(price),
                "lines": len(g),
                "orders": len({r["invoice"] for r in g}),
                "units": units,
                "days_with_sales": len(days),
                "units_per_open_day": num(units / open_days),
                "first_sale": g[0]["ts"][:10],
                "last_sale": g[-1]["ts"][:10],
                "line_qty_median": num(quantile(qty, 0.5)),
                "line_qty_p95": num(quantile(qty, 0.95)),
                "line_qty_max": max(qty),
                "value_gbp": num(sum(float(r["unit_price"]) * r["qty"] for r in g), 2),
                "adi": num(adi),
                "cv2_nonzero_day": num(cv2),
                "demand_class": kind,
                "share_sep_nov_2011": num(peak / units),
                "cancelled_lines": sum(1 for r in g if r["steps"]),
                "cancelled_units": sum(r["steps"][0][1] for r in g if r["steps"]),
            }
        )
    write_csv(out / "online_retail_items.csv", list(rows[0]), [r.values() for r in rows])
    print(f"items {len(rows)}, open days {open_days}, classes {dict(Counter(r['demand_class'] for r in rows))}")

    text = [
        "# The 200 products of data/online_retail_orders.csv.gz (written by data/prepare.py).",
        "# price: median unit price in GBP. unit_cost: ASSUMED to be 50 % of the price; the source has no costs.",
        "# demand: mean units per calendar day over the whole record, known only with hindsight.",
        "# stock: ASSUMED to be 60 days of that demand; the source has no stock levels.",
        "items:",
    ]
    calendar_days = (WINDOWS[0][2] - WINDOWS[0][1]).days + 1
    demand = {sku: sum(r["qty"] for r in g) / calendar_days for sku, g in by_sku.items()}
    text += [
        f'  "{sku}": {{price: {num(p)}, unit_cost: {num(p / 2)}, demand: {num(demand[sku])}}}'
        for sku, p in sorted(prices.items())
    ]
    text += ["warehouse:", "  stock:"]
    text += [f'    "{sku}": {math.ceil(60 * demand[sku])}' for sku in sorted(prices)]
    items_yaml.write_text("\n".join(text) + "\n", encoding="utf-8", newline="\n")


def write_demand(out, sales):
    """Mean and standard deviation of daily units, closed days included as zeros."""
    daily = defaultdict(Counter)
    first = {}
    for r in sales:
        daily[r["sku"]][r["ts"][:10]] += r["qty"]
        first[r["sku"]] = min(r["ts"][:10], first.get(r["sku"], "9"))
    header, rows = ["sku"], []
    for name, _, _ in WINDOWS:
        header += [f"{name}mean_per_day", f"{name}sd_per_day"]
    header += ["listed_days", "listed_mean_per_day", "listed_sd_per_day", "max_per_day"]

    def moments(sku, start, end):
        span = [(start + timedelta(days=i)).isoformat() for i in range((end - start).days + 1)]
        v = [daily[sku][d] for d in span]
        return len(v), statistics.fmean(v), statistics.stdev(v)

    for sku in sorted(daily):
        row = [sku]
        for _, start, end in WINDOWS:
            _, mean, sd = moments(sku, start, end)
            row += [num(mean), num(sd)]
        n, mean, sd = moments(sku, date.fromisoformat(first[sku]), WINDOWS[0][2])
        rows.append([*row, n, num(mean), num(sd), max(daily[sku].values())])
    write_csv(out / "online_retail_demand.csv", header, rows)
    for i, label in enumerate(header[1:], 1):
        if label != "listed_days":
            v = [float(r[i]) for r in rows]
            qs = " ".join(f"p{p:g} {quantile(v, p / 100):.4g}" for p in (0, 10, 25, 50, 75, 90, 100))
            print(f"  {label}: mean {statistics.fmean(v):.4g} {qs}")


# ---------------------------------------------------------------- lead times, transit


def write_leads(folder, out):
    """Vendor lead times: one file for all modes, one per mode."""
    rows = [r for r in read_rows(folder / "scms_leadtimes" / "lines.csv.gz") if r["po_date"]]
    print(f"vendor order lines with po_date {len(rows)}")
    n, keep = Counter(), []
    for r in rows:
        lead = int(r["actual_lead_days"])
        if r["vendor"] == "PHARMACY DIRECT":
            n["PHARMACY DIRECT"] += 1
        elif lead <= 0:
            n["negative" if lead < 0 else "zero"] += 1
        else:
            keep.append(r)
    print(f"  dropped in this order: {dict(n)}; kept {len(keep)}")
    keep.sort(key=lambda r: (r["po_date"], int(r["line_id"])))
    write_csv(
        out / "scms_lead_days.csv",
        ["mode", "vendor", "planned_lead_days", "days_late", "lead_days"],
        [[r["mode"], r["vendor"], r["planned_lead_days"], r["days_late"], r["actual_lead_days"]] for r in keep],
    )
    describe("all", [int(r["actual_lead_days"]) for r in keep])
    for mode, name in SCMS_MODES.items():
        part = [r for r in keep if r["mode"] == mode]
        write_csv(
            out / f"scms_lead_days_{name}.csv",
            ["lead_days", "planned_lead_days", "days_late", "vendor"],
            [[r["actual_lead_days"], r["planned_lead_days"], r["days_late"], r["vendor"]] for r in part],
        )
        describe(name, [int(r["actual_lead_days"]) for r in part])
    for name, first, last in SCMS_YEARS:
        part = [r for r in keep if first <= r["po_date"][:4] <= last]
        write_csv(
            out / f"scms_lead_days_{name}.csv",
            ["lead_days", "planned_lead_days", "days_late", "vendor"],
            [[r["actual_lead_days"], r["planned_lead_days"], r["days_late"], r["vendor"]] for r in part],
        )
        describe(name, [int(r["actual_lead_days"]) for r in part])
        print(f"  late {sum(int(r['days_late']) > 0 for r in part) / len(part):.1%}")


def write_transit(folder, out):
    """Door-to-door legs of a carrier."""
    legs = read_rows(folder / "cargo2000" / "legs.csv.gz")
    rows, days, ratios, dropped = [], [], [], Counter()
    for r in legs:
        actual, plan = int(r["actual_total"] or 0), int(r["plan_total"] or 0)
        if actual <= 0 or plan <= 0:
            dropped["zero or missing"] += 1
        elif actual > CARGO_TRIM_MINUTES:
            dropped["above p99.5"] += 1
        else:
            days.append(actual / 1440)
            ratios.append(actual / plan)
            direction = "outbound" if r["leg"] == "o" else "inbound"
            rows.append([num(actual / 1440), num(actual / plan), r["hops"], direction])
    write_csv(out / "cargo2000_transit.csv", ["transit_days", "ratio", "hops", "direction"], rows)
    print(f"legs {len(legs)}, dropped {dict(dropped)}, kept {len(rows)}")
    describe("transit_days", days)
    describe("ratio", ratios)
    print(f"  late (ratio > 1) {sum(r > 1 for r in ratios) / len(ratios):.1%}, hops {Counter(r[2] for r in rows)}")


# ---------------------------------------------------------------- a maker's daily orders and deliveries


def write_fmcg(folder, out, base):
    """Orders, deliveries and production of every active product by day, and the backlog at the start."""
    by_sku = defaultdict(list)
    for r in read_rows(folder / "fmcg_orders_deliveries" / "daily.csv.gz"):
        by_sku[r["sku"]].append(r)

    def units(sku, column):
        return [round(float(r[column])) for r in by_sku[sku]]

    active = [
        s for s in sorted(by_sku) if sum(units(s, "ordered")) >= 5000 and sum(u > 0 for u in units(s, "ordered")) >= 40
    ]
    orders, supply, opening, means = [], [], {}, {}
    for sku in active:
        ordered, delivered, produced = (units(sku, c) for c in ("ordered", "delivered", "produced"))
        open_units, least = 0, 0
        for asked, sent in zip(ordered, delivered, strict=True):
            open_units += asked - sent
            least = min(least, open_units)
        opening[sku], means[sku] = -least, sum(ordered) / len(ordered)
        for r, asked, sent, made in zip(by_sku[sku], ordered, delivered, produced, strict=True):
            if asked:
                orders.append([r["date"], f"{r['date']} {sku}", sku, asked])
            if sent or made:
                supply.append([r["date"], sku, sent, made])
    orders.sort(key=lambda r: (r[0], r[2]))
    supply.sort(key=lambda r: (r[0], r[1]))
    write_csv_gz(out / "fmcg_orders.csv.gz", ["date", "order", "sku", "ordered"], orders)
    write_csv_gz(out / "fmcg_supply.csv.gz", ["date", "sku", "delivered", "produced"], supply)
    text = [
        "# The active products of data/fmcg_orders.csv.gz (written by data/prepare.py).",
        "# price, unit_cost: ASSUMED to be 1 and 0.6; the source has neither. demand: mean recorded units per day.",
        "# stock: the smallest opening backlog for which undelivered orders never fall below 0.",
        "items:",
        *(f'  "{sku}": {{price: 1, unit_cost: 0.6, demand: {num(means[sku])}}}' for sku in active),
        "warehouse:",
        "  stock:",
        *(f'    "{sku}": {-opening[sku]}' for sku in active),
    ]
    (base / "fmcg-items.yaml").write_text("\n".join(text) + "\n", encoding="utf-8", newline="\n")
    print(f"fmcg: {len(active)} products, {len(orders)} daily orders, opening backlog {sum(opening.values())} units")


# ---------------------------------------------------------------- an order book that plants cannot work off in a day


def write_brunel(folder, out, base):
    """One row an order, and the plants with their capacity."""
    rows = read_rows(folder / "brunel_logistics" / "order_list.csv.gz")
    with (folder / "brunel_logistics" / "wh_capacities.csv").open(encoding="utf-8", newline="") as f:
        capacity = {r["plant"]: int(r["orders_per_day"]) for r in csv.DictReader(f)}
    rows.sort(key=lambda r: int(r["order_id"].split(".")[0]))
    write_csv_gz(
        out / "brunel_orders.csv.gz",
        ["order", "day", "plant", "orders", "customer", "transit_days", "ship_late_days"],
        [[r["order_id"], 0, r["plant"], 1, r["customer"], r["transit_days"], r["ship_late_days"]] for r in rows],
    )
    book = Counter(r["plant"] for r in rows)
    text = [
        "# The plants of data/brunel_orders.csv.gz (written by data/prepare.py): one unit is one order to be made.",
        "# price, unit_cost: ASSUMED to be 1 and 0. Replenishment: a plant's daily capacity, first on day 0.",
        "items:",
        *(f"  {plant}: {{price: 1, unit_cost: 0}}" for plant in sorted(book)),
        "suppliers:",
        f"  plants: {{items: [{', '.join(sorted(book))}], lead_time: 0 d}}",
        "policies:",
        "  as_ordered:",
        "    replenishment:",
        *(f"      {plant}: {{kind: level, R: 1 d, first: 0 d, Q: {capacity[plant]}, S: 0}}" for plant in sorted(book)),
    ]
    (base / "brunel-plants.yaml").write_text("\n".join(text) + "\n", encoding="utf-8", newline="\n")
    days = {plant: round(n / capacity[plant], 1) for plant, n in sorted(book.items())}
    print(f"brunel: {len(rows)} orders, days of work by plant {days}")


def main():
    """Read the folder given, write the files, print the numbers of README.md."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("input", type=Path, help="folder with the raw extracts")
    parser.add_argument("--out", type=Path, default=HERE, help="where the CSV files go")
    parser.add_argument("--items", type=Path, default=HERE.parent / "base" / "online-retail-items.yaml")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    args.items.parent.mkdir(parents=True, exist_ok=True)
    sales, cancels = load_orders(args.input)
    match_cancels(sales, cancels)
    write_orders(args.out, sales)
    write_items(args.out, args.items, sales)
    write_demand(args.out, sales)
    write_leads(args.input, args.out)
    write_transit(args.input, args.out)
    write_fmcg(args.input, args.out, args.items.parent)
    write_brunel(args.input, args.out, args.items.parent)


if __name__ == "__main__":
    main()
