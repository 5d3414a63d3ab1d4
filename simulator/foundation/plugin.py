"""The plug-in mechanism of everything that a user chooses by `kind`: a class is registered by its file's presence."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from contextvars import ContextVar
from functools import cache, partial
from types import CodeType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    TypeAdapter,
    ValidatorFunctionWrapHandler,
)
from pydantic_core import CoreSchema, core_schema

from simulator.foundation.docstrings import attribute_docstrings
from simulator.foundation.errors import misspelt, nearest
from simulator.foundation.extensions import offered
from simulator.foundation.units import wrong
from simulator.foundation.validators import adapter_of, build

FAMILIES: dict[str, type[Plugin]] = {}
"""Every family by its name, in the order of their definition."""


class Spec(BaseModel):
    """A frozen model of user input: unknown keys are errors, and the docstring below a field is its description.

    Pydantic can read these docstrings too (`use_attribute_docstrings`), but it does so at every import.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True, validate_default=False)

    @classmethod
    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Evaluate the annotations, which are text: pydantic would compile each again, and many occur repeatedly."""
        super().__init_subclass__(**kwargs)
        if cls.__qualname__ != cls.__name__ or cls.__module__ not in sys.modules:
            return  # in a function or a class, whose names pydantic knows
        annotations, names = cls.__dict__.get("__annotations__", {}), vars(sys.modules[cls.__module__])
        for name, text in annotations.items():
            if isinstance(text, str):
                with suppress(NameError):  # of what is defined later: pydantic looks again
                    annotations[name] = eval(_compiled(text), names, vars(cls))

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Pydantic evaluates the annotations of class variables again for every subclass, although they are not fields;
        it knows by now which names they have."""
        super().__pydantic_init_subclass__(**kwargs)
        for name in cls.__class_vars__:
            cls.__annotations__.pop(name, None)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """A model within another has a validator of its own, which is built when its first value is read: a file uses
        few of all."""
        if _all_kinds.get():
            return handler(source)
        if _is_within.get():
            return core_schema.no_info_plain_validator_function(partial(_read, cls))
        token = _is_within.set(True)
        try:
            return handler(source)
        finally:
            _is_within.reset(token)

    if not TYPE_CHECKING:  # otherwise every name would be known to be an attribute

        def __getattr__(self, name: str) -> Any:
            """A private attribute; pydantic looks for descriptors first, which takes microseconds and which none is."""
            private = object.__getattribute__(self, "__pydantic_private__")
            return private[name] if private and name in private else super().__getattr__(name)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        found = handler(schema)
        properties = handler.resolve_ref_schema(found).get("properties", {})
        docs = attribute_docstrings(cls)
        for name, field in cls.model_fields.items():
            if name in docs and (key := field.alias or name) in properties:
                properties[key]["description"] = docs[name]
        return found


@cache
def _compiled(annotation: str) -> CodeType:
    return compile(annotation, "<annotation>", "eval")


