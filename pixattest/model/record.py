"""JSON-like mapping, or typed values → Record, frozen and valid; or every fault in it at once.

Each field of a record is declared once, in `Record`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from operator import attrgetter
from types import MappingProxyType
from typing import Annotated, Any

import msgspec

from pixattest.errors import (
    Fault,
    FrameworkError,
    IssuerError,
    RecordError,
    did_you_mean,
    shown,
    visible,
)
from pixattest.model.checks import Checks
from pixattest.model.codes import CODE_FORM, accepts, new_code
from pixattest.model.fields import Kind, RecordField, declared_fields
from pixattest.model.framework import Framework, framework_for
from pixattest.model.issuer import Issuer, default_issuer

_force = msgspec.structs.force_setattr

# What most records have as their `extra`.
_NO_EXTRA: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules that a record is held against: a framework's competences, an issuer's codes.

    Attributes:
        framework: the framework whose competences may have a level.
        code_pattern: regular expression that a whole verification code matches.
        centre: certification centre of records that name none.
        new_code: form of a new code, see `pixattest.model.codes`.
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
        """Draw a new verification code.

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


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One certification of one person: frozen, and valid once it exists.

    Texts are brought to Unicode NFC and stripped, the code to upper case, and `levels` keeps the
    acquired competences only, in the framework's order.

    Attributes:
        framework: id of the framework that it was held against, such as `crcn`; only a press of
            that one prints it.
        rules: what a new record is held against (default: the CRCN and the built-in issuer); they
            are not kept, and None once it exists.

    Raises:
        RecordError: it breaks a rule; every violation is in `faults`.
    """

    first_name: Annotated[
        str,
        RecordField(
            Kind.TEXT,
            "First name.",
            sealed=True,
            sample="Camille",
            longest="Maximilienne-Alexandrine Philippine",
        ),
    ]
    last_name: Annotated[
        str,
        RecordField(
            Kind.TEXT,
            "Last name.",
            sealed=True,
            sample="Martin",
            longest="de La Rochefoucauld-Montmorency d'Estournelles",
        ),
    ]
    birth_date: Annotated[date, RecordField(Kind.DATE, "Before delivered_on.", sealed=True)]
    birth_place: Annotated[
        str | None,
        RecordField(
            Kind.TEXT,
            "Place of birth; null when it is not known.",
            sealed=True,
            sample="Nantes",
            longest="Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson",
        ),
    ] = None
    centre: Annotated[
        str,
        RecordField(
            Kind.TEXT,
            "Where the certification was passed.",
            sealed=True,
            sample="LP De Bougainville",
            longest="Établissement régional d'enseignement adapté Toulouse-Lautrec de Vaucresson",
        ),
    ]
    delivered_on: Annotated[date, RecordField(Kind.DATE, "The day from which it is valid.")]
    verification_code: Annotated[
        str,
        RecordField(
            Kind.CODE,
            "By default P- and 8 letters or digits; lower case is lifted. May be missing only where"
            " new codes are asked for.",
        ),
    ]
    score: Annotated[
        int | None,
        RecordField(Kind.SCORE, "Total of points; null when it is not printed.", sealed=True),
    ] = None
    max_level: Annotated[
        int,
        RecordField(
            Kind.LEVEL,
            "The highest level that could be reached on that day (default: the framework's).",
        ),
    ] = None  # type: ignore[assignment]  # the framework fills it in
    levels: Annotated[
        Mapping[str, int],
        RecordField(
            Kind.LEVELS,
            "Level by competence number; missing, null or 0: not acquired. At least one is"
            " acquired, none is above max_level.",
        ),
    ]
    group: Annotated[
        str | None,
        RecordField(Kind.TEXT, "The class.", attached=False, sample="TCAP1"),
    ] = None
    extra: Annotated[
        Mapping[str, str],
        RecordField(Kind.EXTRA, "The framework's own fields, by their keys."),
    ] = _NO_EXTRA
    framework: str = ""
    rules: Rules | None = None

    def __post_init__(self) -> None:
        # `Record(…)`, `replace` and msgspec's decoders all pass here: whatever they give is checked
        # again, unless `restore_record` vouches for it.
        if self.rules is not _CHECKED:
            for name, value in _checked(self).items():
                _force(self, name, value)
        _force(self, "levels", MappingProxyType(self.levels))
        _force(self, "extra", MappingProxyType(self.extra) if self.extra else _NO_EXTRA)
        _force(self, "rules", None)

    def replace(self, *, rules: Rules | None = None, **changes: Any) -> Record:
        """Make the same record with other values of some fields; it is checked as a new one is.

        Args:
            rules: what it is held against. They may be left out for a record that was held
                against the CRCN, and are then those of the CRCN and the built-in issuer.
            changes: the other values, by the names of their fields.

        Raises:
            RecordError: it breaks a rule, or its rules are not given, or are those of another
                framework than its own.
            TypeError: there is no such field.
        """
        return msgspec.structs.replace(self, rules=rules, **changes)

    def as_mapping(self) -> dict[str, Any]:
        """Return the JSON-like mapping from which `read_record` reads the same record."""
        values = {name: _plain(field.kind, getattr(self, name)) for name, field in FIELDS.items()}
        if not self.extra:
            del values["extra"]
        return values

    def __hash__(self) -> int:
        return hash((self.verification_code, self.last_name, self.first_name))

    def __reduce__(self) -> tuple[object, ...]:
        return restore_record, (stored_values(self),)

    def __repr__(self) -> str:
        return f"<Record {self.verification_code}, {self.framework}>"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("verification_code", self.verification_code), ("framework", self.framework)]

    @property
    def full_name(self) -> str:
        """First name, a space, last name."""
        return f"{self.first_name} {self.last_name}"


# The fields of a record by their names, in the order of `Record`.
FIELDS: Mapping[str, RecordField] = MappingProxyType(declared_fields(Record))

# The names of all values of a stored record, and their types.
STORED: Mapping[str, Any] = MappingProxyType(
    {name: field.type for name, field in FIELDS.items()} | {"framework": str}
)

# Returns the values of `STORED`, in that order.
values_of: Callable[[Record], tuple[Any, ...]] = attrgetter(*STORED)


def stored_values(record: Record) -> dict[str, Any]:
    """The values from which `restore_record` makes the same record."""
    values = dict(zip(STORED, values_of(record), strict=True))
    return values | {"levels": dict(record.levels), "extra": dict(record.extra)}


_checks = Checks(FIELDS)

# Stands for the rules of a record that was checked before.
_CHECKED: Any = object()


def read_record(
    raw: object,
    *,
    rules: Rules | None = None,
    source: str | None = None,
    row: int | None = None,
    new_codes: bool = False,
) -> Record:
    """Make a Record of a JSON-like mapping with dates in ISO form.

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
    return Record(**values, framework=rules.framework.id, rules=_CHECKED)


