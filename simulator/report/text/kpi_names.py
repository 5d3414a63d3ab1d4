"""Names of KPIs for sentences and titles of charts."""

from __future__ import annotations

NAMES = {
    "wait_mean": "mean wait",
    "wait_p95": "95th percentile of waits",
    "cancellation_rate": "cancellations",
    "on_hand_mean": "mean stock on hand",
    "lost_at_checkout": "units lost at checkout",
    "otif_first_promise": "deliveries in full by the first promise",
    "turns": "inventory turns",
    "contribution_with_ltv": "contribution with lifetime value",
}


def name_of(key: str) -> str:
    """'fill rate'; 'mean wait of web' for `wait_mean_by_segment[web]`."""
    table, _, part = key.partition("[")
    if table.endswith("_by_segment"):
        return f"{name_of(table.removesuffix('_by_segment'))} of {part.removesuffix(']')}"
    return NAMES.get(key, key.replace("_", " "))


def title_of(key: str) -> str:
    """The name with a capital letter."""
    return capital(name_of(key))


def capital(text: str) -> str:
    """The text with a capital letter."""
    return text[:1].upper() + text[1:]
