"""From what was given to plain values: codes, whole numbers, the names of columns."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, TypeAlias, cast

from wholefamily import _bridge
from wholefamily.errors import SpecError, TypeError_

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Code: TypeAlias = "str | int | bool | dt.date"
"""A value of a coded column."""

Chosen: TypeAlias = "Mapping[str, Code | Iterable[Code]]"
"""Values by column: one, or several."""

CENTURY = 36_525
"""So many days can lie in between at most."""


def whole_number(name: str, given: object, least: int, most: int) -> None:
    """Check a whole number."""
    if not isinstance(given, int) or isinstance(given, bool):
        msg = f"{name} is {_bridge.shown(given)}; expected a whole number"
        raise TypeError_(msg)
    if not least <= given <= most:
        msg = f"{name} is {given}; expected {least} to {most}"
        raise SpecError(msg)


def flag(name: str, given: object) -> bool:
    """Check that something is true or false."""
    if not isinstance(given, bool):
        msg = f"{name} is {_bridge.shown(given)}; expected true or false"
        raise TypeError_(msg)
    return given


def column_name(role: str, given: object) -> str:
    """Check that a column is named by text."""
    if not isinstance(given, str):
        msg = f"{role} is {_bridge.shown(given)}; expected the name of a column"
        raise TypeError_(msg)
    return given


def plain(value: object) -> object:
    """Turn a value into one that JSON has."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dict):
        pairs = cast("dict[str, object]", value).items()
        return {name: plain(each) for name, each in pairs}
    if isinstance(value, list | tuple):
        return [plain(each) for each in cast("Iterable[object]", value)]
    if value is None or isinstance(value, str | bool | int):
        return value
    msg = f"{value!r} cannot be a value here; expected text, a whole number, true, false or a date"
    raise TypeError_(msg)
