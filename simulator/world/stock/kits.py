"""Kits: records what is assembled, taken apart and put aside, and what was lacking."""

from __future__ import annotations

from simulator.engine.kit_engine import KitEngine
from simulator.world.state import ReplicationState


def build_kits(state: ReplicationState) -> None:
    """Records what happens to kits and their components, where the scenario has kits."""
    if isinstance(state.engine, KitEngine):
        KitRecorder(state, state.engine)


class KitRecorder:
    """Writes what the engine leaves after each command."""

    def __init__(self, state: ReplicationState, engine: KitEngine) -> None:
        self.clock, self.ledger, self.engine = state.clock, state.ledger, engine
        engine.noted = self.noted

    def noted(self) -> None:
        """Takes and records what the engine has noted."""
        now, engine, ledger = self.clock.now, self.engine, self.ledger
        for kit, units in sorted(engine.assembled.items()):
            if units:
                ledger.assembled.write(now, kit, units)
        for order, line, part, units in engine.moved:
            ledger.aside.write(now, order, line, part, units)
        for order, line, part, units in engine.lacking:
            ledger.lacking.write(order, line, part, units)
        engine.assembled.clear()
        engine.moved.clear()
        engine.lacking.clear()
