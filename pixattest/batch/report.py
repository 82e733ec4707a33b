"""Outcome of a job → what a person should know of it, in lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from pixattest.batch.drafts import Drafts
from pixattest.batch.job import Outcome
from pixattest.batch.outputs import Form

# Number of rows that are named one by one; a report in a file names all.
_LISTED = 20


class Account(NamedTuple):
    """How many rows became what: `read` is the sum of the others.

    Attributes:
        read: all rows of all inputs.
        printed: rows whose attestation is printed.
        not_printable: rows that are not to be printed, for their status.
        rejected: faulty rows.
        not_selected: rows that `--only` or `--pages` leaves out.
        left: rows that were not printed because the job was stopped, or strict.
    """

    read: int
    printed: int
    not_printable: int
    rejected: int
    not_selected: int
    left: int


def account(outcome: Outcome) -> Account:
    """Count the rows by what became of them."""
    counts, pages = outcome.spool.count(), outcome.pages
    return Account(
        read=counts.read,
        printed=pages,
        not_printable=counts.not_printable,
        rejected=counts.rejected,
        not_selected=counts.not_selected,
        left=counts.printable - pages,
    )


def tell_faults(outcome: Outcome) -> Iterator[str]:
    """Yield what is wrong with the first rejected rows, and where to read about the others."""
    asides = outcome.spool.asides(faulty=True)
    for aside in islice(asides, _LISTED):
        yield from map(str, aside.faults)
    if more := sum(1 for _ in asides):
        where = ", ".join(str(rejects.path) for rejects in outcome.rejects)
        yield f"{more} more rows are faulty: see {where}"


def tell(outcome: Outcome) -> Iterator[str]:
    """Yield the report, line by line."""
    for source in outcome.sources:
        yield f"{source.name}: {source.kind}"
    yield from outcome.notices
    asides = outcome.spool.asides(faulty=False)
    for aside in islice(asides, _LISTED):
        name = outcome.sources[aside.origin.source].name
        who = f" ({aside.who})" if aside.who else ""
        yield f"{name}, record {aside.origin.row}{who}: not printed, for {aside.reason}."
    if more := sum(1 for _ in asides):
        yield f"{more} more are not printable; --report FILE lists them all."
    for rejects in outcome.rejects:
        yield f"{rejects.path}: {_many(rejects.count, 'faulty row')} to be corrected and fed back"
    yield from _tell_files(outcome)
    yield from _tell_issued(outcome)
    found = account(outcome)
    parts = [
        f"{count} {words}"
        for count, words in (
            (found.printed, "printed"),
            (found.not_printable, "not printable"),
            (found.rejected, "rejected"),
            (found.not_selected, "not selected"),
            (found.left, "left"),
        )
        if count or words in ("printed", "rejected")
    ]
    yield f"{_many(found.read, 'row')} read: {', '.join(parts)}."


def _tell_files(outcome: Outcome) -> Iterator[str]:
    """Yield where the pages are."""
    if outcome.plan is None or not outcome.pages:
        return
    files = sum(printed.files for printed in outcome.printed)
    unchanged = sum(printed.unchanged for printed in outcome.printed)
    where = "standard output" if outcome.plan.form is Form.STANDARD else outcome.plan.path
    many = f" in {_many(files, 'file')}" if files > 1 or outcome.plan.form is Form.FOLDER else ""
    kept = f", of which {unchanged} were whole and unchanged" if unchanged else ""
    yield f"{_many(outcome.pages, 'attestation')} written to {where}{many}{kept}"


def _tell_issued(outcome: Outcome) -> Iterator[str]:
    """Yield what the ledger said of the records, and the names of those that it corrected."""
    from pixattest.ledger.types import STATES

    drafts = Drafts(outcome.spool)
    states = drafts.states()
    if not states:
        return
    corrected = drafts.corrected()
    for origin, record, revision in islice(corrected, _LISTED):
        name = outcome.sources[origin.source].name
        yield (
            f"{name}, record {origin.row} ({record.full_name}): {record.verification_code} is"
            f" corrected; revision {revision} supersedes the one before."
        )
    if more := sum(1 for _ in corrected):
        yield f"{more} more are corrected; --report FILE lists them all."
    counted = ", ".join(f"{states[state]:,} {state}" for state in STATES if state in states)
    yield f"In the ledger: {counted}."


def _many(count: int, what: str) -> str:
    """Count things in words: 1 file, 2 files, 1,234 rows."""
    plural = what if count == 1 else f"{what}s"
    return f"{count:,} {plural}"
