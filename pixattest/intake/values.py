"""Text of a cell → date, level, score; or what is wrong with it and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Generic, TypeVar

from pixattest.errors import shown

_Value = TypeVar("_Value")

_DATE_HINT = "Write it as 09/02/2024, 9-2-2024 or 9.2.2024 (day, month, year), or as 2024-02-09."

# A cache keeps so many texts at most: more than there are days in a century.
_MOST = 50_000

_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_DAY_FIRST = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})")
_SHORT = re.compile(r"[0-9]{1,2}[/.\-][0-9]{1,2}[/.\-][0-9]{2}")
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
# "266", "266 pix", "Novice 1 (266 Pix)"
_RESULT = re.compile(r"(?:[^()]*\()?\s*([0-9]{1,4})(?:\s*pix)?\s*\)?", re.IGNORECASE)


class MisreadError(ValueError):
    """A text is not understood; `problem` and `hint` say what is wrong, and how to mend it."""

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(problem, hint)
        self.problem = problem
        self.hint = hint


class Known(dict[str, _Value], Generic[_Value]):
    """The values of texts that were read before; a new text is read once.

    Raises:
        MisreadError: by looking up a text that is not understood.
    """

    def __init__(self, read: Callable[[str], _Value]) -> None:
        self._read = read

    def __missing__(self, text: str) -> _Value:
        value = self._read(text.strip())
        if len(self) < _MOST:
            self[text] = value
        return value


def read_date(text: str) -> date | None:
    """Read a day written as 09/02/2024 or 2024-02-09; None when nothing is written.

    A point or a hyphen may stand for the slash, as Germans and Dutch write, and a figure alone
    for a day or month below 10.

    Raises:
        MisreadError: any other form; none is guessed.
    """
    if not text:
        return None
    if found := _DAY_FIRST.fullmatch(text):
        day, month, year = map(int, found.group(1, 3, 4))
    elif found := _ISO.fullmatch(text):
        year, month, day = map(int, found.groups())
    elif _SHORT.fullmatch(text):
        problem = f"{shown(text)} can be read as several days, for its year has two digits"
        raise MisreadError(problem, _DATE_HINT)
    elif _NUMBER.fullmatch(text):
        problem = f"{shown(text)} is a number, not a date"
        raise MisreadError(problem, f"Give the cell of the sheet a date's format. {_DATE_HINT}")
    else:
        raise MisreadError(f"{shown(text)} is not a date in a form that is known", _DATE_HINT)
    try:
        return date(year, month, day)
    except ValueError:
        pass
    if month > 12 and 1 <= day <= 12 and _DAY_FIRST.fullmatch(text):
        raise MisreadError(
            f"{shown(text)} has no month {month}: it looks like month/day/year",
            f"{_DATE_HINT} Look at the other dates of the file too: they may be read wrongly.",
        )
    raise MisreadError(f"{shown(text)} is not a day of the calendar", "Correct it.")


def read_level(text: str) -> int | None:
    """Read a level; None for a competence that was not assessed: `-`, or nothing.

    Raises:
        MisreadError: it is neither.
    """
    if text in ("-", ""):
        return None
    if text.isascii() and text.isdigit() and len(text) < 4:
        return int(text)
    raise MisreadError(
        f"{shown(text)} is not a level",
        "Write a whole number: 0 is not acquired, and - not assessed.",
    )


def read_pix_level(text: str) -> int | None:
    """Read a level in Pix's file, where an empty cell is damage: `-` is a level not assessed.

    Raises:
        MisreadError: it is neither.
    """
    if not text:
        raise MisreadError("is empty", "Write the level: 0 is not acquired, and - not assessed.")
    return read_level(text)


def read_whole(text: str) -> int | None:
    """Read a whole number; None when nothing is written.

    Raises:
        MisreadError: it is none.
    """
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    raise MisreadError(f"{shown(text)} is not a whole number", "Correct it, or leave it empty.")


def read_result(text: str) -> int | None:
    """Read the score in Pix's mixed column of 2026: `266`, `266 pix`, `Novice 1 (266 Pix)`.

    Raises:
        MisreadError: there is no score in it.
    """
    if not text:
        return None
    if found := _RESULT.fullmatch(text):
        return int(found[1])
    raise MisreadError(f"{shown(text)} has no number of pix", 'Write it as "266 pix".')
