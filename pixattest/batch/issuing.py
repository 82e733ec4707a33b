"""Records in the spool + ledger → codes, kept before they are printed; then digests of pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from pixattest.batch.printing import read_digests
from pixattest.batch.selection import Selection
from pixattest.batch.spool import Asked, Spool
from pixattest.errors import Fault
from pixattest.ledger import Draft, Issued, Ledger, Page
from pixattest.model.codes import CODE_FORM
from pixattest.model.record import Record

_AT_ONCE = 1000
"""Drafts and pages in one transaction of the ledger: others get their turn between."""


def recognise(spool: Spool, ledger: Ledger, selection: Selection | None) -> None:
    """Give the codes that the ledger has to records that came without, and issue nothing.

    So they are found by `--only CODE`, and beside a row that says the same code.

    Args:
        spool: of all rows, finished.
        ledger: that is asked.
        selection: who is wanted; None: all.
    """
    for asked in spool.drawn(_AT_ONCE):
        foreseen = ledger.foresee(_drafts(asked))
        # Who stands here twice is foreseen under a code that was drawn just now.
        drawn = {one.record.verification_code for one in foreseen if one.state == "new"}
        spool.recognise(
            (one.id, issued.record, selection is not None and _selects(selection, issued.record))
            for one, issued in zip(asked, foreseen, strict=True)
            if issued.state in ("again", "corrected", "revoked")
            and issued.record.verification_code not in drawn
        )


def _selects(selection: Selection, record: Record) -> bool:
    return selection.selects(record.last_name, record.first_name, record.verification_code)


def find_refused(spool: Spool, ledger: Ledger) -> dict[int, tuple[Fault, ...]]:
    """The wanted records that the ledger would not issue, by number; nothing is kept in it."""
    return _decided(spool, ledger.foresee, lambda _: None)


def issue(
    spool: Spool,
    ledger: Ledger,
    edition: str,
    on_progress: Callable[[int], object],
    *,
    code_form: str = CODE_FORM,
) -> dict[int, tuple[Fault, ...]]:
    """Issue all wanted records: on return they are in the ledger with their codes.

    Args:
        spool: takes note of the codes.
        ledger: that issues them.
        edition: what they are printed from.
        on_progress: told how many more are done.
        code_form: what new codes look like.

    Returns:
        The faults of those that are not issued, by number.
    """
    return _decided(
        spool,
        lambda drafts: ledger.issue(drafts, edition, datetime.now(UTC)),
        on_progress,
        code_form=code_form,
        keep=True,
    )


def keep_pages(spool: Spool, ledger: Ledger, edition: str, digests: Path) -> list[Fault]:
    """Keep the digests of pages that were printed.

    Returns:
        A fault for each page that is another one than before.
    """
    faults = []
    found = read_digests(digests)
    while pages := list(islice(found, _AT_ONCE)):
        issued = spool.revisions(number for number, _ in pages)
        kept = [
            Page(code, revision, digest)
            for (code, revision), (_, digest) in zip(issued, pages, strict=True)
        ]
        faults += ledger.printed(kept, edition, datetime.now(UTC))
    return faults


def _decided(
    spool: Spool,
    decide: Callable[[Sequence[Draft]], list[Issued]],
    on_progress: Callable[[int], object],
    *,
    code_form: str = CODE_FORM,
    keep: bool = False,
) -> dict[int, tuple[Fault, ...]]:
    refused: dict[int, tuple[Fault, ...]] = {}
    for asked in spool.asked(_AT_ONCE):
        decided = decide(_drafts(asked, code_form))
        told = [*zip(asked, decided, strict=True)]
        spool.issue(one for one in told if keep or one[1].fault)
        refused |= {one.id: (issued.fault,) for one, issued in told if issued.fault}
        on_progress(len(asked))
    return refused


def _drafts(asked: Sequence[Asked], code_form: str = CODE_FORM) -> list[Draft]:
    return [Draft(one.key, one.record, one.drawn, code_form) for one in asked]
