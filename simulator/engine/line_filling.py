"""The backorder engine that may fill any waiting line, not only the head of its backlog."""

from __future__ import annotations

from simulator.engine.backlog import Line, Shelf
from simulator.engine.backorder_engine import BackorderEngine


class LineFilling(BackorderEngine):
    """Fills the lines that a subclass chooses."""

    @staticmethod
    def _may_be_split(line: Line, units: int) -> bool:
        """Whether a waiting line may be filled with fewer units than it waits for."""
        terms = line.order.terms
        return terms.splits_lines and (not terms.least_of_line or units >= line.least)

    def _fill(self, shelf: Shelf, line: Line, units: int) -> None:
        """Fills units of a waiting line, as `BackorderEngine._serve` does inline."""
        order = line.order
        shelf.on_hand -= units
        shelf.backordered -= units
        line.open -= units
        self.fills.append((line, units))
        if not line.open:
            order.waiting.remove(line)  # type: ignore[union-attr]
            shelf.backlog.bury()
        if order.terms.splits_orders:
            if not order.packed:
                self.ready.append(order)
            order.packed += units
        else:
            order.held += units
            self._complete(order)
