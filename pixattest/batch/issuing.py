"""Drafts + ledger → codes, kept before anything is printed; then digests of printed pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from pixattest.batch.digests import read_digests
from pixattest.batch.drafts import Drafts
from pixattest.batch.rows import Asked
from pixattest.batch.selection import Selection
from pixattest.errors import Fault
from pixattest.ledger.types import Draft, Issued, Ledger, Page
from pixattest.model.codes import CODE_FORM
from pixattest.model.record import Record

_AT_ONCE = 1000
"""Number of drafts or pages in one transaction of the ledger; others get their turn in between."""


def recognise(drafts: Drafts, ledger: Ledger, selection: Selection | None) -> None:
    """Give the codes that the ledger has to records that came without one, and issue nothing.

    So these records are found by `--only CODE`, and beside a row that has the same code.

    Args:
        drafts: the drafts of all rows.
        ledger: the ledger that is asked.
        selection: who is wanted; None: everybody.
    """
    for asked in drafts.drawn(_AT_ONCE):
        foreseen = ledger.foresee(_drafts(asked))
        # The second row of a new certification is foreseen under a code that was just drawn.
        drawn = {one.record.verification_code for one in foreseen if one.state == "new"}
        drafts.recognise(
            (one.id, issued.record, selection is not None and _selects(selection, issued.record))
            for one, issued in zip(asked, foreseen, strict=True)
            if issued.state in ("again", "corrected", "revoked")
            and issued.record.verification_code not in drawn
        )


def _selects(selection: Selection, record: Record) -> bool:
    return selection.selects(record.last_name, record.first_name, record.verification_code)


def find_refused(drafts: Drafts, ledger: Ledger) -> dict[int, tuple[Fault, ...]]:
    """Return the faults of the records that the ledger would not issue; nothing is kept in it."""
    return _decided(drafts, ledger.foresee, lambda _: None)


def issue(
    drafts: Drafts,
    ledger: Ledger,
    edition: str,
    on_progress: Callable[[int], object],
    *,
    code_form: str = CODE_FORM,
) -> dict[int, tuple[Fault, ...]]:
    """Issue all wanted records: on return they are in the ledger with their codes.

    Args:
        drafts: the drafts of the batch, which take note of the codes.
        ledger: the ledger that issues them.
        edition: the name of the edition that they are printed from.
        on_progress: called with the number of records that were issued since the last call.
        code_form: the form of new codes.

    Returns:
        The faults of records that are not issued, by their number in the batch.
    """
    return _decided(
        drafts,
        lambda asking: ledger.issue(asking, edition, datetime.now(UTC)),
        on_progress,
        code_form=code_form,
        keep=True,
    )


def keep_pages(drafts: Drafts, ledger: Ledger, edition: str, digests: Path) -> list[Fault]:
    """Keep the digests of pages that were printed.

    Returns:
        A fault for each page that differs from the one that was printed before.
    """
    faults = []
    found = read_digests(digests)
    while pages := list(islice(found, _AT_ONCE)):
        issued = drafts.revisions(number for number, _ in pages)
        kept = [
            Page(code, revision, digest)
            for (code, revision), (_, digest) in zip(issued, pages, strict=True)
        ]
        faults += ledger.printed(kept, edition, datetime.now(UTC))
    return faults


def _decided(
    drafts: Drafts,
    decide: Callable[[Sequence[Draft]], list[Issued]],
    on_progress: Callable[[int], object],
    *,
    code_form: str = CODE_FORM,
    keep: bool = False,
) -> dict[int, tuple[Fault, ...]]:
    refused: dict[int, tuple[Fault, ...]] = {}
    for asked in drafts.asked(_AT_ONCE):
        decided = decide(_drafts(asked, code_form))
        answers = [*zip(asked, decided, strict=True)]
        drafts.issue(answer for answer in answers if keep or answer[1].fault)
        refused |= {one.id: (issued.fault,) for one, issued in answers if issued.fault}
        on_progress(len(asked))
    return refused


def _drafts(asked: Sequence[Asked], code_form: str = CODE_FORM) -> list[Draft]:
    return [Draft(one.key, one.record, one.drawn, code_form) for one in asked]
