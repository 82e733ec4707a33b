"""Values of a record's fields, as they came → their final form, and every fault in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from pixattest.errors import Fault, did_you_mean, shown
from pixattest.model.fields import Kind, RecordField
from pixattest.model.framework import Framework

# The most characters that a text of a record may have.
LONGEST_TEXT = 120

# The last year of a delivery: years of validity, 99 at most, must end within the calendar.
LATEST_YEAR = 9900

# Controls, lone surrogates, and the marks and overrides of direction that could make a name
# read otherwise than it is stored (Unicode Standard Annex 9), line separators, BOM, noncharacters.
_FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufdd0-\ufdef\ufffe\uffff"
    "\ud800-\udfff]"
)

# Forbidden characters that can be seen where the text is written: what each is, and how to mend it.
_BREAKS = {"\t": ("a tab", "Put a space in its place.")} | dict.fromkeys(
    "\n\r\v\f\x85\u2028\u2029", ("a line break", "Put a space in its place.")
)

# The form of a competence's number in any framework.
_NUMBER = re.compile(r"[A-Za-z]{0,3}[0-9]{1,3}(\.[0-9]{1,3}){0,2}")

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

# Unicode categories of characters that alone leave no mark on the page.
_INVISIBLE = frozenset({"Cf", "Mn", "Me", "Zs", "Zl", "Zp", "Cc"})

# Takes a fault that was found: field, value, what is wrong with it, how to mend it.
_Report = Callable[[str, object, str, str], None]


class Checks:
    """Checks the values of records that have certain fields.

    Args:
        fields: the fields by their names.
    """

    def __init__(self, fields: Mapping[str, RecordField]) -> None:
        self._texts = [(f.name, f.optional) for f in fields.values() if f.kind is Kind.TEXT]
        self._dates = [(f.name, f.optional) for f in fields.values() if f.kind is Kind.DATE]

    def check(
        self, values: dict[str, Any], framework: Framework, code_pattern: re.Pattern[str]
    ) -> list[Fault]:
        """Bring each value to its final form, in place, and return every fault.

        Args:
            values: the value of each field; None where there is none.
            framework: whose competences may have a level.
            code_pattern: regular expression that a whole verification code matches.
        """
        faults: list[Fault] = []

        def fault(field: str, value: object, problem: str, hint: str) -> None:
            faults.append(Fault(field, value, problem, hint))

        for name, optional in self._texts:
            value = values[name]
            if value is not None or not optional:
                values[name] = _text(name, value, fault, optional=optional)
        for name, optional in self._dates:
            value = values[name]
            if value is not None or not optional:
                values[name] = _date(name, value, fault)
        _check_order_of_dates(values["birth_date"], values["delivered_on"], fault)
        values["verification_code"] = _code(values["verification_code"], code_pattern, fault)
        top = values["max_level"] = _max_level(values["max_level"], framework, fault)
        values["levels"] = _levels(values["levels"], top, framework, fault)
        values["extra"] = _extra(values["extra"], framework, fault)
        if values["score"] is not None:
            values["score"] = _score(values["score"], top, framework, fault)
        return faults


def _text(name: str, value: object, fault: _Report, *, optional: bool) -> str | None:
    if type(value) is str and _is_clean(value):
        return value
    if not isinstance(value, str):
        what = "is missing" if value is None else f"{shown(value)} is not a text"
        fault(name, value, what, "Give it as a text.")
        return None
    return _checked_text(name, value, fault, optional=optional)


def _checked_text(name: str, value: str, fault: _Report, *, optional: bool) -> str:
    text = value if value.isascii() else unicodedata.normalize("NFC", value)
    text = text.strip()
    if bad := _FORBIDDEN.search(text):
        what, hint = _BREAKS.get(bad[0], ("a character that can't be seen", "Remove it."))
        problem = f"has {what} (U+{ord(bad[0]):04X}) in position {bad.start() + 1}"
        fault(name, value, problem, hint)
    elif all(unicodedata.category(character) in _INVISIBLE for character in text):
        hint = "Leave it out when it is not known." if optional else "Fill it in."
        problem = f"has nothing in it that can be seen, but U+{ord(text[0]):04X}" if text else ""
        fault(name, value, problem or "is empty", hint)
    elif len(text) > LONGEST_TEXT:
        problem = f"{shown(text)} has {len(text)} characters, more than {LONGEST_TEXT}"
        fault(name, value, problem, "Shorten it.")
    return text


@lru_cache(1 << 14)
def _is_clean(text: str) -> bool:
    """Whether a text is in its final form and has no fault; most texts stand on many records."""
    faults: list[object] = []

    def fault(*found: object) -> None:
        faults.append(found)

    return _checked_text("", text, fault, optional=True) == text and not faults


def _date(name: str, value: object, fault: _Report) -> date | None:
    if type(value) is date:
        return value
    if isinstance(value, str) and len(value) == 10 and _ISO_DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            fault(name, value, f"{shown(value)} is not a day of the calendar", "Correct it.")
            return None
    what = "is missing" if value is None else f"{shown(value)} is not a date"
    fault(name, value, what, "Write it as YYYY-MM-DD, such as 2024-02-09.")
    return None


def _check_order_of_dates(born: date | None, delivered: date | None, fault: _Report) -> None:
    if delivered and delivered.year > LATEST_YEAR:
        problem = f"{delivered.isoformat()} is later than the year {LATEST_YEAR}"
        fault("delivered_on", delivered, problem, "Correct it.")
    if born and delivered and born >= delivered:
        problem = f"{born.isoformat()} is not before the delivery on {delivered.isoformat()}"
        fault("birth_date", born, problem, "Correct birth_date or delivered_on.")


def _code(value: object, pattern: re.Pattern[str], fault: _Report) -> str | None:
    name = "verification_code"
    if value is None:
        hint = "Give the code that was recorded, or ask for a new one (--new-codes)."
        fault(name, value, "is missing", hint)
        return None
    given = value.strip() if isinstance(value, str) else ""
    # Only ASCII is lifted: the capitals of ß, ı or ſ would make another code of it.
    lifted = given.upper() if given.isascii() else given
    code = next((code for code in (given, lifted) if pattern.fullmatch(code)), None)
    if code is None or _FORBIDDEN.search(code):
        problem = f"{shown(value)} is not a code of the form {pattern.pattern}"
        fault(name, value, problem, "Correct it, or set the issuer's code_pattern.")
        return None
    return code


def _max_level(value: object, framework: Framework, fault: _Report) -> int:
    """Return the highest level of a record; the framework's where the record's can't be used."""
    if value is None:
        return framework.usual_max_level
    top = _level(value, framework)
    if top is None or not 1 <= top <= framework.levels:
        problem = f"{shown(value)} is not a level from 1 to {framework.levels}"
        hint = "Give the highest level of that day."
        fault("max_level", value, *_unquoted(value, problem, hint))
        return framework.levels
    return top


