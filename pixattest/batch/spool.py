"""Rows as they were read → kept on disk, and given back by class in the order of printing."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from pixattest.batch.database import Database
from pixattest.batch.order import Particles, particles_of, sort_key
from pixattest.batch.rows import Aside, Class, Counts, Listed, Origin, Stored
from pixattest.errors import Fault
from pixattest.model.record import STORED, Record, restore_record, values_of

# No index has the sort keys in it: a class is sorted when it is read, in SQLite's small memory.
_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE record(
    id INTEGER PRIMARY KEY, source INTEGER, row INTEGER, line INTEGER,
    class INTEGER, wanted INTEGER, key BLOB, body BLOB);
CREATE TABLE aside(
    id INTEGER PRIMARY KEY, source INTEGER, row INTEGER, line INTEGER,
    who TEXT, reason TEXT, faults BLOB);
CREATE TABLE draft(
    id INTEGER PRIMARY KEY, certification TEXT, code TEXT, state TEXT, revision INTEGER);
"""
_IN_ORDER = "SELECT id, body FROM record WHERE class = ? AND wanted ORDER BY key"

_AT_ONCE = 1000
"""Number of records that wait in memory before they are written into the database."""

# A record is kept as an array of its STORED values.
_encode = msgspec.msgpack.Encoder(enc_hook=dict).encode
_decode = msgspec.msgpack.Decoder(tuple.__class_getitem__(tuple(STORED.values()))).decode


