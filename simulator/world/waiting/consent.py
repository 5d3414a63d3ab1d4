"""Consent: orders that must be confirmed again, and the FTC's rule with its notices and deadlines."""

from __future__ import annotations

from simulator.engine.backlog import Order
from simulator.model.nouns import Answer, Cause, Message
from simulator.policies.consent import Question, Stand, answered, question, stand_of
from simulator.policies.window import FtcConsent, Reconfirm
from simulator.world.orders.waiting_order import WaitingOrder
from simulator.world.state import ReplicationState
from simulator.world.waiting.messages import Notifications
from simulator.world.waiting.waiting_orders import CANCEL, CLOSE, WaitingOrders


class Consent:
    """Sends the notices that the window asks for, and acts on the answers."""

    def __init__(self, state: ReplicationState, waiting: WaitingOrders, notifications: Notifications) -> None:
        self.clock, self.flow, self.ledger = state.clock, state.flow, state.ledger
        self.waiting, self.notifications = waiting, notifications
        self.window, self.communication = state.decided.window, state.decided.communication
        state.flow.followers.wait_begins.add(self.wait_begins)

    def wait_begins(self, order: Order, patience: float, now: float) -> None:
        """Starts the clock of the rule for an order that goes on backorder."""
        wait: WaitingOrder = order.wait
        window = self.window.of(order)
        if isinstance(window, Reconfirm):
            self.clock.after(window.after, CLOSE, self._reconfirm, (wait, 0))
        elif isinstance(window, FtcConsent):
            wait.stand = stand = stand_of(order.placed, wait.quoted)
            self._set(wait, stand, now)

    # ------------------------------------------------------------- reconfirm
    def _reconfirm(self, timer: tuple[WaitingOrder, int], now: float) -> None:
        """Asks the customer whether the order stands; silence cancels it."""
        wait, times = timer
        if not wait.open:
            return
        window = self.window.of(wait.order)
        assert isinstance(window, Reconfirm)
        read = self.notifications.send(wait, Message.RECONFIRM, now)
        agrees = read and self.notifications.draw("reconfirm", wait.order, times) < window.agree
        self.ledger.answers.write(now, wait.order.number, Answer.CONSENT if agrees else Answer.SILENCE)
        if agrees:
            self.clock.after(window.after, CLOSE, self._reconfirm, (wait, times + 1))
        else:
            self.clock.after(window.grace, CANCEL, self._cancel_without_answer, wait)

    def _cancel_without_answer(self, wait: WaitingOrder, now: float) -> None:
        if wait.open:
            self.flow.order_is_given_up(wait.order, Cause.NO_CONSENT, now)

    # ------------------------------------------------------------- the rule
    def _set(self, wait: WaitingOrder, stand: Stand, now: float) -> None:
        window = self.window.of(wait.order)
        assert isinstance(window, FtcConsent)
        if not stand.free:
            self.clock.at(max(stand.due - window.lead, now), CLOSE, self._asks, (wait, stand))

    def _asks(self, timer: tuple[WaitingOrder, Stand], now: float) -> None:
        """The date is near; if it cannot be met, sends the notice that the rule asks for."""
        wait, stand = timer
        if not wait.open or wait.stand != stand:
            return
        date = self.waiting.quote(wait.order, now)
        if date is not None and date <= stand.due and now < stand.due:  # it will be met; check again on the day
            self.clock.at(stand.due, CLOSE, self._asks, (wait, stand))
            return
        if date is not None and date <= stand.due:
            date = None  # the day is missed; a day that has come (a fixed promise, a margin below 0) is not new
        if wait.promised != date:
            self.waiting.revise(wait, date, now)
        asked = question(stand, date)
        read = self.notifications.send(wait, Message.RENEWED if asked.renewed else Message.DELAY, now)
        push = self.communication.of(wait.order).channel.push
        self._answer(wait, stand, asked, read and push, now)

    def _answer(self, wait: WaitingOrder, stand: Stand, asked: Question, reached: bool, now: float) -> None:
        """Draws the customer's answer and acts on it."""
        window = self.window.of(wait.order)
        assert isinstance(window, FtcConsent)
        draw = self.notifications.draw("consent", wait.order, wait.messages) if reached else 1.0
        answer = "cancel" if draw < window.cancels else "silence"
        if window.cancels <= draw < window.cancels + window.agree:
            answer = "consent"
        self.ledger.answers.write(now, wait.order.number, Answer[answer.upper()])
        after = answered(stand, asked, answer)  # type: ignore[arg-type]
        if after is not None:
            wait.stand = after
            self._set(wait, after, now)
        elif answer == "cancel":
            self.flow.order_is_given_up(wait.order, Cause.NO_CONSENT, now)
        else:
            self.clock.at(max(asked.until, now), CANCEL, self._cancel_without_answer, wait)
