"""Suppliers that Python plays while the kernel plays the orders: their clock is the queue of the kernel."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from math import inf
from typing import NamedTuple

from simulator.events.effect import Blockage
from simulator.world.clock import Action, Phase, Process
from simulator.world.orders.flow import Flow
from simulator.world.state import ReplicationState
from simulator.world.suppliers.purchase import Purchase, PurchaseCallback
from simulator.world.suppliers.purchasing import Purchasing
from simulator.world.suppliers.source import Source
from simulator.world.suppliers.vendor import Vendor

START = 0
"""The phase in which SimPy starts processes, before all others."""
Schedule = Callable[[float, int, int], None]
"""Puts an entry (time, phase, number) into the queue of the kernel."""


class KernelWait(NamedTuple):
    """What a process waits for."""

    time: float
    phase: int


class KernelClock:
    """A clock whose queue is the kernel's; it also drives the processes."""

    def __init__(self) -> None:
        self.now = 0.0
        self.calls: dict[int, tuple[Action, object]] = {}
        """Action and argument of every entry by number."""
        self.early: list[tuple[float, int, int]] = []
        """(time, phase, number) of the entries that were made before the play."""
        self.push: Schedule = lambda *entry: self.early.append(entry)
        self.made = 0

    def at(self, time: float, phase: int, action: Action, argument: object) -> None:
        if not time >= self.now:
            raise ValueError(f"time {time} lies before now, {self.now}")
        if time != inf:
            self.calls[self.made] = (action, argument)
            self.made += 1
            self.push(time, phase, self.made - 1)

    def after(self, delay: float, phase: int, action: Action, argument: object) -> None:
        if not delay >= 0:
            raise ValueError(f"a delay of {delay} days")
        self.at(self.now + delay, phase, action, argument)

    def until(self, time: float, phase: Phase) -> KernelWait:
        return KernelWait(time, phase)

    def process(self, generator: Process) -> None:
        self.at(self.now, START, self._go_on, generator)

    def _go_on(self, generator: Process, now: float) -> None:
        wait = next(generator, None)
        if wait is not None:
            self.at(wait.time, wait.phase, self._go_on, generator)

    def wake(self, number: int, now: float) -> None:
        """An entry has come to the head of the queue."""
        self.now = now
        action, argument = self.calls.pop(number)
        action(argument, now)


class KernelBuyer:
    """The warehouse as its suppliers meet it: what they deliver goes to the kernel."""

    def __init__(self, flow: Flow, receive: Callable[[int, int, int], None]) -> None:
        self.flow, self.clock, self.ledger, self.receive = flow, flow.clock, flow.ledger, receive
        self.purchases = flow.purchases
        self.purchase_released: Sequence[PurchaseCallback] = ()

    @property
    def purchasing(self) -> Purchasing:
        """Its purchases."""
        return self.flow.purchasing

    def goods_arrive(self, purchase: Purchase, now: float) -> None:
        """Records a receipt, and lets the kernel put the goods on the shelf."""
        if now < (day := self.flow.embargo.get(purchase.shelf.item, 0.0)):
            purchase.received = day
            self.clock.at(day, Phase.RECEIPT, self.goods_arrive, purchase)
        elif purchase.units:  # not all of it was withdrawn
            arriving = self.purchasing.arrived(purchase, now)
            self.receive(purchase.shelf.item, arriving, purchase.units - arriving)


def plays_suppliers(state: ReplicationState) -> bool:
    """Whether Python must play the suppliers, because one of them is more than a lead time."""
    purchasing = state.flow.purchasing
    if purchasing.inherited or any(decision.sees_pipeline for decision in state.replenishment):
        return True
    if any(isinstance(effect, Blockage) for occurrence in state.occurrences for effect in occurrence.effects):
        return True
    vendors = [vendor for vendor in purchasing.vendors.values() if isinstance(vendor, Vendor)]
    return any(type(vendor.source) is not Source or vendor.route.queue is not None for vendor in vendors)


class KernelHandle:
    """The functions of the kernel that Python calls while it plays.

    Raises:
        ArithmeticError: the kernel has failed, and the play is over.
    """

    def __init__(self, kernel: ctypes.CDLL, play: Callable[[], int]) -> None:
        self.kernel, self.play = kernel, play

    def schedule(self, time: float, phase: int, number: int) -> None:
        """See `Schedule`."""
        if self.kernel.schedule(self.play(), time, int(phase), number):
            raise ArithmeticError("the kernel has failed")

    def receive(self, shelf: int, arriving: int, lost: int) -> None:
        """Puts units on a shelf, from where they go to the backlog first."""
        if self.kernel.receive(self.play(), shelf, arriving, lost):
            raise ArithmeticError("the kernel has failed")
