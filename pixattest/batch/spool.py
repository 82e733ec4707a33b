"""Rows as they were read → kept on disk, and given back by class in the order of printing."""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import islice, takewhile
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from pixattest.batch.order import particles_of, sort_key
from pixattest.errors import Fault, OutputError
from pixattest.ledger import Issued
from pixattest.model.record import FIELDS, Record, restore_record

# No index has the keys in it: a class is sorted when it is read, in SQLite's small memory.
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

# Together what may contradict each other: all rows of a key, and first of all those whose code is
# said to be of several keys, or whose key is said to have several codes (or none, in one row).
_TURNS = """
CREATE TEMP TABLE turn(number INTEGER PRIMARY KEY, id INTEGER, tangled INTEGER);
INSERT INTO turn(id, tangled) SELECT id,
    certification IN (SELECT certification FROM draft
        GROUP BY certification HAVING count(DISTINCT ifnull(code, '')) > 1)
    OR ifnull(code IN (SELECT code FROM draft
        GROUP BY code HAVING count(DISTINCT certification) > 1), 0) AS tangled
FROM draft JOIN record USING (id) WHERE wanted ORDER BY tangled DESC, certification, id;
"""
_NEXT = """
SELECT t.number, t.tangled, t.id, d.certification, d.code ISNULL, r.body
FROM turn t JOIN draft d USING (id) JOIN record r USING (id) WHERE t.number > ?
ORDER BY t.number
"""
_DRAWN = """
SELECT id, certification, 1, body FROM draft JOIN record USING (id)
WHERE code ISNULL AND id > ? ORDER BY id LIMIT ?
"""

_AT_ONCE = 1000
"""Records that wait in memory for the database."""

