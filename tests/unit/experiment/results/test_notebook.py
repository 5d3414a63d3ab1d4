"""Results in notebooks and as data frames."""

import re
import subprocess
import sys
import types
from html.parser import HTMLParser
from pathlib import Path

import pandas
import pytest

from simulator.experiment.running.progress import in_notebook, progress_bar
from simulator.scenario.loader import load
from simulator.world.simulate import simulate
from tests.unit.experiment import fakes

ROOT = Path(__file__).resolve().parents[4]
KERNEL = """
import sys
import nbclient, nbformat
book = nbformat.v4.new_notebook()
book.cells = [nbformat.v4.new_code_cell(code) for code in sys.argv[1:]]
nbclient.NotebookClient(book, timeout=60, kernel_name="python3").execute()
for cell in book.cells:
    for output in cell.outputs:
        print(output.output_type, list(output.get("data", {})), output.get("name", ""), output.get("text", "")[-200:])
"""
LOAD = "import simulator; s = simulator.load('scenarios/steady-shop.yaml').edit({'clock.horizon': 90})"


class Balanced(HTMLParser):
    """Raises where tags do not close in order."""

    def __init__(self):
        super().__init__()
        self.open, self.cells = [], []

    def handle_starttag(self, tag, attributes):
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("td", "th", "span", "b"):
            self.cells.append(data)


def test_results_show_themselves_as_a_table_that_needs_nothing(run):
    results = run(fakes.scenario(title="A <corner> shop & more"))
    html = results._repr_html_()
    reader = Balanced()
    reader.feed(html)
    assert reader.open == []
    assert "A &lt;corner&gt; shop &amp; more" in html
    assert not re.search(r"<script|src=|href=|https?:|@import", html)
    assert {"lean", "careful", "=bold", "service", "fill_rate", "share"} <= set(reader.cells)
    assert "write_off_units" not in html  # it has no value
    row = re.search(r">fill_rate<.*?</tr>", html)[0]
    assert row.count("▲") == 2
    assert row.count("★") == 1
    assert row.index("★") > row.index("▲")
    assert "▲" not in re.search(r">total_cost<.*?</tr>", html)[0]


def test_one_policy_has_no_marks(run):
    html = run(policies=["lean"])._repr_html_()
    assert not set("★▲▼") & set(html)
    assert run(replications=1)._repr_html_().count("<tr>") > 2


def test_a_bar_stands_in_notebooks_unless_it_is_turned_off(monkeypatch, capsys):
    assert not in_notebook()
    with progress_bar(None, 3) as bar:
        assert bar is None
    shell = types.SimpleNamespace(config={"IPKernelApp": {}})
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell, version_info=(9,)))
    assert in_notebook()
    with progress_bar(None, 3) as bar:
        assert bar is not None
    with progress_bar(False, 3) as bar:
        assert bar is None
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: None))
    assert not in_notebook()


def test_in_a_real_kernel_the_last_line_is_a_table_and_the_run_has_a_bar():
    pytest.importorskip("nbclient")
    run = "r = simulator.run(s, replications=3, policies=['lean', 'safe'])\nr"
    bar = (
        "import time\nfrom simulator.experiment.running.progress import progress_bar\n"
        "with progress_bar(None, 3) as b:\n"
    )
    slow = f"{bar}    time.sleep(.6); b.update(1)"
    told = subprocess.run(
        [sys.executable, "-c", KERNEL, LOAD, run, slow], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert told.returncode == 0, told.stderr
    assert re.search(r"execute_result .*'text/html'", told.stdout)
    assert "1 of 3 replications" in told.stdout


def test_a_data_frame_has_the_means_of_the_results(run):
    results = run(replications=5)
    frame = results.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    means = frame.groupby(["policy", "kpi"]).value.mean()
    for policy in results.policies:
        for kpi in ("fill_rate", "wait_backordered"):
            assert means[policy, kpi] == pytest.approx(results.estimate(policy, kpi).mean)
    assert pandas.isna(means["lean", "write_off_units"])


def test_orders_of_a_run_are_columns_of_one_length():
    shop = load(ROOT / "scenarios/steady-shop.yaml").edit({"clock.horizon": 90, "clock.warm_up": 5})
    run = simulate(shop, "lean", seed=7)
    orders = pandas.DataFrame(run.orders())
    assert len(orders) == len(run.demand.times)
    assert {"placed", "first_shipped", "delivered", "cancelled", "units", "units_at_once", "parcels"} <= set(orders)
    shipped = orders[orders.delivered.notna()]
    assert (shipped.placed <= shipped.first_shipped).all()
    assert (shipped.first_shipped <= shipped.delivered).all()
