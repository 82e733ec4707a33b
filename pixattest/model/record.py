"""JSON-like mapping, or typed values → Record, frozen and valid; or every fault in it at once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import InitVar, dataclass, field, replace
from datetime import date
from functools import cache, lru_cache
from itertools import chain
from os import PathLike
from types import MappingProxyType
from typing import Any

from pixattest.errors import (
    Fault,
    FrameworkError,
    IssuerError,
    RecordError,
    did_you_mean,
    shown,
    visible,
)
from pixattest.model.codes import CODE_FORM, accepts, new_code
from pixattest.model.framework import Framework, framework_for
from pixattest.model.issuer import Issuer, default_issuer

LONGEST_TEXT = 120
"""Characters of a name, place, centre or class."""

# Controls, lone surrogates, and the marks and overrides of direction that could make a name
# read otherwise than it is stored (Unicode Standard Annex 9), line separators, BOM, noncharacters.
_FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufdd0-\ufdef\ufffe\uffff"
    "\ud800-\udfff]"
)
_BREAKS = {"\t": ("a tab", "Put a space in its place.")} | dict.fromkeys(
    "\n\r\v\f\x85\u2028\u2029", ("a line break", "Put a space in its place.")
)
"""What a text may not have, though it can be seen where it is written; and how to mend it."""
_NUMBER = re.compile(r"[A-Za-z]{0,3}[0-9]{1,3}(\.[0-9]{1,3}){0,2}")
"""What the competences of any framework are numbered like."""
LATEST_YEAR = 9900
"""Of a delivery: years of validity, 99 at most, must end within the calendar."""

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INVISIBLE = frozenset({"Cf", "Mn", "Me", "Zs", "Zl", "Zp", "Cc"})
"""Unicode categories of characters that alone leave no mark on the page."""

_TEXTS = ("first_name", "last_name", "birth_place", "centre", "group")
_OPTIONAL = frozenset({"birth_place", "score", "max_level", "group", "extra"})
FIELDS = (
    "first_name",
    "last_name",
    "birth_date",
    "birth_place",
    "centre",
    "delivered_on",
    "verification_code",
    "score",
    "max_level",
    "levels",
    "group",
    "extra",
)
_NO_EXTRA: Mapping[str, str] = MappingProxyType({})
"""What most records have."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a record is held against: a framework's competences, an issuer's codes.

    Attributes:
        framework: whose competences may have a level.
        code_pattern: regular expression that a whole verification code matches.
        centre: of records that name none.
        new_code: what a new code looks like, see `pixattest.model.codes`.
        issuer: the issuer's file, for messages.
    """

    framework: Framework
    code_pattern: re.Pattern[str]
    centre: str | None = None
    new_code: str = CODE_FORM
    issuer: str | None = None

    @classmethod
    def of(cls, framework: Framework | None = None, issuer: Issuer | None = None) -> Rules:
        """The rules of a framework and an issuer.

        Args:
            framework: None: the issuer's, else the CRCN.
            issuer: None: the Pix example.

        Raises:
            FrameworkError: it can't be used, or has a field that every record has.
            IssuerError: the issuer's framework is not there.
        """
        issuer = issuer or default_issuer()
        framework = framework_for(issuer, framework)
        if taken := [key for key in framework.fields if key in FIELDS]:
            raise FrameworkError(
                f"the framework {framework.id} has the field {taken[0]!r}, as every record has",
                hint="Give it another key below [fields], or leave it out.",
            )
        verification = issuer.verification
        pattern = re.compile(verification.code_pattern)
        return cls(framework, pattern, issuer.centre, verification.new_code, issuer.source)

    def draw_code(self) -> str:
        """A new verification code.

        Raises:
            IssuerError: the issuer's own pattern refuses it.
        """
        if not accepts(self.code_pattern, self.new_code):
            raise IssuerError(
                f"[verification] code_pattern {self.code_pattern.pattern!r} does not accept new"
                f" codes of the form {self.new_code}",
                source=self.issuer,
                hint="Set new_code to the form of yours, with a ? for each sign to be drawn, "
                "or give every record the code that was recorded.",
            )
        return new_code(self.new_code)


@cache
def default_rules() -> Rules:
    """The rules of the CRCN and the built-in issuer."""
    return Rules.of()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One certification of one person: frozen, and valid once it exists.

    Texts are brought to Unicode NFC and stripped, the code to upper case, and `levels` keeps the
    acquired competences only, in the framework's order.

    Attributes:
        first_name: at most 120 characters.
        last_name: at most 120 characters.
        birth_date: before `delivered_on`.
        birth_place: None when it is not known.
        centre: where the certification was passed.
        delivered_on: the day from which it is valid.
        verification_code: such as `P-GVVP6HBM`.
        score: total of points; None when it is not printed.
        max_level: the highest level that could be reached on that day (default: the framework's).
        levels: level (1 to `max_level`) by competence number, such as `{"3.2": 1}`.
        group: the class; None when there is none.
        extra: texts of the framework's own fields, by their keys, such as `{"hours": "12"}`.
        framework: id of the framework that it was held against, such as `crcn`; only a press of
            that one prints it.
        rules: what it is held against (default: the CRCN and the built-in issuer); not kept.

    Raises:
        RecordError: it breaks a rule; every violation is in `faults`.
    """

    first_name: str
    last_name: str
    birth_date: date
    birth_place: str | None = None
    centre: str
    delivered_on: date
    verification_code: str
    score: int | None = None
    max_level: int = None  # type: ignore[assignment]  # filled in by the framework
    levels: Mapping[str, int]
    group: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    framework: str = field(init=False)
    rules: InitVar[Rules | None] = None

    def __post_init__(self, rules: Rules | None) -> None:
        rules = rules or default_rules()
        values = {name: getattr(self, name) for name in FIELDS}
        faults = _check(values, rules)
        if faults:
            raise RecordError(faults)
        values["framework"] = rules.framework.id
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def as_mapping(self) -> dict[str, Any]:
        """The JSON-like mapping that `read_record` reads the same record from."""
        values = {name: getattr(self, name) for name in FIELDS if name != "extra"}
        values |= {
            "birth_date": self.birth_date.isoformat(),
            "delivered_on": self.delivered_on.isoformat(),
            "levels": dict(self.levels),
        }
        return values | {"extra": dict(self.extra)} if self.extra else values

    def __hash__(self) -> int:
        return hash((self.verification_code, self.last_name, self.first_name))

    def __reduce__(self) -> tuple[object, ...]:
        values = {name: getattr(self, name) for name in (*FIELDS, "framework")}
        return restore_record, (values | {"levels": dict(self.levels), "extra": dict(self.extra)},)

    @property
    def full_name(self) -> str:
        """First name, a space, last name."""
        return f"{self.first_name} {self.last_name}"