def _score(value: object, top: int, framework: Framework, fault: _Report) -> int | None:
    score, most = _whole(value), framework.max_score(top)
    if framework.score is None:
        problem = f"{shown(value)} is of no use: {framework.id} has no score"
        hint = "Leave it out, or add score = { per_level = …, unit = … } to the framework."
        fault("score", value, problem, hint)
    elif score is None or not 0 <= score <= most:
        problem = f"{shown(value)} is not a whole number from 0 to {most}"
        hint = "Correct the score, or leave it out."
        fault("score", value, *_unquoted(value, problem, hint))
    return score


def _levels(value: object, top: int, framework: Framework, fault: _Report) -> dict[str, int]:
    if not isinstance(value, Mapping):
        what = "is missing" if value is None else f"{shown(value)} is not an object"
        fault("levels", value, what, 'Give the levels by competence, such as {"1.1": 2}.')
        return {}
    acquired: dict[str, int] = {}
    refused = False
    for number in framework.competences:
        found = value.get(number)
        if found is None:
            continue
        level = found if type(found) is int else _level(found, framework)
        if level is None or not 0 <= level <= top:
            refused = True
            problem = f"{shown(found)} is not a level from 0 to {top}"
            hint = "Correct the level, or set the record's max_level."
            if names := framework.hint_at_levels(found):
                hint += f" {names}"
            fault(f"levels.{number}", found, *_unquoted(found, problem, hint))
        elif level:
            acquired[number] = level
    if not value.keys() <= framework.competences.keys():
        refused = True
        _refuse_unknown_competences(value, framework, fault)
    if not acquired and not refused:
        fault("levels", value, "no level is acquired", "There is nothing to attest: leave it out.")
    return acquired


