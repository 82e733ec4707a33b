"""Drafts of attestations → what is issued under which code, kept for every reprint.

`Ledger` is what an application may back with its own database; `open_ledger` opens those that
come with pixattest: a SQLite file, or a PostgreSQL database.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, get_args

from pixattest.errors import Fault
from pixattest.model.codes import CODE_FORM
from pixattest.model.record import Record

if TYPE_CHECKING:
    from pixattest.ledger.sql import SqlLedger

State = Literal["new", "again", "corrected", "revoked", "conflict"]
STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True, slots=True)
class Draft:
    """A record that asks to be issued.

    Attributes:
        key: the certification that it attests, see `certification_key`.
        record: valid, with a code that was given, or drawn for it just now.
        drawn: its code was drawn, and yields to the one that the ledger has.
        code_form: what another looks like, should the one that was drawn be taken.
    """

    key: str
    record: Record
    drawn: bool = False
    code_form: str = CODE_FORM


@dataclass(frozen=True, slots=True)
class Issued:
    """What became of a draft.

    Attributes:
        record: with the code that it is issued under, or was until it was revoked; as in the
            draft where it is in conflict.
        revision: of the record under this code, from 1; the last one where it was revoked, 0 where
            it is in conflict.
        state: `new`; `again`, as it was issued before; `corrected`, it supersedes the revision
            before; not issued: `revoked`, or a `conflict` with what was issued before.
        fault: why it is not issued; None when it is.
    """

    record: Record
    revision: int
    state: State
    fault: Fault | None = None


class Page(NamedTuple):
    """A page that was printed.

    Attributes:
        code: its verification code.
        revision: of the record.
        digest: hash of the page's content, in hexadecimal digits.
    """

    code: str
    revision: int
    digest: str


class Printing(NamedTuple):
    """That a revision was printed from an edition.

    Attributes:
        edition: what it was printed from.
        page: the hash of the page.
        when: in UTC: the first time, or the first since it was printed from another edition.
    """

    edition: str
    page: str
    when: datetime


@dataclass(frozen=True, slots=True)
class Revision:
    """A record as it was issued; one with a higher number supersedes it.

    Attributes:
        number: from 1.
        record: as it was valid on that day, not checked again.
        edition: what it was to be printed from.
        issued: when, in UTC.
        printings: one for each edition, in the order of time: the last is of the page that its
            holder has; none when it was never printed.
    """

    number: int
    record: Record
    edition: str
    issued: datetime
    printings: tuple[Printing, ...]


class Revocation(NamedTuple):
    """An attestation that no longer holds.

    Attributes:
        code: its verification code.
        reason: in words.
        when: in UTC.
    """

    code: str
    reason: str
    when: datetime


@dataclass(frozen=True, slots=True)
class History:
    """All that was issued under one code.

    Attributes:
        code: the verification code.
        revisions: from the first to the one that holds.
        revocation: None while it holds.
    """

    code: str
    revisions: tuple[Revision, ...]
    revocation: Revocation | None


class Ledger(Protocol):
    """What was issued: codes, frozen records, editions, pages and revocations.

    What a method has taken is kept, whatever is killed once it returns. Times are with their
    zone, else in local time; they come back in UTC.
    """

    def issue(self, drafts: Sequence[Draft], edition: str, now: datetime) -> list[Issued]:
        """Keep drafts before they are printed: all that can be issued of them, at once.

        The certification of a key has one code for ever. An identical record is issued once; a
        changed one supersedes the former under the same code. A code that was given names its
        certification, too: with a new key it is a correction when one thing has changed, a part of
        the identity or the results, else a conflict: who copies the line of another certification
        changes more than that.

        Args:
            drafts: in any order; two that contradict each other are a conflict.
            edition: what they are printed from, as `keep_edition` named it.
            now: the time of issue.

        Returns:
            What became of each draft, in their order.

        Raises:
            LedgerError: the edition is not known, or nothing could be kept.
        """

    def foresee(self, drafts: Sequence[Draft]) -> list[Issued]:
        """What would become of drafts if they were issued now; nothing is kept."""

    def printed(self, pages: Iterable[Page], edition: str, now: datetime) -> list[Fault]:
        """Keep the hashes of pages once they are printed.

        A page that was printed before keeps its time, unless its revision was printed from another
        edition since: of each revision, it is known from which one it was printed last.

        Returns:
            A fault for each page that is not the one that was printed from the same revision
            and edition before; the former hash is kept.

        Raises:
            LedgerError: a revision or the edition is not known, or nothing could be kept.
        """

    def keep_edition(self, content: bytes) -> str:
        """Keep what pages are printed from; its name, the same for the same content.

        Raises:
            LedgerError: it could not be kept.
        """

    def edition(self, digest: str) -> bytes:
        """What pages were printed from.

        Raises:
            LedgerError: there is none of that name.
        """

    def find(self, code: str) -> History | None:
        """All that was issued under a code; None when nothing was."""

    def histories(self) -> Iterator[History]:
        """All that was ever issued, in the order of its first issue, read as it is asked for."""

    def revoke(self, code: str, reason: str, now: datetime) -> Revocation:
        """Revoke what was issued under a code, for ever.

        Args:
            code: the verification code.
            reason: one line for those who look the code up.
            now: the time from which it no longer holds.

        Raises:
            LedgerError: the code is not known or revoked already, or the reason is no line.
        """

    def revocations(self, since: datetime | None = None) -> list[Revocation]:
        """What was revoked at a time or after it (None: ever), in the order of time."""


def certification_key(
    record: Record, *, number: str | None = None, tested_on: date | None = None
) -> str:
    """What identifies a certification: its number, else who was certified, where and when.

    Args:
        record: of the certification.
        number: of the certification; None when it is not known.
        tested_on: the day of the test (default: of the delivery).
    """
    if number:
        return f"#{_plain(number)}"
    when = tested_on or record.delivered_on
    # The day and the centre first: the keys of one session lie together in an index. No part can
    # hold a line break, so no two identities join to the same key.
    last_name, first_name, birth_date, centre, _ = identity(record)
    return "\n".join((when.isoformat(), centre, last_name, first_name, birth_date))


def is_number(key: str) -> bool:
    """Whether a key is a certification number."""
    return key.startswith("#")


def identity(record: Record) -> tuple[str, ...]:
    """Last name, first name, birth date, centre, delivery date, without what typing varies."""
    return (
        _plain(record.last_name),
        _plain(record.first_name),
        record.birth_date.isoformat(),
        _plain(record.centre),
        record.delivered_on.isoformat(),
    )


def open_ledger(where: str | Path, *, create: bool = True) -> SqlLedger:
    """Open a ledger.

    Args:
        where: a SQLite file's path, or the address of a PostgreSQL database (`postgresql://…`).
        create: make it when there is none.

    Raises:
        LedgerError: it can't be opened, or it is no ledger.
    """
    if str(where).startswith(("postgresql://", "postgres://")):
        from pixattest.ledger.postgres import PostgresLedger

        return PostgresLedger(str(where), create=create)
    from pixattest.ledger.sqlite import SqliteLedger

    return SqliteLedger(where, create=create)


def _plain(text: str) -> str:
    """A text without regard to case, composition and width of spaces."""
    folded = " ".join(text.split()).casefold()
    return folded if folded.isascii() else unicodedata.normalize("NFC", folded)
