"""Amounts with units: '14 d', '6 h', '40 / d', '25 %', '25 % / y', dates; converted to days and rates per day."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, Field, WrapValidator
from pydantic_core import PydanticCustomError

DAYS = {"s": 1 / 86400, "min": 1 / 1440, "h": 1 / 24, "d": 1.0, "w": 7.0, "y": 365.0}
"""Days in one unit of time. A year is 365 days; a day is always 24 hours."""

_IN_ONE_DAY = {"s": 86400.0, "min": 1440.0, "h": 24.0}  # dividing by these is exact where multiplying is not
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_UNIT = "|".join(DAYS)
DURATION = rf"^\s*({_NUMBER})\s*({_UNIT})?\s*$"
RATE = rf"^\s*({_NUMBER})\s*/\s*({_UNIT})\s*$"
MULTIPLE = rf"^\s*[x×]\s*({_NUMBER})\s*$"
SHARE = rf"^\s*({_NUMBER})\s*%\s*$"
SHARE_RATE = rf"^\s*({_NUMBER})\s*%\s*/\s*({_UNIT})\s*$"
MOMENT = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?)?$"
LARGEST, SMALLEST = 1e15, 1e-15
BAD_DATA = "bad_data"  # type of the validation errors about data files


def wrong(message: str, code: str = "wrong") -> PydanticCustomError:
    """A validation error whose message pydantic passes on unchanged."""
    return PydanticCustomError(code, "{message}", {"message": message})


def bad_data(message: str) -> PydanticCustomError:
    """A validation error about a data file or a table, see `wrong`."""
    return wrong(message, BAD_DATA)


def number(value: object, means: str = "a number") -> float:
    """A finite float from 1e-15 to 1e15 in absolute value, or 0; the error shows what was read."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _no(value, means)
    try:
        x = float(value)
    except OverflowError:
        x = math.inf
    if not math.isfinite(x):
        raise wrong(f"{shown(value)} is not finite; expected {means}")
    if x and not SMALLEST <= abs(x) <= LARGEST:
        raise wrong(f"{shown(value)} is out of range; expected {means}, between 1e-15 and 1e15")
    return x + 0.0  # -0.0 becomes 0.0


def number_or_text(value: float | str) -> float | str:
    """A number if the text is one, as YAML reads it: without underscores, and in digits from 0 to 9."""
    if isinstance(value, str) and ("_" in value or not value.isascii()):
        return value
    try:
        return float(value)
    except ValueError:
        return value


def _no(value: object, means: str) -> PydanticCustomError:
    comma = isinstance(value, str) and re.match(r"\s*[-+]?\d+,\d", value[:40])
    hint = "; a number has a decimal point, and no separators between thousands" if comma else ""
    return wrong(f"{shown(value)} is not {means}{hint}")


def shown(value: object) -> str:
    """What was read, at most 40 characters of it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"{str(value).lower()} (YAML reads yes, no, on, off and true as booleans; quote them to get text)"
    text = value if isinstance(value, str) else repr(value)
    return repr(text if len(text) <= 40 else text[:37] + "...") if isinstance(value, str) else text[:40]


def _match(pattern: str, value: str) -> re.Match[str] | None:
    # Amounts are short, and matching long runs of blanks takes quadratic time.
    return re.match(pattern, value, re.ASCII) if len(value) <= 100 else None


def _in_days(x: float, unit: str | None) -> float:
    if unit in _IN_ONE_DAY:
        return x / _IN_ONE_DAY[unit]
    return x * DAYS[unit or "d"]


def _read(value: object, means: str, pattern: str, convert: Callable[[re.Match[str]], float]) -> float:
    """A number, or text of the pattern, whose match is converted to one."""
    if not isinstance(value, str):
        return number(value, means)
    if not (m := _match(pattern, value)):
        raise _no(value, means)
    return number(convert(m), means)


def duration(value: object) -> float:
    """A duration in days; a bare number is in days.

    >>> duration("6 h"), duration("2 w"), duration(3)
    (0.25, 14.0, 3.0)
    """
    means = "a duration: write 14 d, 6 h, 30 min, 2 w or 1 y (a bare number is days)"
    if isinstance(value, str) and _is_date(value):
        raise wrong(f"{shown(value)} looks like a date, not {means}")
    return _read(value, means, DURATION, lambda m: _in_days(float(m[1]), m[2]))


def rate(value: object) -> float:
    """A rate per day; a bare number is per day.

    >>> rate("40 / d"), rate("2 / h")
    (40.0, 48.0)
    """

    def per_day(m: re.Match[str]) -> float:
        x = float(m[1])
        return x * _IN_ONE_DAY[m[2]] if m[2] in _IN_ONE_DAY else x / DAYS[m[2]]

    return _read(value, "a rate: write 40 / d, 2 / h or 300 / w (a bare number is per day)", RATE, per_day)


def fraction(value: object) -> float:
    """A dimensionless number; '25 %' is 0.25."""
    return _read(value, "a share: write 25 % or 0.25", SHARE, lambda m: float(m[1]) / 100)


def multiple(value: object) -> float:
    """A factor; 'x3' is 3.

    >>> multiple("x1.5"), multiple(2)
    (1.5, 2.0)
    """
    return _read(value, "a multiple: write x1.5 or 1.5", MULTIPLE, lambda m: float(m[1]))


def whole(value: object) -> int:
    """A whole number of at most 2^53 in absolute value."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) == math.inf:
        raise _no(value, "a whole number")
    if value != int(value):
        raise wrong(f"{shown(value)} is not a whole number")
    if abs(value) > 2**53:
        raise wrong(f"{shown(value)} is out of range; the largest whole number is 2^53")
    return int(value)


