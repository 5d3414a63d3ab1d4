"""The state of one replication: what all builders (stock, supply, delivery, demand, events) share."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.engine.backorder_engine import BackorderEngine
from simulator.model.nouns import World
from simulator.model.opening import KnownPurchase
from simulator.policies.policy import Policy
from simulator.policies.replenishment.replenishment import Replenishment
from simulator.randomness.estimate import LeadTimeEstimate
from simulator.randomness.streams import Streams
from simulator.record.facts import Promised
from simulator.record.ledger import Ledger
from simulator.scenario.schema.schema import Scenario
from simulator.world.clock import Clock
from simulator.world.numbering import Numbering
from simulator.world.occurrence import Occurrence
from simulator.world.orders.decided import Decided
from simulator.world.orders.flow import Flow
from simulator.world.own_days import OwnDays
from simulator.world.promotions import Promotions
from simulator.world.suppliers.depot import Depot
from simulator.world.suppliers.plant import Plant
from simulator.world.switchboard import Switchboard


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
    decided: Decided
    """The decisions in force for each order."""
    occurrences: list[Occurrence] = field(default_factory=list)
    """All events with their drawn times."""
    promotions: Promotions = field(init=False)
    own_days: OwnDays | None = None
    """From when goods leave, where customers want them on a later day."""
    promised: Promised | None = None
    """Dates given to orders that are filled at once; None where no date is given."""
    delays: dict[str, LeadTimeEstimate] = field(default_factory=dict)
    """By supplier, how late purchases from before the start come."""
    known_purchases: dict[int, KnownPurchase] = field(default_factory=dict)
    """Purchases from before the start that today's books have, by number."""
    plants: list[Plant] = field(default_factory=list)
    """Production lines of suppliers with limited capacity."""
    depots: list[Depot] = field(default_factory=list)
    """Suppliers that hold stock, downstream first."""

    @property
    def nouns(self) -> World:
        """What the numbers in the facts refer to."""
        return self.decided.world()

    @property
    def nodes(self) -> list[Flow | Depot]:
        """All places that review stock: the warehouse, then the suppliers that hold stock."""
        return [self.flow, *self.depots]
