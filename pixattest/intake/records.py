"""File of records → its rows, each checked: the record that it is, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from os import PathLike
from pathlib import Path
from typing import NamedTuple, Protocol

from pixattest.errors import Fault, RecordError
from pixattest.intake.codes import Codes, read_codes
from pixattest.intake.opening import open_source
from pixattest.intake.source import Row, Source
from pixattest.model.record import Record, Rules, default_rules, read_record


@dataclass(frozen=True, kw_only=True)
class Given:
    """Values that are said once for all rows, where a row says nothing itself.

    Attributes:
        codes: verification codes from a second file; None when there is none.
        new_codes: draw a verification code for each row that has none.
        delivered_on: the day of delivery. It also stands in for the day of the test, which is the
            only day that Pix's files have.
        centre: the certification centre.
        max_level: the highest level that could be reached.
    """

    codes: Codes | None = None
    new_codes: bool = False
    delivered_on: date | None = None
    centre: str | None = None
    max_level: int | None = None


class Reader(Protocol):
    """What makes a record of a row's fields: `Press.read`, or `read_record` with its rules."""

    def __call__(
        self, raw: object, /, *, source: str | None, row: int | None, new_codes: bool
    ) -> Record:
        """Return the record, or raise a RecordError."""


class CheckedRow(NamedTuple):
    """A row of a file, and what became of it.

    Attributes:
        row: the row as it was read, filled up with what is given once for all. Its `number` counts
            the rows of the file, and its `line` the lines; both begin with 1. Its `not_printable`
            says why a row has nothing to print, such as a certification that was not obtained.
        record: the record; None where the row has a fault, or nothing to print.
        faults: what is wrong with the row.
        drawn: its verification code was drawn just now. Record it before the page is printed.
        tested_on: the day of the test, where the file has it instead of the day of delivery.
    """

    row: Row
    record: Record | None = None
    faults: tuple[Fault, ...] = ()
    drawn: bool = False
    tested_on: date | None = None


class Records:
    """The rows of one file; iterate over it, or take its `records` and `faults`.

    Each iteration reads the file again, a row at a time, so that memory does not grow with the
    file. Only where codes are drawn all rows are kept, so that each row has one code.

    Attributes:
        name: the file's name, as messages have it.
        kind: what the file was recognised as, in words, such as `JSON lines`.
        notices: what one should know about the file; sentences without a full stop.
    """

    def __init__(self, source: Source, given: Given, rules: Rules) -> None:
        self.name = source.name
        self.kind = source.kind
        self.notices = source.notices
        self._source = source
        self._given = given
        self._rules = rules
        self._kept: tuple[CheckedRow, ...] | None = None

    def __repr__(self) -> str:
        return f"<Records of {self.name}, {self.kind}>"

    def __iter__(self) -> Iterator[CheckedRow]:
        if self._kept is None and not self._given.new_codes:
            return self._read()
        return iter(self._rows())

    @property
    def records(self) -> list[Record]:
        """The records of the rows without fault, in their order; all rows are read and kept."""
        return [row.record for row in self._rows() if row.record]

    @property
    def faults(self) -> list[Fault]:
        """What is wrong with the other rows, each with source, row and field; see `records`."""
        return [fault for row in self._rows() for fault in row.faults]

    def _rows(self) -> Sequence[CheckedRow]:
        if self._kept is None:
            self._kept = tuple(self._read())
        return self._kept

    def _read(self) -> Iterator[CheckedRow]:
        return check_rows(self._source, self._given, partial(read_record, rules=self._rules))


def read_records(
    source: str | PathLike[str] | bytes,
    *,
    rules: Rules | None = None,
    name: str | None = None,
    codes: str | PathLike[str] | None = None,
    new_codes: bool = False,
    delivered_on: date | None = None,
    centre: str | None = None,
    max_level: int | None = None,
    ignored: Collection[str] = (),
) -> Records:
    """Read a file of records: JSON, JSON lines, CSV, XLSX or ODS, as the command line does.

    A row that breaks a rule stops nothing: its faults are told, and the other rows are read.

    Args:
        source: path of the file, or its bytes. The format is found in the content.
        rules: what the records are held against, such as `press.rules` (default: the CRCN and the
            built-in issuer).
        name: what messages call the file (default: its path; `records` where it is bytes). A class
            is taken from a name such as `20240209_resultats_TCAP1.csv`.
        codes: path of a second file, with the verification codes of rows that have none.
        new_codes: draw a verification code for each row that has none.
        delivered_on: day of delivery of rows that have none, or only the day of the test.
        centre: certification centre of rows that have none.
        max_level: highest level of rows that have none.
        ignored: headings of columns, or keys, that are passed over.

    Raises:
        InputError: the file can't be read, is in no known format, or lacks columns; by iterating
            also: it has changed meanwhile, or has no row at all.
        FrameworkError: a field of the framework is called as another column.
    """
    rules = rules or default_rules()
    opened = open_source(
        source if isinstance(source, bytes) else Path(source),
        framework=rules.framework,
        ignored=ignored,
        name=name,
    )
    given = Given(
        codes=read_codes(Path(codes)) if codes is not None else None,
        new_codes=new_codes,
        delivered_on=delivered_on,
        centre=centre,
        max_level=max_level,
    )
    return Records(opened, given, rules)


def check_rows(source: Source, given: Given, check: Reader) -> Iterator[CheckedRow]:
    """Read all rows of a source, and make records of them.

    Args:
        source: the opened file.
        given: what is said once for all rows.
        check: makes a record of a row's fields.

    Raises:
        InputError: the source can't be read any more, has changed meanwhile, or has no row at all.
    """
    values = _values(source, given)
    overriding = given.delivered_on if source.date_is_of_test else None
    codes = given.codes
    name = source.name
    for row in source.rows():
        if row.not_printable:
            yield CheckedRow(row)
            continue
        fields = row.fields
        faults = row.faults
        is_known = bool(fields or not faults)  # else nothing of the row is known but a fault
        for field, value in values:
            if fields.get(field) is None:
                fields[field] = value
        tested_on = fields.get("delivered_on") if source.date_is_of_test else None
        if overriding:
            fields["delivered_on"] = overriding
        if codes and fields.get("verification_code") is None and (code := codes.of(row)):
            fields["verification_code"] = code
        drawn = given.new_codes and fields.get("verification_code") is None
        record = None
        if is_known:
            try:
                record = check(fields, source=name, row=row.number, new_codes=drawn)
            except RecordError as error:
                faults = (*faults, *_others(error.faults, faults))
        yield CheckedRow(row, None if faults else record, faults, drawn, tested_on)


def _values(source: Source, given: Given) -> list[tuple[str, object]]:
    """Return what a row of a source has where it says nothing itself."""
    values: Mapping[str, object] = {
        "group": source.group,
        "delivered_on": given.delivered_on,
        "centre": given.centre,
        "max_level": given.max_level,
    }
    return [(field, value) for field, value in values.items() if value is not None]


def _others(found: Sequence[Fault], known: Sequence[Fault]) -> list[Fault]:
    """Return the faults of a record that were not known when its row was read."""
    misread = {fault.field for fault in known}
    return [fault for fault in found if fault.field not in misread]