class HoldingCost(NamedTuple):
    """Holding cost per unit and day: a share of the unit cost, plus an amount of money."""

    of_value: float
    """Share of the unit cost per day."""
    money: float
    """Currency per unit and day."""


def holding(value: object) -> HoldingCost:
    """'25 % / y' is a share of the unit cost; '1 / d' or a bare number is money per unit and day."""
    if isinstance(value, HoldingCost):
        return value
    if isinstance(value, str) and (m := _match(SHARE_RATE, value)):
        found = HoldingCost(number(float(m[1]) / 100 / DAYS[m[2]]), 0.0)
    else:
        try:
            found = HoldingCost(0.0, rate(value))
        except PydanticCustomError:
            raise _no(value, "a holding cost: write 25 % / y (of the unit cost) or 0.5 / d (money per unit)") from None
    if min(found) < 0:
        raise wrong(f"{shown(value)} is out of range; must be at least 0")
    return found


def share_rate(value: object) -> float:
    """A share per day, such as '0.1 % / d'; a bare number is per day."""
    if isinstance(value, str) and (m := _match(SHARE_RATE, value)):
        return number(float(m[1]) / 100 / DAYS[m[2]])
    try:
        return rate(value)
    except PydanticCustomError:
        raise _no(value, "a share per time: write 0.1 % / d") from None


_dimension: ContextVar[Callable[[object], float]] = ContextVar("dimension", default=number)
_start: ContextVar[dt.datetime | None] = ContextVar("start", default=None)


@contextmanager
def clock_start(start: dt.datetime | None) -> Iterator[None]:
    """Inside the block, dates are read as days since `start`."""
    token = _start.set(start)
    try:
        yield
    finally:
        _start.reset(token)


def current_start() -> dt.datetime | None:
    """The start of the clock of the scenario being read; None if it has no dates."""
    return _start.get()


def date(value: object) -> dt.datetime:
    """An ISO date, or date and time, without a time zone."""
    if isinstance(value, dt.datetime):
        found = value
    elif isinstance(value, dt.date):
        found = dt.datetime(value.year, value.month, value.day)
    else:
        found = _date_of(str(value), value)
    if found.tzinfo is not None:
        raise _zoned(value)
    return found


def _date_of(text: str, value: object) -> dt.datetime:
    write = "write 2025-01-31 or 2025-01-31T09:30"
    if not re.match(r"\d{4}-\d{2}-\d{2}", text[:11], re.ASCII):
        raise wrong(f"{shown(value)} is not a date; {_rewritten(text) or write}")
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError as error:
        if re.search(r"\d ?[A-Za-z]{1,5}$", text[:60]):  # UTC, EST
            raise _zoned(value) from None
        raise wrong(f"{shown(value)} is not a date ({str(error)[:80]}); {write}") from None


def _zoned(value: object) -> PydanticCustomError:
    return wrong(f"{shown(value)} has a time zone; times are local, and a day always has 24 hours")


def _rewritten(text: str) -> str:
    """'write 2025-01-06' for the day-first 06.01.2025; '' for other notations, where it is unclear what is the day."""
    if m := re.match(r"\s*(\d{1,2})\.(\d{1,2})\.(\d{4})\b", text[:40]):
        return f"write {m[3]}-{int(m[2]):02d}-{int(m[1]):02d} (year, month, day)"
    return ""


def in_words(serial: float) -> str:
    """The date that a spreadsheet shows for a day number.

    >>> in_words(45293)
    '2024-01-02'
    """
    return (dt.datetime(1899, 12, 30) + dt.timedelta(days=int(serial))).date().isoformat()