def read_record(
    raw: object,
    *,
    rules: Rules | None = None,
    source: str | None = None,
    row: int | None = None,
    new_codes: bool = False,
) -> Record:
    """A Record from a JSON-like mapping, dates in ISO form.

    Args:
        raw: keys as in `Record`; any other key is refused.
        rules: what it is held against (default: the CRCN and the built-in issuer).
        source: where it comes from, for messages.
        row: its number in the source from 1, for messages.
        new_codes: draw a verification code when there is none; record it before it is printed.

    Raises:
        RecordError: it breaks a rule; every violation is in `faults`.
        IssuerError: a code is to be drawn, and the issuer's own pattern refuses its form.
    """
    rules = rules or default_rules()
    if not isinstance(raw, Mapping):
        fault = Fault(
            "record",
            raw,
            f"{shown(raw)} is not an object with the fields of a record",
            f"See {rules.framework.schema_command} for its shape.",
        )
        raise RecordError([fault], source=source, row=row)
    values: dict[str, Any] = {name: raw.get(name) for name in FIELDS}
    if values["centre"] is None:
        values["centre"] = rules.centre
    if new_codes and values["verification_code"] is None:
        values["verification_code"] = rules.draw_code()
    if faults := _check(values, rules):
        faults = [_as_it_came(fault, raw) for fault in faults]
    if not raw.keys() <= _KEYS:
        faults += [_unknown_key(key, raw[key], rules.framework) for key in raw if key not in _KEYS]
    if faults:
        raise RecordError(faults, source=source, row=row)
    values["framework"] = rules.framework.id
    return restore_record(values)


def refuse_foreign(record: Record, framework: Framework, *, row: int | None = None) -> None:
    """Find out that a record is not of a framework, whose names would be put to its levels.

    Raises:
        RecordError: it was read for another one, or for another state of this one.
    """
    own = record.levels.keys() <= framework.competences.keys()
    if record.framework == framework.id and own and record.max_level <= framework.levels:
        return
    if record.framework != framework.id:
        problem = f"is {record.framework}, which the record was read for, not {framework.id}"
    elif own:
        problem = f"is {framework.id}, of {framework.levels} levels, and max_level is"
        problem += f" {record.max_level}"
    else:
        unknown = next(number for number in record.levels if number not in framework.competences)
        problem = f"is {framework.id}, and has no competence {unknown}"
    hint = "Print the record with a press of the framework that it was read for."
    raise RecordError([Fault("framework", record.framework, problem, hint)], row=row)