_Body = tuple[
    str,
    str,
    date,
    str | None,
    str,
    date,
    str,
    int | None,
    int,
    dict[str, int],
    str | None,
    dict[str, str],
    str,
]
"""The values of a record's FIELDS, and its framework."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Body).decode


class Origin(NamedTuple):
    """Where a row stands: index of its source, its number there, its line."""

    source: int
    row: int
    line: int | None


class Aside(NamedTuple):
    """A row that is not printed.

    Attributes:
        id: its number in the batch, from 0.
        origin: where it stands.
        who: the person, as far as the row tells.
        reason: why there is nothing to print; None for a faulty row.
        faults: of a faulty row.
    """

    id: int
    origin: Origin
    who: str
    reason: str | None
    faults: tuple[Fault, ...]


class Stored(NamedTuple):
    """A record in the spool.

    Attributes:
        id: number of its row in the batch, from 0.
        record: as it was checked.
        frozen: all of it, by which a change can be told.
    """

    id: int
    record: Record
    frozen: bytes


class Asked(NamedTuple):
    """A record that asks a ledger for its code.

    Attributes:
        id: number of its row in the batch, from 0.
        key: what identifies the certification.
        drawn: its code was drawn for it just now.
        record: with that code, or the one that the row says.
    """

    id: int
    key: str
    drawn: bool
    record: Record


class Listed(NamedTuple):
    """A row of the batch, whatever became of it.

    Attributes:
        origin: where it stands.
        record: None for one that was set aside.
        wanted: it is to be printed.
        file: where it is printed, as `Spool.place` was told; None where it is not.
        page: of that file.
        aside: what was set aside; None for a record.
        code: that the row says, or that it was issued under; None where it has none.
        state: what a ledger said of it; None where it was not asked.
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
        id: of the class in the spool.
        name: None for those who have none.
        size: number of its records that are to be printed.
    """

    id: int
    name: str | None
    size: int


class Counts(NamedTuple):
    """What became of the rows of a batch; `read` is the sum of the others.

    Attributes:
        read: rows of all sources.
        printable: records that are wanted, and have no fault.
        not_printable: rows that are not to be printed, for their status.
        rejected: faulty ones.
        not_selected: records that are not wanted.
    """

    read: int
    printable: int
    not_printable: int
    rejected: int
    not_selected: int


class Spool:
    """A temporary database of a batch's rows; memory does not grow with their number.

    Args:
        path: of the file.
        new: make it; else it is one that is finished, and only read.
        particles: the issuer's, which count after the last name that they begin.
    """

    def __init__(self, path: Path, *, new: bool, particles: Iterable[str] = ()) -> None:
        self.path = path
        self._particles = particles_of(particles)
        self._rows = 0
        self._classes: dict[str | None, int] = {}
        self._waiting: list[tuple[object, ...]] = []
        self._drafts: list[tuple[object, ...]] = []
        with told(path):
            if new:
                self._base = sqlite3.connect(path, isolation_level=None)
                self._base.executescript(_TABLES)
                self._base.execute("BEGIN")
            else:
                # Immutable: no process locks it, and nothing is written while others read.
                address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
                self._base = sqlite3.connect(address, uri=True)

    def close(self) -> None:
        """Let go of the file."""
        self._base.close()

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
            origin: where it stands.
            record: valid, with a code.
            wanted: print it; else it is only counted.
            drawn: its code was drawn for it just now.
            key: of its certification; None where no ledger is asked.
        """
        number = self._rows
        if key is not None:
            self._drafts.append((number, key, None if drawn else record.verification_code))
        self._rows = number + 1
        self._waiting.append(
            (
                number,
                *origin,
                self._classes.setdefault(record.group, len(self._classes)),
                wanted,
                sort_key(record, number, drawn=drawn, particles=self._particles),
                _frozen(record),
            )
        )
        if len(self._waiting) == _AT_ONCE:
            self._flush()

    def set_aside(
        self, origin: Origin, who: str, reason: str | None, faults: Sequence[Fault] = ()
    ) -> None:
        """Take the next row, which is not printed; see `Aside`."""
        self._put_aside(Aside(self._rows, origin, who, reason, tuple(faults)))
        self._rows += 1

    def finish(self) -> None:
        """End the writing of rows: they can be read now, by other processes too."""
        self._flush()
        with told(self.path):
            self._base.execute("CREATE INDEX by_class ON record(class)")
            self._base.execute("COMMIT")

    def asked(self, most: int) -> Iterator[list[Asked]]:
        """The wanted records of a ledger's batch: what may contradict each other, together.

        Args:
            most: records at a time; more only where all of them belong together.
        """
        with told(self.path):
            self._base.executescript(_TURNS)
        last = 0
        while rows := list(islice(self._read(_NEXT, (last,)), most)):
            rows += takewhile(partial(_belong, rows[-1]), self._read(_NEXT, (rows[-1][0],)))
            last = rows[-1][0]
            yield [_asked(row) for _, _, *row in rows]
        with told(self.path):
            self._base.execute("DROP TABLE turn")

    def drawn(self, most: int) -> Iterator[list[Asked]]:
        """All records whose code was drawn, wanted or not, so many at a time."""
        last = -1
        while rows := list(self._read(_DRAWN, (last, most))):
            last = rows[-1][0]
            yield list(map(_asked, rows))

    def has_both(self) -> bool:
        """Whether codes of some records of a ledger's batch were drawn, and others not."""
        ((both,),) = self._read("SELECT count(code) BETWEEN 1 AND count(*) - 1 FROM draft")
        return bool(both)

    def recognise(self, known: Iterable[tuple[int, Record, bool]]) -> None:
        """Say which records a ledger has already, with their codes, and which are wanted too."""
        with self._writing():
            for number, record, wanted in known:
                code = record.verification_code
                self._base.execute("UPDATE draft SET code = ? WHERE id = ?", (code, number))
                self._base.execute(
                    "UPDATE record SET body = ?, wanted = wanted OR ? WHERE id = ?",
                    (_frozen(record), wanted, number),
                )

    def issue(self, told: Iterable[tuple[Asked, Issued]]) -> None:
        """Take note of what a ledger said of records."""
        with self._writing():
            for asked, issued in told:
                record, state = issued.record, issued.state
                code = record.verification_code
                self._base.execute(
                    "UPDATE draft SET code = ?, state = ?, revision = ? WHERE id = ?",
                    (
                        None if state == "conflict" and asked.drawn else code,
                        state,
                        issued.revision,
                        asked.id,
                    ),
                )
                if record is not asked.record:
                    self._base.execute(
                        "UPDATE record SET body = ? WHERE id = ?", (_frozen(record), asked.id)
                    )

    def revisions(self, numbers: Iterable[int]) -> list[tuple[str, int]]:
        """Code and revision of issued records, by their numbers in the batch."""
        one = "SELECT code, revision FROM draft WHERE id = ?"
        return [(code, rev) for n in numbers for code, rev in self._read(one, (n,))]

    def states(self) -> dict[str, int]:
        """How many records a ledger said what of."""
        return dict(
            self._read("SELECT state, count(*) FROM draft WHERE state NOTNULL GROUP BY state")
        )

    def corrected(self) -> Iterator[tuple[Origin, Record, int]]:
        """The records that supersede an earlier revision, with the number of theirs."""
        for *place, body, revision in self._read(
            "SELECT source, row, line, body, revision FROM draft JOIN record USING (id)"
            " WHERE state = 'corrected' ORDER BY id"
        ):
            yield Origin(*place), _thawed(body), revision

    def refuse(self, number: int, faults: Iterable[Fault], names: Sequence[str]) -> None:
        """Set a record aside that turned out to be faulty when it was printed.

        Args:
            number: of the row in the batch.
            faults: what the page can't hold.
            names: of all sources.
        """
        with told(self.path):
            *place, body = self._base.execute(
                "SELECT source, row, line, body FROM record WHERE id = ?", (number,)
            ).fetchone()
            self._base.execute("DELETE FROM record WHERE id = ?", (number,))
        origin = Origin(*place)
        name = names[origin.source]
        placed = tuple(replace(fault, source=name, row=origin.row) for fault in faults)
        self._put_aside(Aside(number, origin, _thawed(body).full_name, None, placed))

    def keep_pages(self, pages: Iterable[range]) -> None:
        """Leave out all records but those of some pages of the whole batch, counted from 1."""
        ordered = (
            number
            for found in self.classes()
            for (number,) in self._read(
                "SELECT id FROM record WHERE class = ? ORDER BY key", (found.id,)
            )
        )
        page = 1
        with told(self.path):
            self._base.execute("CREATE TEMP TABLE kept(id INTEGER PRIMARY KEY)")
            for asked in pages:
                for number in islice(ordered, asked.start - page, asked.stop - page):
                    self._base.execute("INSERT INTO kept VALUES (?)", (number,))
                page = asked.stop
            self._base.execute("UPDATE record SET wanted = 0 WHERE id NOT IN kept")

    def classes(self) -> list[Class]:
        """The classes in their order, with what is to be printed of them."""
        rows = self._read("SELECT class, sum(wanted) FROM record GROUP BY class ORDER BY min(key)")
        names = {number: name for name, number in self._classes.items()}
        return [Class(number, names[number], size) for number, size in rows]

    def records(self, classes: Iterable[int]) -> Iterator[Stored]:
        """Records to be printed, in order, of one class after the other."""
        for found in classes:
            for number, body in self._read(_IN_ORDER, (found,)):
                yield Stored(number, _thawed(body), body)

    def people(self) -> Iterator[tuple[str, str, str]]:
        """Last name, first name and code of all records."""
        for (body,) in self._read("SELECT body FROM record"):
            record = _thawed(body)
            yield record.last_name, record.first_name, record.verification_code

    def asides(self, source: int | None = None, *, faulty: bool) -> Iterator[Aside]:
        """Rows that were set aside, in the order in which they were read.

        Args:
            source: index of the source (default: all).
            faulty: those with faults; else those that are not to be printed.
        """
        rows = self._read(
            "SELECT id, source, row, line, who, reason, faults FROM aside"
            " WHERE (faults NOTNULL) = ? AND ifnull(source = ?, 1) ORDER BY id",
            (faulty, source),
        )
        return map(_aside, rows)

    def count(self) -> Counts:
        """How many rows became what."""
        ((wanted, unwanted),) = self._read(
            "SELECT count(*) FILTER (WHERE wanted), count(*) FILTER (WHERE NOT wanted) FROM record"
        )
        ((rejected, unprintable),) = self._read("SELECT count(faults), count(reason) FROM aside")
        return Counts(self._rows, wanted, unprintable, rejected, unwanted)

    def place(self, places: Iterable[tuple[int, str, int]]) -> None:
        """Say where records are printed: number in the batch, file and page of each."""
        with told(self.path):
            self._base.execute(
                "CREATE TEMP TABLE IF NOT EXISTS place(id INTEGER PRIMARY KEY, file, page)"
            )
            self._base.executemany("INSERT INTO place VALUES (?, ?, ?)", places)

    def listed(self) -> Iterator[Listed]:
        """All rows, in the order in which they were read; `place` was told before."""
        rows = self._read(
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
                record = _thawed(body)
                code = code if asked else record.verification_code
                origin = Origin(*place)
                yield Listed(origin, record, bool(wanted), file, page, None, code, state)

    def _put_aside(self, aside: Aside) -> None:
        faults = pickle.dumps(aside.faults) if aside.faults else None
        row = (aside.id, *aside.origin, aside.who, aside.reason, faults)
        with told(self.path):
            self._base.execute("INSERT INTO aside VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def _flush(self) -> None:
        with told(self.path):
            self._base.executemany(
                "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?)", self._waiting
            )
            self._base.executemany(
                "INSERT INTO draft(id, certification, code) VALUES (?, ?, ?)", self._drafts
            )
        self._waiting.clear()
        self._drafts.clear()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Many changes at once, which are quicker together."""
        with told(self.path):
            self._base.execute("BEGIN")
            yield
            self._base.execute("COMMIT")

    def _read(self, query: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        with told(self.path):
            for row in self._base.execute(query, values):  # noqa: UP028 - a cursor has a close
                yield row


@contextmanager
def told(path: Path) -> Iterator[None]:
    """What a database reports, as an error that says where its file is.

    Raises:
        OutputError: the file can't be written or read.
    """
    try:
        yield
    except sqlite3.OperationalError as reason:
        raise OutputError(
            f"can't keep the rows: {reason}",
            source=str(path.parent),
            hint="Make room there, or set TMPDIR to a folder with more.",
        ) from None


def _frozen(record: Record) -> bytes:
    return _encode(
        (
            record.first_name,
            record.last_name,
            record.birth_date,
            record.birth_place,
            record.centre,
            record.delivered_on,
            record.verification_code,
            record.score,
            record.max_level,
            dict(record.levels),
            record.group,
            dict(record.extra),
            record.framework,
        )
    )


def _thawed(body: bytes) -> Record:
    return restore_record(dict(zip((*FIELDS, "framework"), _decode(body), strict=True)))


def _asked(row: Sequence[Any]) -> Asked:
    number, key, drawn, body = row
    return Asked(number, key, bool(drawn), _thawed(body))


def _belong(last: tuple[Any, ...], row: tuple[Any, ...]) -> bool:
    """Whether a row of a turn has to be asked together with the one before."""
    _, tangled, _, key, *_ = row
    return bool(last[1] and tangled) or last[3] == key


def _aside(row: tuple[Any, ...]) -> Aside:
    number, source, place, line, who, reason, faults = row
    said = pickle.loads(faults) if faults else ()
    return Aside(number, Origin(source, place, line), who, reason, said)
