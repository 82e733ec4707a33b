"""SQL database → the ledger in it; SQLite and PostgreSQL add what each does in its own way."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Self

from pixattest.errors import Fault, LedgerError
from pixattest.ledger.frozen import thaw
from pixattest.ledger.issuing import Issuing, Standing
from pixattest.ledger.types import Draft, History, Issued, Page, Printing, Revision, Revocation

VERSION = 1
"""Version of the tables; a ledger of a higher one is refused."""

PATIENCE = 60.0
"""Seconds to wait for others that write."""

# Rows are added in the order of their ids, at the end of a table; only codes and keys have an index
# that they are put anywhere into.
TABLES = (
    "CREATE TABLE edition (digest TEXT PRIMARY KEY, content {bytes} NOT NULL)",
    "CREATE TABLE attestation (id {id} PRIMARY KEY, code TEXT NOT NULL UNIQUE,"
    " numbered BOOLEAN NOT NULL)",
    "CREATE TABLE certification (key TEXT PRIMARY KEY,"
    " attestation {id} NOT NULL REFERENCES attestation){keyed}",
    "CREATE TABLE revision (attestation {id} NOT NULL REFERENCES attestation,"
    " number INTEGER NOT NULL, record TEXT NOT NULL,"
    " edition TEXT NOT NULL REFERENCES edition, issued {time} NOT NULL,"
    " PRIMARY KEY (attestation, number))",
    "CREATE TABLE printing (attestation {id} NOT NULL, revision INTEGER NOT NULL,"
    " edition TEXT NOT NULL REFERENCES edition, page TEXT NOT NULL, printed {time} NOT NULL,"
    " PRIMARY KEY (attestation, revision, edition),"
    " FOREIGN KEY (attestation, revision) REFERENCES revision)",
    "CREATE TABLE revocation (attestation {id} PRIMARY KEY REFERENCES attestation,"
    " reason TEXT NOT NULL, revoked {time} NOT NULL)",
)

_STANDING = """
SELECT {found}, a.id, a.code, r.number, r.record, a.numbered, v.reason, v.revoked
FROM {among} JOIN {joined}
JOIN revision r ON r.attestation = a.id
    AND r.number = (SELECT max(number) FROM revision WHERE attestation = a.id)
