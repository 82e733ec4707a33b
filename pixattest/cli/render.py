"""pixattest [render] record.json → record.pdf; class.jsonl → class.pdf, a page a record."""

from __future__ import annotations

import io
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixattest.errors import (
    Fault,
    InputError,
    LayoutError,
    OutputError,
    PixattestError,
    RecordError,
)
from pixattest.intake.json import read_json, read_json_file
from pixattest.intake.jsonl import SUFFIXES, read_json_lines
from pixattest.output import refuse_existing, write_file
from pixattest.plates import user_folder
from pixattest.press import Press
from pixattest.record import Record

if TYPE_CHECKING:
    from concurrent.futures import Executor

_STANDARD = Path("-")


def render(
    records: Annotated[
        list[Path],
        typer.Argument(
            metavar="RECORD", help="JSON files of one record each (- reads one), or JSON lines."
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="PDF; - is standard output."),
    ] = None,
    issuer: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Who attests, as TOML.", show_default="the Pix example"),
    ] = None,
    template: Annotated[
        str, typer.Option(metavar="NAME|PATH", help="A shipped template, or a folder or SVG.")
    ] = "attestation",
    language: Annotated[str, typer.Option(metavar="CODE", help="Of the page.")] = "fr",
    new_codes: Annotated[
        bool, typer.Option("--new-codes", help="Draw a code for a record that has none.")
    ] = False,
    specimen: Annotated[
        bool, typer.Option("--specimen", help="Print SPÉCIMEN over the page.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
    jobs: Annotated[
        int, typer.Option(metavar="N", min=1, help="Processes that print JSON lines.")
    ] = 1,
    dask: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Dask scheduler whose workers print JSON lines."),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Make attestations: record.json becomes record.pdf beside it.

    A file of JSON lines, such as class.jsonl, becomes one PDF with a page a record.
    """
    if output and len(records) > 1:
        raise typer.BadParameter("one output can't hold several records' files", param_hint="-o")
    press = Press(template, issuer, language=language, specimen=specimen, cache=user_folder())
    status = 0
    for source in records:
        try:
            target = output or (_STANDARD if source == _STANDARD else _beside(source))
            if source.suffix.lower() in SUFFIXES:
                with _executor(jobs, dask) as executor:
                    _render_lines(press, source, target, executor, new_codes=new_codes, force=force)
            else:
                _render_one(press, source, target, new_codes=new_codes, force=force)
        except (RecordError, InputError, OutputError) as error:
            # The other records are made all the same.
            if debug:
                traceback.print_exc()
            else:
                print(error, file=sys.stderr)
            status = max(status, 1 if isinstance(error, RecordError) else 2)
    raise typer.Exit(status)


def _beside(source: Path) -> Path:
    """record.pdf for record.json."""
    if not source.name:
        raise InputError("is a folder", source=str(source), hint="Name a record's file.")
    return source.with_suffix(".pdf")


def _render_one(press: Press, source: Path, target: Path, *, new_codes: bool, force: bool) -> None:
    """One record's file; a new code is told before the page is written."""
    name = "standard input" if source == _STANDARD else str(source)
    _check_target(source, target, force=force)
    raw = (
        read_json(sys.stdin.buffer.read(), name) if source == _STANDARD else read_json_file(source)
    )
    record = press.read(raw, source=name, new_codes=new_codes)
    try:
        data = press.render(record)
    except RecordError as error:
        raise type(error)(error.faults, source=name) from None
    if raw.get("verification_code") is None:
        _tell_code(name, record.verification_code, target)
    if target == _STANDARD:
        _write_standard(data)
    else:
        write_file(target, data, force=force)
        print(f"{name}: written to {target}")


def _render_lines(
    press: Press,
    source: Path,
    target: Path,
    executor: Executor | None,
    *,
    new_codes: bool,
    force: bool,
) -> None:
    """One file of many records: all of them, or none and every fault."""
    faults: list[Fault] = []
    drawn: list[int] = []
    told = sys.stderr if target == _STANDARD else sys.stdout

    def valid() -> Iterator[Record]:
        for row, raw in enumerate(read_json_lines(source), 1):
            try:
                record = press.read(raw, source=str(source), row=row, new_codes=new_codes)
            except RecordError as error:
                faults.extend(error.faults)
                continue
            if faults:
                continue  # nothing will be printed; the rest is read for its faults
            if raw.get("verification_code") is None:
                drawn.append(row)
                _tell_code(f"{source}, record {row}", record.verification_code, target)
            yield record
        if faults:
            raise RecordError(faults)

    _check_target(source, target, force=force)
    standard = io.BytesIO()
    try:
        to = standard if target == _STANDARD else target
        pages = press.write(valid(), to, executor=executor, force=force)
    except PixattestError as error:
        if drawn:
            print(f"{source}: nothing was printed; the new codes are not in use", file=told)
        if isinstance(error, LayoutError):
            raise LayoutError(error.faults, source=str(source)) from None
        error.source = error.source or str(source)
        raise
    if target == _STANDARD:
        _write_standard(standard.getvalue())
    else:
        print(f"{source}: {pages} attestations written to {target}")


def _check_target(source: Path, target: Path, *, force: bool) -> None:
    """Refuse, before the work is done, a target that is taken or is the record itself."""
    if target == _STANDARD:
        return
    if source != _STANDARD and target.exists() and source.exists() and target.samefile(source):
        raise OutputError(
            "is the record itself", source=str(target), hint="Choose another file with -o."
        )
    refuse_existing(target, force=force)


def _tell_code(name: str, code: str, target: Path) -> None:
    """A new code, where it does not spoil a PDF on standard output."""
    to = sys.stderr if target == _STANDARD else sys.stdout
    print(f"{name}: new code {code}", file=to, flush=True)


@contextmanager
def _executor(jobs: int, dask: str | None) -> Iterator[Executor | None]:
    """What prints: a cluster, processes, or nothing but this process."""
    if dask:
        from pixattest.distributed import executor

        with executor(dask) as cluster:
            yield cluster
    elif jobs > 1:
        from concurrent.futures import ProcessPoolExecutor

        with ProcessPoolExecutor(jobs) as processes:
            yield processes
    else:
        yield None


def _write_standard(data: bytes) -> None:
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except OSError as reason:
        raise OutputError(
            f"can't be written: {reason.strerror}", source="standard output"
        ) from None
