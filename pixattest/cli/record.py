"""JSON files of one record each → a PDF beside each.

`pixattest record.json` goes this way: the batch's needs a database, which takes longer to start
than a page to print.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixattest.errors import InputError, OutputError, RecordError
from pixattest.intake.json import holds_records, read_json
from pixattest.intake.source import STANDARD
from pixattest.output import refuse_existing, write_file
from pixattest.press.press import Press

if TYPE_CHECKING:
    from pixattest.trust.signing import Signer

# Bytes of a file that may be one record's; a longer one is read as a batch.
_LONGEST_RECORD = 1 << 16


def read_lone_records(
    paths: Sequence[Path], output: Path | None
) -> list[tuple[Path, dict[str, Any]]] | None:
    """Read files that hold one JSON object each.

    Returns:
        The object of each file; None when a file, or the output, is one of a batch.
    """
    if output and (len(paths) > 1 or output.is_dir() or output.suffix.lower() == ".zip"):
        return None
    found = []
    for path in paths:
        if path == STANDARD:
            return None
        try:
            with path.open("rb") as file:
                data = file.read(_LONGEST_RECORD)
                value = None if file.read(1) else read_json(data, str(path))
        except (OSError, InputError):
            return None
        if not isinstance(value, dict) or holds_records(value):
            return None
        found.append((path, value))
    return found


def print_records(
    press: Press,
    records: Sequence[tuple[Path, dict[str, Any]]],
    output: Path | None,
    *,
    debug: bool,
    **options: Any,
) -> int:
    """Print each record into a file of its own; one that is refused does not stop the others.

    Args:
        press: prints them.
        records: the file of each, and the object in it.
        output: the file of a single one, or standard output; None: a PDF beside each.
        debug: print the tracebacks of errors.
        options: those of `_print_record`.

    Returns:
        The exit status.
    """
    status = 0
    for source, raw in records:
        try:
            _print_record(press, source, raw, output or source.with_suffix(".pdf"), **options)
        except (RecordError, OutputError) as error:
            if debug:
                traceback.print_exc()
            else:
                print(error, file=sys.stderr)
            status = max(status, 1 if isinstance(error, RecordError) else 2)
    return status


def _print_record(
    press: Press,
    source: Path,
    raw: dict[str, Any],
    target: Path,
    *,
    ledger: str | None,
    new_codes: bool,
    attach: bool,
    signer: Signer | None,
    force: bool,
    quiet: bool,
) -> None:
    """Print one record; its code is printed, or in the ledger, before the page is written."""
    _refuse_taken(target, source, force=force)
    name, out = str(source), sys.stderr if target == STANDARD else sys.stdout
    with _opened(ledger) as opened:
        said = ""
        if opened is None:
            record = press.read(raw, source=name, new_codes=new_codes)
        else:
            from pixattest.ledger.register import Register

            register = Register(opened, press)
            (issued,) = register.issue([register.draft(raw, source=name)])
            if issued.fault:
                raise RecordError([issued.fault], source=name)
            record = issued.record
            said = f"{record.verification_code} ({issued.state}) "
        try:
            data = press.render(record, attach=attach, signer=signer)
        except RecordError as error:
            raise type(error)(error.faults, source=name) from None
        if opened is None and raw.get("verification_code") is None:
            print(f"{name}: new code {record.verification_code}", file=out, flush=True)
        _write(data, target, force=force)
        if opened is not None:
            for fault in register.printed([issued]):
                print(f"{name}: {fault.problem}. {fault.hint}", file=sys.stderr)
    if not quiet and (said or target != STANDARD):
        print(f"{name}: {said}written to {target}", file=out)


def _opened(ledger: str | None) -> Any:
    """Open a ledger, as a context; None within where there is none."""
    if ledger is None:
        return nullcontext()
    from pixattest.ledger import open_ledger

    return open_ledger(ledger)


def _refuse_taken(target: Path, source: Path, *, force: bool) -> None:
    """Find out before the work is done that the output is taken, or is the record itself."""
    if target == STANDARD:
        return
    if target.exists() and target.samefile(source):
        hint = "Choose another file with -o."
        raise OutputError("is the record itself", source=str(target), hint=hint)
    refuse_existing(target, force=force)


def _write(data: bytes, target: Path, *, force: bool) -> None:
    if target != STANDARD:
        write_file(target, data, force=force)
        return
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except OSError as reason:
        problem = f"can't be written: {reason.strerror}"
        raise OutputError(problem, source="standard output") from None
