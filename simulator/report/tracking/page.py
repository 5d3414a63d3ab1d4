"""The tracking page of an order as one file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from simulator.record.order_numbers import check
from simulator.record.run import Run
from simulator.report.templates import page
from simulator.report.tracking.behind import behind
from simulator.report.tracking.letters import messages
from simulator.report.tracking.order import Tracked
from simulator.report.tracking.views import views

STEPS = ("Ordered", "In stock", "Shipped", "Delivered")


def tracking(run: Run, order: int, title: str, offered: Sequence[str] = ()) -> str:
    """The page, self-contained.

    Args:
        run, order: the order, by its number.
        title: the scenario's.
        offered: options that the policy offers in a message about a delay: keep, switch, cancel.

    Raises:
        UserError: the run has no such order.
    """
    check(run, order)
    whole = Tracked(run, order, offered)
    segment = "" if order < 0 else run.world.segments[int(run.demand.segments[order])].name
    data = {
        "title": title,
        "order": run.name_of(order) if order < run.opening.count else order,
        "segment": segment,
        "policy": run.policy,
        "seed": run.seed,
        "replication": run.replication,
        "start": None if run.world.start is None else run.world.start.isoformat(),
        "steps": STEPS,
        "views": [asdict(view) for view in views(whole)],
        "messages": [[m.time, whole.day(m.time), m.text] for m in messages(whole)],
        "behind": behind(whole),
    }
    return page("tracking", data, f"{title}: order {run.name_of(order)}")