_KEYS = frozenset(FIELDS)


def restore_record(values: Mapping[str, Any]) -> Record:
    """Make a Record of the values of one that was checked before, such as a store has them.

    Args:
        values: of all that is `STORED`; a field that the store did not have yet may be missing.
    """
    return Record(**values, rules=_CHECKED)


def refuse_foreign(record: Record, framework: Framework, *, row: int | None = None) -> None:
    """Refuse a record of another framework: its levels would get names that are not theirs.

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


def of_no_use(names: Sequence[str], framework: Framework) -> str:
    """Return the hint for columns, or keys, that are no field of a record."""
    them = "them" if len(names) > 1 else "it"
    options = " ".join(f'--ignore "{visible(name)}"' for name in names)
    return (
        f"Pass {them} over with {options}, or declare {them} below [fields] of the framework;"
        f" see {framework.schema_command} for the fields of a record."
    )


def _checked(record: Record) -> dict[str, Any]:
    """The final values of a record that is new, or has changed.

    Raises:
        RecordError: it breaks a rule, or is of another framework than its rules.
    """
    rules = record.rules or default_rules()
    values: dict[str, Any] = {name: getattr(record, name) for name in FIELDS}
    if record.framework not in ("", rules.framework.id):
        raise RecordError([_other_rules(record.framework, rules.framework.id)])
    if faults := _check(values, rules):
        raise RecordError(faults)
    return values | {"framework": rules.framework.id}


def _check(values: dict[str, Any], rules: Rules) -> list[Fault]:
    """Bring the value of each field to its final form, in place, and return every fault."""
    return _checks.check(values, rules.framework, rules.code_pattern)


def _other_rules(own: str, other: str) -> Fault:
    problem = f"is {own}, and the record can't be held against the rules of {other}"
    hint = "Give the rules of its framework: rules=press.rules, or Rules.of(framework, issuer)."
    return Fault("framework", own, problem, hint)


def _plain(kind: Kind, value: Any) -> Any:
    """A field's value as JSON has it."""
    if kind is Kind.DATE:
        return value and value.isoformat()
    return dict(value) if kind in (Kind.LEVELS, Kind.EXTRA) else value


def _as_it_came(fault: Fault, raw: Mapping[Any, object]) -> Fault:
    """A fault with the value of its field as the raw record has it."""
    return replace(fault, value=raw[fault.field]) if fault.field in raw else fault


def _unknown_key(key: object, value: object, framework: Framework) -> Fault:
    if key in framework.fields:
        hint = f'Put it into extra: {{"extra": {{"{key}": …}}}}.'
    else:
        hint = did_you_mean(str(key), FIELDS) or of_no_use([str(key)], framework)
    return Fault(str(key)[:40], value, "is not a field of a record", hint)