def moment(value: object) -> float:
    """Days since the clock's start: a duration, or a date if `clock.start` is given, not before it."""
    found, start = since_start(value), current_start()
    if found < 0 and start is not None and _is_date(value):
        raise wrong(f"{shown(str(value))} is before clock.start, which is {start:%Y-%m-%d}")
    return found


def since_start(value: object) -> float:
    """Days since the clock's start, below 0 for a date before it."""
    if not _is_date(value):
        return duration(value)
    found, start = date(value), current_start()
    if start is None:
        raise wrong(f"{value} is a date; dates need clock.start")
    return (found - start) / dt.timedelta(days=1)


def _is_date(value: object) -> bool:
    """Whether a date is meant, even in a notation that is not accepted."""
    return isinstance(value, dt.date) or (
        isinstance(value, str) and re.match(r"\s*\d+(-\d|[./]\d{1,2}[./]\d)", value[:40]) is not None
    )


def measured_in(dimension: Callable[[object], float]) -> WrapValidator:
    """Read amounts inside the field, such as parameters of a distribution, with `dimension`."""

    def validate(value: Any, handler: Callable[[Any], Any]) -> Any:
        token = _dimension.set(dimension)
        try:
            return handler(value)
        finally:
            _dimension.reset(token)

    return WrapValidator(validate)


def amount(value: object) -> float:
    """A number in the dimension of the enclosing field."""
    return _dimension.get()(value)


def plain(value: object) -> float:
    """A number without a unit."""
    if isinstance(value, str):
        raise _no(value, "a number without a unit")
    return number(value)


def text(value: object) -> str:
    """Text; YAML may have read it as another type, which the message then shows."""
    if isinstance(value, bool) or not isinstance(value, str):
        raise wrong(f"{shown(value)} is not text; quote it to get text")
    return value


def _amount(function: Callable[[object], Any], pattern: str) -> BeforeValidator:
    """Reads a field with the function; a JSON Schema says that it is a number or text of the pattern."""
    return BeforeValidator(function, json_schema_input_type=float | Annotated[str, Field(pattern=pattern)])


def _bare(function: Callable[[object], float], kind: type = float) -> BeforeValidator:
    """Reads a field with the function; a JSON Schema says that it is a number of this kind."""
    return BeforeValidator(function, json_schema_input_type=kind)


_ANY_AMOUNT = rf"{DURATION[:-1]}|^\s*{_NUMBER}\s*%\s*$".replace("|^", "$|^")
_DURATION, _SHARE = _amount(duration, DURATION), _amount(fraction, SHARE)
_OF_VALUE = rf"{SHARE_RATE[:-1]}$|{RATE}"

Duration = Annotated[float, _DURATION]
PositiveDuration = Annotated[float, _DURATION, Field(gt=0)]
NonNegativeDuration = Annotated[float, _DURATION, Field(ge=0)]
Rate = Annotated[float, _amount(rate, RATE), Field(ge=0)]
Share = Annotated[float, _SHARE, Field(ge=0, le=1)]
Factor = Annotated[float, _SHARE, Field(ge=0)]
Change = Annotated[float, _SHARE, Field(ge=-1)]
Multiple = Annotated[float, _amount(multiple, MULTIPLE), Field(ge=0)]
Money = Annotated[float, _bare(plain), Field(ge=0)]
Number = Annotated[float, _bare(plain)]
NonNegative = Annotated[float, _bare(plain), Field(ge=0)]
PositiveNumber = Annotated[float, _bare(plain), Field(gt=0)]
Whole = Annotated[int, _bare(whole, int)]
Amount = Annotated[float, _amount(amount, _ANY_AMOUNT)]
Holding = Annotated[HoldingCost, _amount(holding, _OF_VALUE)]
ShareRate = Annotated[float, _amount(share_rate, _OF_VALUE), Field(ge=0, le=1)]
Date = Annotated[dt.datetime, BeforeValidator(date, json_schema_input_type=Annotated[str, Field(pattern=MOMENT)])]
Day = Annotated[float, _amount(moment, rf"{DURATION}|{MOMENT}")]
"""As `Moment`, but it may be before the start."""
Moment = Annotated[float, _amount(moment, rf"{DURATION}|{MOMENT}"), Field(ge=0)]
Text = Annotated[str, BeforeValidator(text, json_schema_input_type=str)]
Texts = Annotated[
    list[Text], BeforeValidator(lambda v: v if isinstance(v, list) else [v], json_schema_input_type=Text | list[Text])
]
"""One text or a list of texts."""
