"""Which messages customers get, when, and how: silent, on request, on change, before a breach, heartbeat."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from simulator.foundation.plugin import Plugin, Spec
from simulator.foundation.units import NonNegativeDuration, PositiveDuration, Share, Text

Option = Literal["keep", "switch", "cancel"]
Occasion = Literal["order", "shipped", "held", "follow_up"]


class Channel(Spec):
    """How a message travels."""

    name: Text = "email"
    """Its name: email, sms, letter, status_page."""
    delivered: Share = 0.98
    """Share of messages that arrive (grade D: our assumption)."""
    opened: Share = 0.6
    """Share of those that are read (grade D: our assumption)."""
    fatigue: Share = 0.05
    """Share of its readers that is lost with each further message to the same customer (grade D: our assumption)."""
    push: bool = True
    """`false` for a page that the customer must look up, which does not count as a notice under the FTC rule (grade
    A)."""


KNOWN = {"email": {}, "sms": {"opened": 0.9, "fatigue": 0.15}, "status_page": {"opened": 0.2, "push": False}}


def _channel(value: Any) -> Any:
    if isinstance(value, str):
        return {"name": value, **KNOWN.get(value, {})}
    return value


class Communication(Plugin, family="communication"):
    """The messages to a customer whose order waits."""

    on_change: ClassVar[bool] = False
    """Whether a message is sent whenever the date moves."""
    on_request: ClassVar[bool] = False
    """Whether customers who ask get the current date."""

    channel: Annotated[
        Channel, BeforeValidator(_channel, json_schema_input_type=Literal["email", "sms", "status_page"] | Channel)
    ] = Field(default_factory=Channel)
    """How messages travel: `email`, `sms`, `status_page`, or a mapping with the shares that are delivered and read."""
    options: list[Option] = []
    """What a message about a delay offers, once per order: keep, switch to a substitute, cancel."""
    also: list[Occasion] = []
    """Further messages: `order` confirms a backorder, `shipped` announces each parcel, `held` says that goods are held
    for the rest of the order, `follow_up` asks a week after the delivery."""
    lag: NonNegativeDuration = 0.0
    """Days until the seller notices that a date can no longer be met."""
    tracking_page: Share = 0.0
    """Share of contacts that a tracking page answers instead of an agent."""

    @property
    def before(self) -> float | None:
        """Days before the date known to the customer at which it is checked; None: it is not checked."""
        return None

    @property
    def rhythm(self) -> float | None:
        """Days between two messages, whatever happens; None: no such messages."""
        return None

    @property
    def speaks(self) -> bool:
        """Whether any message is ever sent."""
        return bool(self.also) or self.on_change or self.before is not None or self.rhythm is not None


class Silent(Communication, kind="silent"):
    """No messages; customers who ask learn nothing new."""

    example: ClassVar = {"kind": "silent"}


class OnRequest(Communication, kind="on_request"):
    """No messages; customers who ask get the current date."""

    example: ClassVar = {"kind": "on_request", "tracking_page": "40 %"}
    on_request = True


class OnChange(OnRequest, kind="on_change"):
    """A message is sent whenever the date moves."""

    example: ClassVar = {"kind": "on_change", "channel": "sms"}
    on_change = True


class BeforeBreach(OnRequest, kind="before_breach"):
    """Some days before the date known to the customer, a message is sent if it will not be met."""

    example: ClassVar = {"kind": "before_breach", "lead": "3 d", "options": ["keep", "switch", "cancel"]}

    lead: PositiveDuration = 3.0
    """Days before the date at which it is checked (grade D: our assumption)."""

    @property
    def before(self) -> float | None:
        return self.lead


class Heartbeat(OnRequest, kind="heartbeat"):
    """A message at regular intervals with the current date: delayed, or still on track."""

    example: ClassVar = {"kind": "heartbeat", "every": "7 d"}

    every: PositiveDuration = 7.0
    """Days between two messages (grade D: our assumption)."""

    @property
    def rhythm(self) -> float | None:
        return self.every