def _refuse_unknown_competences(
    value: Mapping[Any, object], framework: Framework, fault: _Report
) -> None:
    unknown = [number for number in value if number not in framework.competences]
    nears = {number: _near_competence(str(number), framework) for number in unknown}
    foreign = all(isinstance(key, str) and _NUMBER.fullmatch(key) for key in unknown)
    if foreign and len(unknown) == len(value) and not all(nears.values()):
        fault("levels", value, *_of_another_framework(unknown, framework))
        return
    for number, near in nears.items():
        hint = near or f"Its competences are {', '.join(framework.competences)}."
        if not isinstance(number, str):
            known = str(number) in framework.competences
            hint = f'Write it as a text: "{number}".' if known else f"Keys are texts. {hint}"
        problem = f"{shown(number)} is not a competence of the framework {framework.id}"
        fault(f"levels.{str(number)[:20]}", value[number], problem, hint)


def _unquoted(value: object, problem: str, hint: str) -> tuple[str, str]:
    """A problem and its hint; a figure that is written as a text gets others, which say so."""
    if isinstance(value, str) and value.isascii() and value.strip().isdigit():
        figure = value.strip()[:20]
        return f"{shown(value)} is a text, not a number", f"Write {figure} without quotation marks."
    return problem, hint


def _extra(value: object, framework: Framework, fault: _Report) -> dict[str, str]:
    declared = framework.fields
    if not declared and (value is None or value == {}):
        return {}
    given = {} if value is None else value
    if not isinstance(given, Mapping):
        hint = 'Give the framework\'s own fields by their keys, such as {"hours": "12"}.'
        fault("extra", value, f"{shown(value)} is not an object", hint)
        return {}
    found: dict[str, str] = {}
    for key, own in declared.items():
        if given.get(key) is not None or own.required:
            text = _text(f"extra.{key}", given.get(key), fault, optional=not own.required)
            found[key] = text or ""
    for key in given:
        if key not in declared:
            problem = f"is not a field of the framework {framework.id}"
            hint = did_you_mean(str(key), declared) or "Declare it below [fields] there."
            fault(f"extra.{str(key)[:40]}", given[key], problem, hint)
    return found


def _of_another_framework(numbers: list[object], framework: Framework) -> tuple[str, str]:
    """Problem and hint of a record of whose levels none is of this framework."""
    listed = ", ".join(map(shown, numbers[:3])) + (", …" if len(numbers) > 3 else "")
    be = "are not competences" if len(numbers) > 1 else "is not a competence"
    return (
        f"{listed} {be} of the framework {framework.id}",
        "Name the framework of this record with --framework (in Python, framework=), or once in"
        " the issuer's file; "
        f"the competences of {framework.id} are {', '.join(framework.competences)}.",
    )


def _near_competence(number: str, framework: Framework) -> str | None:
    """'Did you mean "3.2"?' for `3,2`, `32`, `C3.2` and the like."""
    digits = re.sub(r"\D", "", number)
    for known in framework.competences:
        if digits and digits == re.sub(r"\D", "", known):
            return f'Did you mean "{known}"?'
    return did_you_mean(number, framework.competences)


def _level(value: object, framework: Framework) -> int | None:
    """Return the level that a number or a name means, else None."""
    return framework.level_named(value) if isinstance(value, str) else _whole(value)


def _whole(value: object) -> int | None:
    """Return the whole number that a JSON number is (2 and 2.0 alike), else None."""
    if type(value) is int:
        return value
    if type(value) is float and value.is_integer():
        return int(value)
    return None
