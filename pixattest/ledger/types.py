"""What a ledger takes and gives: drafts, what was issued, printings, revocations, the protocol."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, Protocol, get_args

from pixattest.errors import Fault
from pixattest.model.codes import CODE_FORM
from pixattest.model.record import Record

State = Literal["new", "again", "corrected", "revoked", "conflict"]
"""What became of a draft; `Issued.state` explains each."""
STATES: tuple[State, ...] = get_args(State)
"""All states, in the order in which a report counts them."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A record that asks to be issued.

    Attributes:
        key: tells which certification the record attests; `certification_key` makes it.
        record: a valid record, with a code that was given, or drawn for it just now.
        drawn: the code was drawn; where the ledger already has one for the key, that one is used.
        code_form: the form of another code, should the one that was drawn belong to somebody else.
    """

    key: str
    record: Record
    drawn: bool = False
    code_form: str = CODE_FORM


@dataclass(frozen=True, slots=True)
class Issued:
    """What became of a draft.

    Attributes:
        record: the draft's record with the code that it is issued under, or was issued under until
            that was revoked; in a conflict, the record as it stands in the draft.
        revision: the number of the record's revision under this code, from 1; the last one where
            the code was revoked, 0 in a conflict.
        state: `new`: issued for the first time; `again`: the same as was issued before;
            `corrected`: it supersedes the revision before. Two states are not issued: `revoked`,
            and `conflict`: it contradicts what was issued before.
        fault: why the draft is not issued; None when it is.
    """

    record: Record
    revision: int
    state: State
    fault: Fault | None = None


class Page(NamedTuple):
    """A page that was printed.

    Attributes:
        code: the verification code on it.
        revision: the number of the record's revision.
        digest: the hash of the page's content, in hexadecimal digits.
    """

    code: str
    revision: int
    digest: str


class Printing(NamedTuple):
    """A revision was printed from an edition.

    Attributes:
        edition: the name of the edition.
        page: the hash of the page.
        when: when it was first printed so, in UTC; where it was printed from another edition in
            between, when it was first printed so again.
    """

    edition: str
    page: str
    when: datetime


@dataclass(frozen=True, slots=True)
class Revision:
    """A record as it was issued; one with a higher number supersedes it.

    Attributes:
        number: 1 for the first revision under a code.
        record: the record as it was valid on the day of issue; it is not checked again.
        edition: the name of the edition that it was issued to be printed from.
        issued: the time of issue, in UTC.
        printings: one for each edition that it was printed from, in the order of time: the last
            one made the page that its holder has. It is empty when nothing was ever printed.
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
        reason: why it was revoked, in one line.
        when: the time from which it no longer holds, in UTC.
    """

    code: str
    reason: str
    when: datetime


@dataclass(frozen=True, slots=True)
class History:
    """All that was issued under one code.

    Attributes:
        code: the verification code.
        revisions: all revisions, from the first to the one that holds.
        revocation: None while the attestation holds.
    """

    code: str
    revisions: tuple[Revision, ...]
    revocation: Revocation | None


class Ledger(Protocol):
    """A ledger keeps what was issued: codes, records, editions, digests of pages, revocations.

    Once a method has returned, what it was given is kept, whatever is killed afterwards. A time
    without a zone is taken for local time; all times come back in UTC.
    """

    def issue(self, drafts: Sequence[Draft], edition: str, now: datetime) -> list[Issued]:
        """Keep drafts before they are printed: all that can be issued of them, at once.

        The certification of a key has one code for ever. An identical record is issued once; a
        changed one supersedes the former under the same code. A code that was given names its
        certification, too: with a new key it is a correction when one thing has changed, a part of
        the identity or the results, else a conflict: who copies the line of another certification
        changes more than that.

        Args:
            drafts: the drafts, in any order; two that contradict each other are a conflict.
            edition: the name, as `keep_edition` gave it, of the edition that they are printed from.
            now: the time of issue.

        Returns:
            What became of each draft, in their order.

        Raises:
            LedgerError: the edition is not known, or nothing could be kept.
        """

    def foresee(self, drafts: Sequence[Draft]) -> list[Issued]:
        """Tell what would become of drafts if they were issued now; nothing is kept."""

    def printed(self, pages: Iterable[Page], edition: str, now: datetime) -> list[Fault]:
        """Keep the hashes of pages once they are printed.

        A page that was printed before keeps its time, unless its revision was printed from another
        edition since. So the ledger knows from which edition each revision was printed last.

        Returns:
            A fault for each page that is not the one that was printed from the same revision
            and edition before; the former hash is kept.

        Raises:
            LedgerError: a revision or the edition is not known, or nothing could be kept.
        """

    def keep_edition(self, content: bytes) -> str:
        """Keep an edition, and return its name, which is the same for the same content.

        Raises:
            LedgerError: it could not be kept.
        """

    def edition(self, digest: str) -> bytes:
        """Return the content of an edition.

        Raises:
            LedgerError: there is no edition of that name.
        """

    def find(self, code: str) -> History | None:
        """Return all that was issued under a code; None when nothing was."""

    def histories(self) -> Iterator[History]:
        """Yield all that was ever issued, in the order of first issue, piece by piece."""

    def revoke(self, code: str, reason: str, now: datetime) -> Revocation:
        """Revoke what was issued under a code, for ever.

        Args:
            code: the verification code.
            reason: one line of text for those who look the code up.
            now: the time from which it no longer holds.

        Raises:
            LedgerError: the code is not known or revoked already, or the reason is no line.
        """

    def revocations(self, since: datetime | None = None) -> list[Revocation]:
        """Return what was revoked at a time or after it (None: ever), in the order of time."""
