"""What a batch is asked to do; who watches it; what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pixattest.batch.outputs import Plan, Split
from pixattest.errors import PixattestError
from pixattest.intake.records import Given

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from pixattest.batch.printing import Printed
    from pixattest.batch.spool import Spool
    from pixattest.intake.rejects import Rejects
    from pixattest.intake.source import Source
    from pixattest.ledger.types import Ledger
    from pixattest.model.pagination import Pagination
    from pixattest.trust.signing import Signer


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a batch is asked to do.

    Attributes:
        inputs: the files of records; `-` is standard input.
        output: a PDF, a folder, a ZIP file or `-`; None: a file or folder beside the first input.
        split: what has a file of its own; None: a class, when there are several.
        cover: each class begins with the list of its people, to be signed; where each person has a
            file, that list has one, too.
        blank_versos: in files of several people, each cover or attestation begins on a front.
        only: the names and codes of those who are wanted; empty: all are.
        pages: the pages of the ordered batch that are wanted, such as `12-17`; None: all are.
        given: the values that hold for all rows.
        ignored: the columns or keys that are passed over.
        ledger: decides on codes, draws one for each record that has none, and keeps what is
            printed. None: the codes are those of the rows.
        strict: nothing is printed unless everything can be printed.
        attach: each record is put into its own file.
        signer: signs each file of attestations; a cover in a file of its own is signed by hand.
        force: files that exist are replaced.
        resume: the job goes on where the same one was stopped.
        jobs: the number of processes that print, where it pays.
        cluster: makes an executor that prints on other machines instead.
    """

    inputs: Sequence[Path]
    output: Path | None = None
    split: Split | None = None
    cover: bool = False
    blank_versos: bool = False
    only: Sequence[str] = ()
    pages: str | None = None
    given: Given = field(default_factory=Given)
    ignored: Sequence[str] = ()
    ledger: Ledger | None = None
    strict: bool = False
    attach: bool = False
    signer: Signer | None = None
    force: bool = False
    resume: bool = False
    jobs: int = 1
    cluster: Callable[[], AbstractContextManager[Executor]] | None = None


class Watcher(Protocol):
    """Whoever wants to know how far a job is."""

    def begin(self, what: str, total: int | None) -> None:
        """Take note that a stage begins.

        Args:
            what: what is counted in it, such as "pages printed".
            total: how many there will be; None where nobody knows.
        """

    def advance(self, count: int) -> None:
        """Take note that so many more are done."""


@dataclass
class Outcome:
    """What became of a job; it can be asked as long as its spool is there.

    Attributes:
        sources: the sources that were read.
        spool: the spool of all rows.
        pagination: tells which pages a file of several people has.
        plan: where the files went; None when nothing was to be printed.
        printed: the tasks that are done.
        rejects: the files of rejects that were written.
        notices: sentences that the user should read.
        stopped: what ended the job before all was done; None when nothing did.
    """

    sources: Sequence[Source]
    spool: Spool
    pagination: Pagination
    plan: Plan | None
    printed: list[Printed]
    rejects: list[Rejects]
    notices: list[str]
    stopped: PixattestError | KeyboardInterrupt | None = None

    @property
    def pages(self) -> int:
        """The number of attestations that were printed, or were there already."""
        return sum(printed.pages for printed in self.printed)
