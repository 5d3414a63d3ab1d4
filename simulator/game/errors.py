"""What a player or teacher did wrong, as a sentence and as a key with values that a page can translate."""

from __future__ import annotations

from typing import Any

from simulator.foundation.errors import UserError
from simulator.game.texts import sentence


class GameError(UserError):
    """Something that a room refuses.

    Args:
        key: of the text, below `error.` in `texts.json`.
        values: what its sentence names.
    """

    def __init__(self, key: str, **values: Any) -> None:
        self.key, self.values = f"error.{key}", values
        super().__init__(sentence(self.key, **values))

    @property
    def message(self) -> dict[str, Any]:
        """`{"text": key, "values": {…}}`."""
        return {"text": self.key, "values": self.values}

    def __reduce__(self) -> Any:
        return _again, (self.key, self.values)


def _again(key: str, values: dict[str, Any]) -> GameError:
    return GameError(key.removeprefix("error."), **values)