class Spool:
    """A temporary database of a batch's rows; memory does not grow with their number.

    Args:
        path: the path of the database.
        new: make it; else it is one that is finished, and only read.
        particles: words that count after the last name that they begin, as the issuer says.

    Attributes:
        database: the database itself, in which `Drafts` keeps what a ledger says of the records.
    """

    def __init__(self, path: Path, *, new: bool, particles: Iterable[str] = ()) -> None:
        self.database = Database(path, _TABLES if new else None)
        self._said_particles = particles
        self._rows = 0
        self._classes: dict[str | None, int] = {}
        self._waiting: list[tuple[int, Origin, int, bool, bool, Record]] = []
        self._drafts: list[tuple[object, ...]] = []
        if new:
            self.database.run("BEGIN")

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def add(
        self,
        origin: Origin,
        record: Record,
        *,
        wanted: bool = True,
        drawn: bool = False,
        key: str | None = None,
    ) -> None:
        """Take the next row, a record.

        Args:
            origin: where the row stands.
            record: a valid record, with a code.
            wanted: the record is to be printed; else it is only counted.
            drawn: the code was drawn for it just now.
            key: the key of its certification; None where no ledger is asked.
        """
        number = self._rows
        if key is not None:
            self._drafts.append((number, key, None if drawn else record.verification_code))
        self._rows = number + 1
        class_ = self._classes.setdefault(record.group, len(self._classes))
        self._waiting.append((number, origin, class_, wanted, drawn, record))
        if len(self._waiting) == _AT_ONCE:
            self._flush()

    def set_aside(
        self, origin: Origin, who: str, reason: str | None, faults: Sequence[Fault] = ()
    ) -> None:
        """Take the next row, which is not printed; `Aside` explains the arguments."""
        self._put_aside(Aside(self._rows, origin, who, reason, tuple(faults)))
        self._rows += 1

    def finish(self) -> None:
        """End the writing of rows: they can be read now, by other processes too."""
        self._flush()
        self.database.run("CREATE INDEX by_class ON record(class)")
        self.database.run("COMMIT")

    def refuse(self, number: int, faults: Iterable[Fault], names: Sequence[str]) -> None:
        """Set a record aside that turned out to be faulty when it was printed.

        Args:
            number: the number of its row in the batch.
            faults: what the page can't hold.
            names: the names of all sources.
        """
        find = "SELECT source, row, line, body FROM record WHERE id = ?"
        ((*place, body),) = self.database.read(find, (number,))
        self.database.run("DELETE FROM record WHERE id = ?", (number,))
        origin = Origin(*place)
        name = names[origin.source]
        placed = tuple(replace(fault, source=name, row=origin.row) for fault in faults)
        self._put_aside(Aside(number, origin, thaw(body).full_name, None, placed))

    def keep_pages(self, pages: Iterable[range]) -> None:
        """Leave out all records but those of some pages of the whole batch, counted from 1."""
        ordered = (
            number
            for found in self.classes()
            for (number,) in self.database.read(
                "SELECT id FROM record WHERE class = ? ORDER BY key", (found.id,)
            )
        )
        page = 1
        self.database.run("CREATE TEMP TABLE kept(id INTEGER PRIMARY KEY)")
        for asked in pages:
            kept = islice(ordered, asked.start - page, asked.stop - page)
            self.database.run_with_each(
                "INSERT INTO kept VALUES (?)", ((number,) for number in kept)
            )
            page = asked.stop
        self.database.run("UPDATE record SET wanted = 0 WHERE id NOT IN kept")

    def classes(self) -> list[Class]:
        """Return the classes in their order, with the number of records to be printed."""
        query = "SELECT class, sum(wanted) FROM record GROUP BY class ORDER BY min(key)"
        names = {number: name for name, number in self._classes.items()}
        return [Class(number, names[number], size) for number, size in self.database.read(query)]

    def records(self, classes: Iterable[int]) -> Iterator[Stored]:
        """Yield the records to be printed of one class after the other, each in its order."""
        for found in classes:
            for number, body in self.database.read(_IN_ORDER, (found,)):
                yield Stored(number, thaw(body), body)

    def people(self) -> Iterator[tuple[str, str, str]]:
        """Yield last name, first name and code of all records."""
        for (body,) in self.database.read("SELECT body FROM record"):
            record = thaw(body)
            yield record.last_name, record.first_name, record.verification_code

    def asides(self, source: int | None = None, *, faulty: bool) -> Iterator[Aside]:
        """Yield rows that were set aside, in the order in which they were read.

        Args:
            source: the index of their source; None: rows of all sources.
            faulty: rows with faults are asked for; else those that are not to be printed.
        """
        rows = self.database.read(
            "SELECT id, source, row, line, who, reason, faults FROM aside"
            " WHERE (faults NOTNULL) = ? AND ifnull(source = ?, 1) ORDER BY id",
            (faulty, source),
        )
        return map(_aside, rows)

    def count(self) -> Counts:
        """Count the rows by what became of them."""
        wanted = "SELECT count(*) FILTER (WHERE wanted), count(*) FILTER (WHERE NOT wanted)"
        ((printable, unwanted),) = self.database.read(f"{wanted} FROM record")
        aside = "SELECT count(faults), count(reason) FROM aside"
        ((rejected, unprintable),) = self.database.read(aside)
        return Counts(self._rows, printable, unprintable, rejected, unwanted)

    def place(self, places: Iterable[tuple[int, str, int]]) -> None:
        """Take note where records are printed: number in the batch, file and page of each."""
        make = "CREATE TEMP TABLE IF NOT EXISTS place(id INTEGER PRIMARY KEY, file, page)"
        self.database.run(make)
        self.database.run_with_each("INSERT INTO place VALUES (?, ?, ?)", places)

    def listed(self) -> Iterator[Listed]:
        """Yield all rows in the order in which they were read, once `place` was called."""
        rows = self.database.read(
            "SELECT r.*, d.id NOTNULL, d.code, d.state FROM ("
            "SELECT id, source, row, line, wanted, body, file, page, NULL, NULL, NULL"
            " FROM record LEFT JOIN place USING (id)"
            " UNION ALL SELECT id, source, row, line, 0, NULL, NULL, NULL, who, reason, faults"
            " FROM aside) r LEFT JOIN draft d USING (id) ORDER BY id"
        )
        for row in rows:
            number, *place, wanted, body, file, page, who, reason, faults, asked, code, state = row
            if body is None:
                aside = _aside((number, *place, who, reason, faults))
                yield Listed(aside.origin, None, False, None, None, aside, code, state)
            else:
                record = thaw(body)
                code = code if asked else record.verification_code
                origin = Origin(*place)
                yield Listed(origin, record, bool(wanted), file, page, None, code, state)

    def _put_aside(self, aside: Aside) -> None:
        faults = pickle.dumps(aside.faults) if aside.faults else None
        row = (aside.id, *aside.origin, aside.who, aside.reason, faults)
        self.database.run("INSERT INTO aside VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    @cached_property
    def _particles(self) -> Particles:
        return particles_of(self._said_particles)

    def _flush(self) -> None:
        """Write the waiting records into the database."""
        # One record alone has no order, and does without the table of letters.
        is_alone = self._rows == 1
        rows = [
            (
                number,
                *origin,
                class_,
                wanted,
                b""
                if is_alone
                else sort_key(record, number, drawn=drawn, particles=self._particles),
                freeze(record),
            )
            for number, origin, class_, wanted, drawn, record in self._waiting
        ]
        self.database.run_with_each("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self.database.run_with_each(
            "INSERT INTO draft(id, certification, code) VALUES (?, ?, ?)", self._drafts
        )
        self._waiting.clear()
        self._drafts.clear()


def freeze(record: Record) -> bytes:
    """Encode a record, with its framework."""
    return _encode(values_of(record))


def thaw(body: bytes) -> Record:
    """Decode a record; it was valid when it was encoded, and is not checked again."""
    return restore_record(dict(zip(STORED, _decode(body), strict=True)))


def _aside(row: tuple[Any, ...]) -> Aside:
    number, source, place, line, who, reason, faults = row
    said = pickle.loads(faults) if faults else ()
    return Aside(number, Origin(source, place, line), who, reason, said)
