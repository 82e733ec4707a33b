"""Outcome of a job → an account of every row: in words, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from pixattest.batch.job import Outcome, places
from pixattest.batch.outputs import Form
from pixattest.batch.spool import Listed
from pixattest.errors import OutputError
from pixattest.intake.source import correction
from pixattest.ledger.types import STATES
from pixattest.output import new_file, refuse_existing

_LISTED = 20
"""Rows that are named in words; the JSON names all."""


class Account(NamedTuple):
    """How many rows became what: `read` is the sum of the others.

    Attributes:
        read: rows of all inputs.
        printed: on a page each.
        not_printable: by their status.
        rejected: faulty.
        not_selected: left out by `--only` or `--pages`.
        left: not printed, for the job was stopped, or strict.
    """

    read: int
    printed: int
    not_printable: int
    rejected: int
    not_selected: int
    left: int


def account(outcome: Outcome) -> Account:
    """How many rows became what."""
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
    """What is wrong with the first of the rejected rows, and where the others are told."""
    asides = outcome.spool.asides(faulty=True)
    for aside in islice(asides, _LISTED):
        yield from map(str, aside.faults)
    if more := sum(1 for _ in asides):
        where = ", ".join(str(rejects.path) for rejects in outcome.rejects)
        yield f"{more} more rows are faulty: see {where}"


def tell(outcome: Outcome) -> Iterator[str]:
    """The report for a person."""
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


def write_report(outcome: Outcome, path: Path) -> None:
    """The report as JSON: the account, the inputs, the files, and every row.

    Raises:
        OutputError: it can't be written.
    """
    outcome.spool.place(places(outcome))
    with new_file(path, force=True) as file:
        head = {
            **account(outcome)._asdict(),
            "stopped": _reason(outcome.stopped),
            "notices": outcome.notices,
            "inputs": [{"input": source.name, "kind": source.kind} for source in outcome.sources],
            "rejects": [str(rejects.path) for rejects in outcome.rejects],
        }
        text = json.dumps(head, ensure_ascii=False, indent=1)
        file.write((text[:-2] + ',\n "rows": [').encode())
        between = "\n"
        for listed in outcome.spool.listed():
            said = json.dumps(_row(outcome, listed), ensure_ascii=False)
            file.write(f"{between}  {said}".encode("utf-8", "backslashreplace"))
            between = ",\n"
        file.write(b"\n ]\n}\n")


def refuse_report(path: Path, *, inputs: Iterable[Path]) -> None:
    """Find out before the work is done that a report can't be written.

    Raises:
        OutputError: it would replace an input, or has no folder.
    """
    refuse_existing(path, force=True)
    if not path.parent.is_dir():
        raise OutputError("is in no folder", source=str(path), hint="Make its folder first.")
    if any(path.exists() and file.exists() and path.samefile(file) for file in inputs):
        raise OutputError("is the record itself", source=str(path), hint="Choose another name.")


def _tell_files(outcome: Outcome) -> Iterator[str]:
    """Where the pages are."""
    if outcome.plan is None or not outcome.pages:
        return
    files = sum(printed.files for printed in outcome.printed)
    unchanged = sum(printed.unchanged for printed in outcome.printed)
    where = "standard output" if outcome.plan.form is Form.STANDARD else outcome.plan.path
    many = f" in {_many(files, 'file')}" if files > 1 or outcome.plan.form is Form.FOLDER else ""
    kept = f", of which {unchanged} were whole and unchanged" if unchanged else ""
    yield f"{_many(outcome.pages, 'attestation')} written to {where}{many}{kept}"


def _tell_issued(outcome: Outcome) -> Iterator[str]:
    """What the ledger said of the records; those that supersede an earlier one by name."""
    states = outcome.spool.states()
    if not states:
        return
    corrected = outcome.spool.corrected()
    for origin, record, revision in islice(corrected, _LISTED):
        name = outcome.sources[origin.source].name
        yield (
            f"{name}, record {origin.row} ({record.full_name}): {record.verification_code} is"
            f" corrected; revision {revision} supersedes the one before."
        )
    if more := sum(1 for _ in corrected):
        yield f"{more} more are corrected; --report FILE lists them all."
    told = ", ".join(f"{states[state]:,} {state}" for state in STATES if state in states)
    yield f"In the ledger: {told}."


def _row(outcome: Outcome, listed: Listed) -> dict[str, Any]:
    """A row's status, and where it is printed or why not."""
    name = outcome.sources[listed.origin.source].name
    row: dict[str, Any] = {"input": name, "row": listed.origin.row, "line": listed.origin.line}
    if listed.aside:
        row["who"] = listed.aside.who
        row |= _issued(listed)
        if listed.aside.reason:
            return row | {"status": "not printable", "reason": listed.aside.reason}
        faults = listed.aside.faults
        return row | {"status": "rejected", "what_to_correct": correction(faults)}
    record = listed.record
    assert record is not None
    row |= {"who": record.full_name} | _issued(listed)
    if listed.file:
        return row | {"status": "printed", "file": listed.file, "page": listed.page}
    return row | {"status": "left" if listed.wanted else "not selected"}


def _issued(listed: Listed) -> dict[str, Any]:
    """A row's code, and what the ledger said of it, where there are such."""
    said = {"code": listed.code, "ledger": listed.state}
    return {name: value for name, value in said.items() if value is not None}


def _reason(stopped: BaseException | None) -> str | None:
    """What ended a job, in words; None when nothing did."""
    if stopped is None:
        return None
    return str(stopped) or "it was interrupted"


def _many(count: int, what: str) -> str:
    """1 file, 2 files; 1,234 rows."""
    plural = what if count == 1 else f"{what}s"
    return f"{count:,} {plural}"
