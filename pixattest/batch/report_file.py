"""Outcome of a job → a file with what became of every row.

To add a format, write a function like `_write_json` and enter it in `FORMATS`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from pixattest.batch.job import Outcome
from pixattest.batch.outputs import Form, personal_files
from pixattest.batch.report import account
from pixattest.batch.rows import Listed
from pixattest.errors import OutputError
from pixattest.intake.source import correction
from pixattest.output import Sink, new_file, refuse_existing


def write_report(outcome: Outcome, path: Path) -> None:
    """Write the report in the format that the file's suffix names, else as JSON.

    Raises:
        OutputError: it can't be written.
    """
    outcome.spool.place(_places(outcome))
    write = FORMATS.get(path.suffix.lower(), _write_json)
    with new_file(path, force=True) as file:
        write(_head(outcome), (_row(outcome, listed) for listed in outcome.spool.listed()), file)


def _write_json(head: dict[str, Any], rows: Iterable[dict[str, Any]], file: Sink) -> None:
    """Write the report as one JSON object, whose `rows` stand in a line each.

    Args:
        head: what holds for the whole job, by name.
        rows: what became of each row, by name: `input`, `row` and `status` are always there.
        file: takes the bytes.
    """
    text = json.dumps(head, ensure_ascii=False, indent=1)
    file.write((text[:-2] + ',\n "rows": [').encode())
    between = "\n"
    for row in rows:
        # Half of a character, as JSON may have it, becomes JSON's own escape.
        line = json.dumps(row, ensure_ascii=False).encode("utf-8", "backslashreplace")
        file.write(f"{between}  ".encode() + line)
        between = ",\n"
    file.write(b"\n ]\n}\n")


# What writes a report, by the suffix of its file.
FORMATS: dict[str, Callable[[dict[str, Any], Iterable[dict[str, Any]], Sink], None]] = {
    ".json": _write_json,
}


def refuse_report(path: Path, *, inputs: Iterable[Path]) -> None:
    """Find out before the work is done that a report can't be written.

    Raises:
        OutputError: it would replace an input, or its folder is not there.
    """
    refuse_existing(path, force=True)
    if not path.parent.is_dir():
        raise OutputError("is in no folder", source=str(path), hint="Make its folder first.")
    if any(path.exists() and file.exists() and path.samefile(file) for file in inputs):
        raise OutputError("is the record itself", source=str(path), hint="Choose another name.")


def _head(outcome: Outcome) -> dict[str, Any]:
    """Return what holds for the whole job: the account, the inputs, the files of rejects."""
    return {
        **account(outcome)._asdict(),
        "stopped": _reason(outcome.stopped),
        "notices": outcome.notices,
        "inputs": [{"input": source.name, "kind": source.kind} for source in outcome.sources],
        "rejects": [str(rejects.path) for rejects in outcome.rejects],
    }


def _row(outcome: Outcome, listed: Listed) -> dict[str, Any]:
    """Return a row's status, and where it is printed or why it is not."""
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
    """Return a row's code, and what the ledger said of it, as far as there are such."""
    said = {"code": listed.code, "ledger": listed.state}
    return {name: value for name, value in said.items() if value is not None}


def _reason(stopped: BaseException | None) -> str | None:
    """Return what ended a job, in words; None when nothing did."""
    if stopped is None:
        return None
    return str(stopped) or "it was interrupted"


def _places(outcome: Outcome) -> Iterator[tuple[int, str, int]]:
    """Yield where each record is printed: its number in the batch, file and page."""
    made, spool = outcome.plan, outcome.spool
    if made is None:
        return
    home = made.path if made.form in (Form.FOLDER, Form.ZIP) else made.path.parent
    for printed in outcome.printed:
        task = printed.task
        if task.by_person:
            for name, stored in personal_files(task, spool):
                yield stored.id, str(home / name), 1
            continue
        file = str(made.path if made.form is Form.STANDARD else home / task.name)
        # The records are read twice, side by side: `places` looks through a class with a cover
        # before it gives the first page.
        people = (stored.record for stored in spool.records(task.classes))
        numbers = outcome.pagination.places(people)
        for stored, page in zip(spool.records(task.classes), numbers, strict=True):
            yield stored.id, file, page