def schema(
    framework: Framework | str | PathLike[str] | None = None, issuer: Issuer | None = None
) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a record's input.

    Args:
        framework: or its name or path; None: the issuer's, else the CRCN.
        issuer: None: the Pix example.

    Raises:
        FrameworkError, IssuerError: the issuer's framework can't be used, or is not there.
    """
    framework = framework_for(issuer or default_issuer(), framework)
    # No maxLength: characters are counted in NFC, without the space around.
    text = {
        "type": "string",
        "minLength": 1,
        "description": f"At most {LONGEST_TEXT} characters, composed (NFC).",
    }
    day = {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
    level: dict[str, Any] = {"type": ["integer", "null"], "minimum": 0, "maximum": framework.levels}
    top_level = level | {"minimum": 1, "default": framework.usual_max_level}
    if names := list(dict.fromkeys(chain.from_iterable(framework.lists_of_names))):
        level, top_level = ({"anyOf": [figure, {"enum": names}]} for figure in (level, top_level))
    score = {"type": ["integer", "null"], "minimum": 0}
    score["maximum"] = framework.max_score(framework.levels)
    needed = [key for key, own in framework.fields.items() if own.required]
    optional = _OPTIONAL - {"extra"} if needed else _OPTIONAL
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "pixattest record",
        "description": "One certification of one person.",
        "type": "object",
        "additionalProperties": False,
        "required": [name for name in FIELDS if name not in optional | {"verification_code"}],
        "properties": {
            "first_name": text,
            "last_name": text,
            "birth_date": day | {"description": "Before delivered_on."},
            "birth_place": text | {"type": ["string", "null"]},
            "centre": text,
            "delivered_on": day,
            "verification_code": {
                "type": ["string", "null"],
                "description": "By default P- and 8 letters or digits; lower case is lifted. "
                "May be missing only where new codes are asked for.",
            },
            "score": score if framework.score else {"type": "null"},
            "max_level": top_level,
            "levels": {
                "type": "object",
                "description": "Level by competence number; missing, null or 0: not acquired. "
                "At least one is acquired, none is above max_level.",
                "additionalProperties": False,
                "properties": dict.fromkeys(framework.competences, level),
            },
            "group": text | {"type": ["string", "null"], "description": "The class."},
            "extra": {
                "type": "object" if needed else ["object", "null"],
                "description": "The framework's own fields, by their keys.",
                "additionalProperties": False,
                "properties": {
                    key: text
                    | {"title": " / ".join(dict.fromkeys(own.names))}
                    | ({} if own.required else {"type": ["string", "null"]})
                    for key, own in framework.fields.items()
                },
                "required": needed,
            },
        },
    }


_KEYS = frozenset(FIELDS)


def restore_record(values: dict[str, Any]) -> Record:
    """A Record from the values of one that was checked before: the way back from a store.

    Args:
        values: of all FIELDS, and of `framework`.
    """
    record = object.__new__(Record)
    for name, value in values.items():
        object.__setattr__(record, name, value)
    object.__setattr__(record, "levels", MappingProxyType(values["levels"]))
    extra = values["extra"]
    object.__setattr__(record, "extra", MappingProxyType(extra) if extra else _NO_EXTRA)
    return record


def _check(values: dict[str, Any], rules: Rules) -> list[Fault]:
    """Bring each value to its final form in place; return every violation."""
    faults: list[Fault] = []

    def fault(field: str, value: object, problem: str, hint: str) -> None:
        faults.append(Fault(field, value, problem, hint))

    for name in _TEXTS:
        value = values[name]
        if value is None and name in _OPTIONAL:
            continue
        values[name] = _text(name, value, fault, optional=name in _OPTIONAL)
    born = values["birth_date"] = _date("birth_date", values["birth_date"], fault)
    delivered = values["delivered_on"] = _date("delivered_on", values["delivered_on"], fault)
    if delivered and delivered.year > LATEST_YEAR:
        problem = f"{delivered.isoformat()} is later than the year {LATEST_YEAR}"
        fault("delivered_on", delivered, problem, "Correct it.")
    if born and delivered and born >= delivered:
        problem = f"{born.isoformat()} is not before the delivery on {delivered.isoformat()}"
        fault("birth_date", born, problem, "Correct birth_date or delivered_on.")
    values["verification_code"] = _code(values["verification_code"], rules.code_pattern, fault)
    if values["max_level"] is None:
        values["max_level"] = rules.framework.usual_max_level
    top = _level(values["max_level"], rules.framework)
    highest = rules.framework.levels
    if top is None or not 1 <= top <= highest:
        problem = f"{shown(values['max_level'])} is not a level from 1 to {highest}"
        hint = "Give the highest level of that day."
        fault("max_level", values["max_level"], *_unquoted(values["max_level"], problem, hint))
        top = highest
    values["max_level"] = top
    values["levels"] = _levels(values["levels"], top, rules.framework, fault)
    values["extra"] = _extra(values["extra"], rules.framework, fault)
    if values["score"] is not None:
        score, most = _whole(values["score"]), rules.framework.max_score(top)
        if rules.framework.score is None:
            problem = f"{shown(values['score'])} is of no use: {rules.framework.id} has no score"
            hint = "Leave it out, or add score = { per_level = …, unit = … } to the framework."
            fault("score", values["score"], problem, hint)
        elif score is None or not 0 <= score <= most:
            problem = f"{shown(values['score'])} is not a whole number from 0 to {most}"
            hint = "Correct the score, or leave it out."
            fault("score", values["score"], *_unquoted(values["score"], problem, hint))
        values["score"] = score
    return faults


_Report = Callable[[str, object, str, str], None]


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


def _levels(value: object, top: int, framework: Framework, fault: _Report) -> Mapping[str, int]:
    if not isinstance(value, Mapping):
        what = "is missing" if value is None else f"{shown(value)} is not an object"
        fault("levels", value, what, 'Give the levels by competence, such as {"1.1": 2}.')
        return MappingProxyType({})
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
        unknown = [number for number in value if number not in framework.competences]
        nears = {number: _near_competence(str(number), framework) for number in unknown}
        foreign = all(isinstance(key, str) and _NUMBER.fullmatch(key) for key in unknown)
        if foreign and len(unknown) == len(value) and not all(nears.values()):
            fault("levels", value, *_of_another_framework(unknown, framework))
            nears = {}
        for number, near in nears.items():
            hint = near or f"Its competences are {', '.join(framework.competences)}."
            if not isinstance(number, str):
                known = str(number) in framework.competences
                hint = f'Write it as a text: "{number}".' if known else f"Keys are texts. {hint}"
            problem = f"{shown(number)} is not a competence of the framework {framework.id}"
            fault(f"levels.{str(number)[:20]}", value[number], problem, hint)
    if not acquired and not refused:
        fault("levels", value, "no level is acquired", "There is nothing to attest: leave it out.")
    return MappingProxyType(acquired)


def _unquoted(value: object, problem: str, hint: str) -> tuple[str, str]:
    """What is wrong with a figure and how to mend it; that of a text is that it is one."""
    if isinstance(value, str) and value.isascii() and value.strip().isdigit():
        figure = value.strip()[:20]
        return f"{shown(value)} is a text, not a number", f"Write {figure} without quotation marks."
    return problem, hint


def _extra(value: object, framework: Framework, fault: _Report) -> Mapping[str, str]:
    declared = framework.fields
    if not declared and (value is None or value == {}):
        return _NO_EXTRA
    given = {} if value is None else value
    if not isinstance(given, Mapping):
        hint = 'Give the framework\'s own fields by their keys, such as {"hours": "12"}.'
        fault("extra", value, f"{shown(value)} is not an object", hint)
        return _NO_EXTRA
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
    return MappingProxyType(found) if found else _NO_EXTRA


def _of_another_framework(numbers: list[object], framework: Framework) -> tuple[str, str]:
    """What is wrong when no level of a record is of its framework; and how to mend it."""
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
    """The level that a number or a name means, else None."""
    return framework.level_named(value) if isinstance(value, str) else _whole(value)


def _whole(value: object) -> int | None:
    """The whole number that a JSON number is (2 and 2.0 alike), else None."""
    if type(value) is int:
        return value
    if type(value) is float and value.is_integer():
        return int(value)
    return None


def _as_it_came(fault: Fault, raw: Mapping[Any, object]) -> Fault:
    """A fault with the value of its field as the raw record has it."""
    return replace(fault, value=raw[fault.field]) if fault.field in raw else fault


def _unknown_key(key: object, value: object, framework: Framework) -> Fault:
    if key in framework.fields:
        hint = f'Put it into extra: {{"extra": {{"{key}": …}}}}.'
    else:
        hint = did_you_mean(str(key), FIELDS) or of_no_use([str(key)], framework)
    return Fault(str(key)[:40], value, "is not a field of a record", hint)


def of_no_use(names: Sequence[str], framework: Framework) -> str:
    """How to mend columns, or keys, that are no field of a record."""
    them = "them" if len(names) > 1 else "it"
    options = " ".join(f'--ignore "{visible(name)}"' for name in names)
    return (
        f"Pass {them} over with {options}, or declare {them} below [fields] of the framework;"
        f" see {framework.schema_command} for the fields of a record."
    )
