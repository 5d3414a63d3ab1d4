"""The stage of one replication: what all of its builders (stock, supply, delivery, demand, events) share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulator.engine.backorder_engine import BackorderEngine
from simulator.events.event import Event, Span
from simulator.policies.policy import Policy
from simulator.policies.replenishment.replenishment import Replenishment
from simulator.randomness.streams import Streams
from simulator.record.ledger import Ledger
from simulator.scenario.schema.schema import Scenario
from simulator.world.clock import Clock
from simulator.world.numbering import Numbering
from simulator.world.orders.flow import Flow
from simulator.world.suppliers.depot import Depot
from simulator.world.suppliers.plant import Plant
from simulator.world.switchboard import Switchboard

if TYPE_CHECKING:
    from simulator.world.customers.footfall import Promotions
    from simulator.world.waiting.availability import Availability


@dataclass
class Occurrence:
    """An event of the scenario as this replication meets it."""

    event: Event
    key: str
    """Names its random numbers."""
    spans: list[Span]


@dataclass
class ReplicationState:
    """The objects of one replication."""

    scenario: Scenario
    policy: Policy
    numbering: Numbering
    streams: Streams
    clock: Clock
    ledger: Ledger
    board: Switchboard
    engine: BackorderEngine
    replenishment: list[Replenishment]
    """By item number, levels in whole units."""
    flow: Flow
    availability: Availability | None = None
    """Where dates are given."""
    promotions: Promotions | None = None
    """What is promoted, and when."""
    closable: frozenset[str] = frozenset()
    """Suppliers whose way to the buyer some event may close."""
    plants: list[Plant] = field(default_factory=list)
    """The lines of suppliers whose capacity is limited."""
    depots: list[Depot] = field(default_factory=list)
    """Suppliers that hold stock, downstream first."""

    @property
    def nodes(self) -> list[Flow | Depot]:
        """Everything that reviews stock: the warehouse, then the suppliers that hold stock."""
        return [self.flow, *self.depots]
