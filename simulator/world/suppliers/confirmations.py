"""Records the confirmations of a rule that divides stock."""

from __future__ import annotations

from simulator.engine.backorder_engine import BackorderEngine
from simulator.record.ledger import Ledger


def note_confirmations(engine: BackorderEngine, ledger: Ledger, now: float) -> None:
    """Records units that were confirmed or taken away, and guaranteed units that a run could not give."""
    for table, found in ((ledger.confirmed, engine.confirmations), (ledger.exceptions, engine.exceptions)):
        for line, units in found:
            table.write(now, line.order.number, line.number, line.shelf.item, units)
    engine.clear_confirmations()