LEFT JOIN revocation v ON v.attestation = a.id
"""
_BY_CODE = _STANDING.replace("{found}", "a.code").replace(
    "{joined}", "attestation a ON a.code = j.value"
)
_BY_KEY = _STANDING.replace("{found}", "k.key").replace(
    "{joined}", "certification k ON k.key = j.value JOIN attestation a ON a.id = k.attestation"
)
_AT_ONCE = 500
"""Number of histories that are read from the database at a time."""

Row = tuple[Any, ...]


class SqlLedger(ABC):
    """A ledger in a SQL database, for one thread of one process; a context manager that closes.

    Attributes:
        source: the file or address of the database, for messages.
    """

    source: str

    def issue(self, drafts: Sequence[Draft], edition: str, now: datetime) -> list[Issued]:
        """See `Ledger.issue`."""
        with self._writing():
            self._check_edition(edition)
            issuing = self._issuing(drafts)
            issued = [issuing.decide(draft) for draft in drafts]
            when = _instant(now)
            self._add("INSERT INTO attestation VALUES (?, ?, ?)", issuing.attestations)
            self._add("UPDATE attestation SET numbered = TRUE WHERE id = ?", issuing.numbered)
            # Keys that come in the order of their index are added faster.
            self._add("INSERT INTO certification VALUES (?, ?)", sorted(issuing.certifications))
            self._add(
                "INSERT INTO revision VALUES (?, ?, ?, ?, ?)",
                [(*revision, edition, when) for revision in issuing.revisions],
            )
        return issued

    def foresee(self, drafts: Sequence[Draft]) -> list[Issued]:
        """See `Ledger.foresee`."""
        with self._reading():
            issuing = self._issuing(drafts)
            return [issuing.decide(draft) for draft in drafts]

    def _issuing(self, drafts: Sequence[Draft]) -> Issuing:
        """Gather all that the ledger has about some drafts."""
        found = self._standings(_BY_KEY, {draft.key for draft in drafts})
        codes = {key: standing.code for key, standing in found.items()}
        others = {d.record.verification_code for d in drafts if d.key not in codes}
        standings = {standing.code: standing for standing in found.values()}
        (last_id,) = self._one("SELECT coalesce(max(id), 0) FROM attestation")
        return Issuing(
            drafts,
            codes,
            standings | self._standings(_BY_CODE, others),
            last_id,
            lambda code: self._id(code) is not None,
        )

    def printed(self, pages: Iterable[Page], edition: str, now: datetime) -> list[Fault]:
        """See `Ledger.printed`."""
        pages = list(pages)
        when = _instant(now)
        with self._writing():
            self._check_edition(edition)
            # known[code, revision]: the ledger's number of the attestation, the digest that was
            # printed from this edition (None: none was), and whether the revision was printed from
            # another edition since.
            known: dict[tuple[str, int], tuple[int, str | None, bool]] = {}
            for code, revision, attestation, page, printed_from in self._among(
                "SELECT a.code, r.number, a.id, p.page, p.edition"
                " FROM {among} JOIN attestation a ON a.code = j.value"
                " JOIN revision r ON r.attestation = a.id"
                " LEFT JOIN printing p ON p.attestation = a.id AND p.revision = r.number"
                " ORDER BY p.printed",
                {page.code for page in pages},
            ):
                _, former, _ = known.get((code, revision), (0, None, False))
                known[code, revision] = (
                    (attestation, page, False)
                    if printed_from == edition
                    else (attestation, former, former is not None)
                )
            added: list[Row] = []
            renewed: list[Row] = []
            faults: list[Fault] = []
            for code, revision, digest in pages:
                if (code, revision) not in known:
                    raise self._error(
                        f"there is no revision {revision} of the code {code}",
                        "Issue it before it is printed.",
                    )
                attestation, former, overtaken = known[code, revision]
                if former is None:
                    added.append((attestation, revision, edition, digest, when))
                    known[code, revision] = (attestation, digest, False)
                elif former != digest:
                    problem = f"the page of {code} is not the one that was printed before"
                    hint = "Keep back the new page, and print from what is kept of the edition."
                    faults.append(Fault("verification_code", code, problem, hint))
                elif overtaken:
                    renewed.append((when, attestation, revision, edition))
            self._add("INSERT INTO printing VALUES (?, ?, ?, ?, ?)", added)
            self._add(
                "UPDATE printing SET printed = ?"
                " WHERE attestation = ? AND revision = ? AND edition = ?",
                renewed,
            )
        return faults

    def keep_edition(self, content: bytes) -> str:
        """See `Ledger.keep_edition`."""
        digest = hashlib.sha256(content).hexdigest()
        with self._writing():
            if self._one("SELECT 1 FROM edition WHERE digest = ?", digest) is None:
                self._add("INSERT INTO edition VALUES (?, ?)", [(digest, content)])
        return digest

    def edition(self, digest: str) -> bytes:
        """See `Ledger.edition`."""
        with self._reading():
            found = self._one("SELECT content FROM edition WHERE digest = ?", digest)
        if found is None:
            raise self._no_edition(digest)
        content: bytes = found[0]
        return content

    def find(self, code: str) -> History | None:
        """See `Ledger.find`."""
        with self._reading():
            attestation = self._id(code)
            if attestation is None:
                return None
            return self._histories([(attestation, code)])[0]

    def histories(self) -> Iterator[History]:
        """See `Ledger.histories`."""
        last = 0
        while True:
            # No transaction is held open while the caller works.
            with self._reading():
                found = self._all(
                    f"SELECT id, code FROM attestation WHERE id > ? ORDER BY id LIMIT {_AT_ONCE}",
                    last,
                )
                if not found:
                    return
                histories = self._histories(found)
            last = found[-1][0]
            yield from histories

    def revoke(self, code: str, reason: str, now: datetime) -> Revocation:
        """See `Ledger.revoke`."""
        reason = reason.strip()
        if not reason or not reason.isprintable():
            raise self._error(
                "the reason of a revocation is not one line of text", "Say why, in one line."
            )
        when = _instant(now)
        with self._writing():
            standing = self._standings(_BY_CODE, [code]).get(code)
            if standing is None:
                raise self._error(f"nothing was issued under the code {code!r}", "Correct it.")
            if standing.revocation:
                _, former, revoked = standing.revocation
                raise self._error(
                    f"{code} was revoked already, on {revoked.date()}: {former}",
                    "It stays revoked for that reason; nothing was changed.",
                )
            self._add("INSERT INTO revocation VALUES (?, ?, ?)", [(standing.id, reason, when)])
        return Revocation(code, reason, _time(when))

    def revocations(self, since: datetime | None = None) -> list[Revocation]:
        """See `Ledger.revocations`."""
        sql = (
            "SELECT a.code, v.reason, v.revoked FROM revocation v"
            " JOIN attestation a ON a.id = v.attestation{} ORDER BY v.revoked, a.id"
        )
        with self._reading():
            if since is None:
                found = self._all(sql.format(""))
            else:
                found = self._all(sql.format(" WHERE v.revoked >= ?"), _instant(since))
        return [Revocation(code, reason, _time(when)) for code, reason, when in found]

    @abstractmethod
    def close(self) -> None:
        """Close the database."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @abstractmethod
    def _reading(self) -> AbstractContextManager[None]:
        """Read in a transaction; the database's errors become a LedgerError."""

    @abstractmethod
    def _writing(self) -> AbstractContextManager[None]:
        """Write in a transaction, alone; what was written is on the disk once it is left."""

    @abstractmethod
    def _all(self, sql: str, *values: object) -> list[Row]:
        """Return every row that a query finds; `?` stands for a value."""

    @abstractmethod
    def _among(self, sql: str, texts: Iterable[str], *values: object) -> list[Row]:
        """Return every row that a query finds; `{among}` is a table `j` of texts, `j.value`."""

    @abstractmethod
    def _add(self, sql: str, rows: Sequence[Row]) -> None:
        """Run a statement with each row."""

    def _one(self, sql: str, *values: object) -> Any:
        """Return the first row that a query finds; None when it finds none."""
        return next(iter(self._all(sql, *values)), None)

    def _error(self, problem: str, hint: str) -> LedgerError:
        return LedgerError(problem, source=self.source, hint=hint)

    def _busy(self) -> LedgerError:
        return self._error(
            "others were writing to it all the time",
            "Run it again once they are done; nothing of this call was kept.",
        )

    def _full(self) -> LedgerError:
        return self._error(
            "its disk is full", "Make room, and run it again; nothing of this call was kept."
        )

    def _too_new(self, version: int) -> LedgerError:
        return self._error(
            f"is a ledger of version {version}, and this pixattest knows {VERSION}",
            "Update pixattest.",
        )

    def _no_edition(self, digest: str) -> LedgerError:
        return self._error(f"there is no edition {digest}", "Keep it with keep_edition first.")

    def _check_edition(self, digest: str) -> None:
        if self._one("SELECT 1 FROM edition WHERE digest = ?", digest) is None:
            raise self._no_edition(digest)

    def _id(self, code: str) -> int | None:
        """Return the ledger's own number of a code; None when it does not have it."""
        found = self._one("SELECT id FROM attestation WHERE code = ?", code)
        return found and int(found[0])

    def _standings(self, sql: str, texts: Iterable[str]) -> dict[str, Standing]:
        """Return how attestations stand, by key or by code, as far as the ledger has them."""
        standings = {}
        for found, id_, code, number, record, numbered, reason, when in self._among(sql, texts):
            revocation = None if reason is None else Revocation(code, reason, _time(when))
            standings[found] = Standing(id_, code, number, record, bool(numbered), revocation)
        return standings

    def _histories(self, attestations: Sequence[Row]) -> list[History]:
        """Return the histories of attestations, given as rows of id and code in order of ids."""
        span = (attestations[0][0], attestations[-1][0])
        within = "WHERE attestation BETWEEN ? AND ?"
        # Printings are read before revisions: so none is read whose revision was added in between.
        printings: dict[tuple[int, int], list[Printing]] = {}
        for id_, number, edition, page, when in self._all(
            "SELECT attestation, revision, edition, page, printed FROM printing"
            f" {within} ORDER BY printed",
            *span,
        ):
            printings.setdefault((id_, number), []).append(Printing(edition, page, _time(when)))
        revocations = {
            id_: (reason, when)
            for id_, reason, when in self._all(
                f"SELECT attestation, reason, revoked FROM revocation {within}", *span
            )
        }
        revisions = {
            id_: tuple(
                Revision(
                    number,
                    thaw(record),
                    edition,
                    _time(issued),
                    tuple(printings.get((id_, number), ())),
                )
                for _, number, record, edition, issued in rows
            )
            for id_, rows in groupby(
                self._all(
                    "SELECT attestation, number, record, edition, issued FROM revision"
                    f" {within} ORDER BY attestation, number",
                    *span,
                ),
                itemgetter(0),
            )
        }
        return [
            History(
                code,
                revisions[id_],
                Revocation(code, revocations[id_][0], _time(revocations[id_][1]))
                if id_ in revocations
                else None,
            )
            for id_, code in attestations
        ]


def _instant(when: datetime) -> str:
    """Return a time as it is stored: in UTC, and always of the same length, so that it sorts."""
    return when.astimezone(UTC).isoformat(timespec="microseconds")


def _time(stored: str | datetime) -> datetime:
    """Return a time that was stored, in UTC."""
    when = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    return when.astimezone(UTC)
