"""Validators of pydantic, built as a whole.

Pydantic builds a validator when it is first used. A KeyboardInterrupt that arrives meanwhile may be lost in its
compiled code, which then keeps a validator with a wrong pattern: Ctrl-C waits until it is built.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, TypeAdapter

from simulator.foundation.signals import unbroken


def adapter_of(annotation: Any) -> TypeAdapter[Any]:
    """The adapter of a type, with its validator."""
    with unbroken():
        return TypeAdapter(annotation)


def build(model: type[BaseModel]) -> None:
    """Build the validator of a model that defers it; does nothing where there is one."""
    if not model.__pydantic_complete__:
        with unbroken():
            model.model_rebuild()