class Plugin(Spec):
    """The base class of all families.

    A family is `class Arrivals(Plugin, family="arrivals")`; a member is `class Poisson(Arrivals, kind="poisson")`.
    Every member has a docstring (its first line is shown by `backorder list`) and a working `example`.
    """

    family: ClassVar[str] = ""
    kinds: ClassVar[dict[str, type[Plugin]]]
    example: ClassVar[dict[str, Any]]
    plain_value: ClassVar[Callable[[Any], Any] | None] = None
    """Converts a plain value (text or number) to the mapping that it abbreviates; None if there is no short form."""

    @classmethod
    def __init_subclass__(cls, *, family: str = "", kind: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if family:
            cls.family, cls.kinds = family, {}
            FAMILIES[family] = cls
        elif kind:
            if (other := cls.kinds.get(kind)) is not None and other.__module__ != cls.__module__:
                raise TypeError(f"{cls.family} {kind!r} is in {other.__module__} and in {cls.__module__}")
            cls.__annotations__ = {"kind": Literal[kind], **cls.__dict__.get("__annotations__", {})}
            cls.kind = kind  # type: ignore[attr-defined]
            cls.kinds[kind] = cls

    @classmethod
    def meaning(cls) -> str:
        """The first sentence of the docstring."""
        return (inspect.getdoc(cls) or "").split("\n\n")[0].replace("\n", " ")

    @classmethod
    def parse(cls, value: Any) -> Self:
        """A member from plain data, as in a scenario file."""
        found: Self = adapter_of(cls).validate_python(value)
        return found

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        if FAMILIES.get(cls.family) is not cls:
            return super().__get_pydantic_core_schema__(source, handler)
        # Many fields hold a family: its schema is made once, and later fields refer to it.
        ref = f"{cls.__module__}.{cls.__qualname__}:{id(cls)}"
        reference = core_schema.definition_reference_schema(ref)
        try:
            handler.resolve_ref_schema(reference)
            return reference
        except LookupError:
            pass
        kinds: dict[Any, CoreSchema] = {
            kind: handler.generate_schema(member)
            if _all_kinds.get()
            else core_schema.no_info_plain_validator_function(partial(_read, member))
            for kind, member in cls.kinds.items()
        }
        union = core_schema.tagged_union_schema(kinds, discriminator="kind")

        def prepare(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
            if isinstance(value, cls):
                return value
            known = f"kinds of {cls.family}: {', '.join(cls.kinds)}"
            if not isinstance(value, dict):
                if cls.plain_value is None:
                    hint = f"; write {{kind: {value}}}" if isinstance(value, str) and value in cls.kinds else ""
                    raise wrong(f"expected a mapping with `kind:`{hint}; {known}")
                return cls.plain_value(value)
            if "kind" not in value:
                raise wrong(f"`kind:` is missing{misspelt('kind', value)}; {known}")
            kind = value["kind"]
            if not isinstance(kind, str) or kind not in cls.kinds:
                close = nearest(str(kind), cls.kinds)
                more = offered(cls.family, str(kind))
                raise wrong(f"unknown kind {str(kind)[:60]!r}{close}; {known}{more}", "unknown_kind")
            try:
                return validate(value)
            except ArithmeticError as error:
                raise wrong(f"these values cannot be used in a computation ({error})") from None

        return core_schema.no_info_wrap_validator_function(prepare, union, ref=ref)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        if FAMILIES.get(cls.family) is not cls:
            return super().__get_pydantic_json_schema__(schema, handler)
        found = handler(schema)
        if cls.plain_value is not None:
            found = {"anyOf": [{"type": ["number", "string"]}, found]}
        return {"description": cls.meaning(), **found}


_all_kinds: ContextVar[bool] = ContextVar("all_kinds", default=False)
_is_within: ContextVar[bool] = ContextVar("is_within", default=False)


def _read(member: type[Spec], value: Any) -> Any:
    """A value of a kind, or of a model within another, whose validator is built when its first value is read."""
    build(member)
    return member.__pydantic_validator__.validate_python(value)


def whole_json_schema(model: type[Spec]) -> dict[str, Any]:
    """The JSON Schema of a model with all kinds of all families, which the validators of models leave out."""
    built = {spec: spec.__dict__["__pydantic_core_schema__"] for spec in _specs(Spec) if spec.__pydantic_complete__}
    token = _all_kinds.set(True)
    try:
        for spec in built:
            del spec.__pydantic_core_schema__
        return TypeAdapter(model).json_schema()
    finally:
        _all_kinds.reset(token)
        for spec, schema in built.items():
            spec.__pydantic_core_schema__ = schema


def _specs(model: type[Spec]) -> Iterator[type[Spec]]:
    yield model
    for member in model.__subclasses__():
        yield from _specs(member)


def load_folder(package: str, path: list[str]) -> None:
    """Import every module of a package folder and its subfolders, which registers the kinds in them."""
    for found in sorted(pkgutil.iter_modules(path), key=lambda m: m.name):
        importlib.import_module(f"{package}.{found.name}")
