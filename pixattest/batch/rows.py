"""A row of a batch at each stage: read, set aside, stored, asked about, listed, counted."""

from __future__ import annotations

from typing import NamedTuple

from pixattest.errors import Fault
from pixattest.model.record import Record


class Origin(NamedTuple):
    """Where a row stands.

    Attributes:
        source: the index of its source among all sources.
        row: its number in that source, from 1.
        line: its line in the file; None where there are no lines.
    """

    source: int
    row: int
    line: int | None


class Aside(NamedTuple):
    """A row that is not printed.

    Attributes:
        id: its number in the batch, from 0.
        origin: where it stands.
        who: the person's name, as far as the row tells it.
        reason: why there is nothing to print; None for a faulty row.
        faults: what is wrong with a faulty row.
    """

    id: int
    origin: Origin
    who: str
    reason: str | None
    faults: tuple[Fault, ...]


class Stored(NamedTuple):
    """A record in the spool.

    Attributes:
        id: the number of its row in the batch, from 0.
        record: the record as it was checked.
        frozen: the same record as bytes, which differ when anything in it differs.
    """

    id: int
    record: Record
    frozen: bytes


class Asked(NamedTuple):
    """A record that asks a ledger for its code.

    Attributes:
        id: the number of its row in the batch, from 0.
        key: the key of its certification.
        drawn: its code was drawn for it just now.
        record: the record with that code, or with the one in its row.
    """

    id: int
    key: str
    drawn: bool
    record: Record


class Listed(NamedTuple):
    """A row of the batch, whatever became of it.

    Attributes:
        origin: where it stands.
        record: the record; None where the row was set aside.
        wanted: the record is to be printed.
        file: the file that it is printed in, as `Spool.place` has it; None where it is in none.
        page: the page of that file.
        aside: the row that was set aside; None for a record.
        code: the code in the row, or the one that it was issued under; None where it has none.
        state: what a ledger said of the record; None where none was asked.
    """

    origin: Origin
    record: Record | None
    wanted: bool
    file: str | None
    page: int | None
    aside: Aside | None
    code: str | None
    state: str | None


class Class(NamedTuple):
    """A class of the batch.

    Attributes:
        id: the number of the class in the spool.
        name: the name of the class; None for the people who have no class.
        size: the number of its records that are to be printed.
    """

    id: int
    name: str | None
    size: int


class Counts(NamedTuple):
    """How many rows of a batch became what; `read` is the sum of the others.

    Attributes:
        read: all rows of all sources.
        printable: records that are wanted, and have no fault.
        not_printable: rows that are not to be printed, for their status.
        rejected: faulty rows.
        not_selected: records that are not wanted.
    """

    read: int
    printable: int
    not_printable: int
    rejected: int
    not_selected: int
