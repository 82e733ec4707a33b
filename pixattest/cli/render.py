"""pixattest [render] record.json → record.pdf; results.csv → a PDF, or one a class, in order."""

from __future__ import annotations

import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pixattest.cli.passphrase import SIGN_VARIABLE, VARIABLE, open_key, open_signer
from pixattest.errors import InputError, OutputError, RecordError
from pixattest.intake.json import holds_records, read_json
from pixattest.model import assets
from pixattest.model.issuer import default_issuer, read_issuer
from pixattest.model.record import Record
from pixattest.output import refuse_existing, write_file
from pixattest.press.plate_folder import user_folder
from pixattest.press.press import Press

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from pixattest.batch.job import Job, Outcome
    from pixattest.intake.source import Row
    from pixattest.ledger import Ledger
    from pixattest.trust.signing import Signer

_LANGUAGES = f"Of the page: {', '.join(assets.languages())}."
_FRAMEWORKS = f"Of competences: {', '.join(assets.framework_names())}, or a TOML file."

_STANDARD = Path("-")

_LONGEST_RECORD = 1 << 16
"""Bytes of a file that may be one record's; a longer one is read as a batch."""

_INTERRUPTED = 130
"""Exit status of a command that Ctrl-C has ended, as shells have it."""


class _Split(StrEnum):
    """As `pixattest.batch.outputs.Split`, which one record can do without."""

    NONE = "none"
    CLASS = "class"
    PERSON = "person"


def render(
    records: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE",
            help="Pix's results files, or records as CSV, XLSX, ODS, JSON or JSON lines; "
            "- is standard input.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="PATH", help="PDF, folder or .zip; - is stdout."),
    ] = None,
    split: Annotated[
        _Split | None,
        typer.Option(help="What has a file of its own.", show_default="a class, if several"),
    ] = None,
    cover: Annotated[
        bool, typer.Option("--cover", help="Begin each class with its list, to be signed.")
    ] = False,
    blank_versos: Annotated[
        bool, typer.Option("--blank-versos", help="Begin each person on a front, for duplex.")
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME|CODE", help="Print this person only; may be repeated."),
    ] = None,
    pages: Annotated[
        str | None, typer.Option(metavar="PAGES", help="Print these only, such as 12-17.")
    ] = None,
    codes: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Verification codes by certification or identity."),
    ] = None,
    new_codes: Annotated[
        bool, typer.Option("--new-codes", help="Draw a code for a record that has none.")
    ] = False,
    ledger: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|ADDRESS",
            envvar="PIXATTEST_LEDGER",
            help="SQLite file, made if need be, or postgresql:// address: keeps what is issued, and"
            " gives the codes.",
        ),
    ] = None,
    delivered_on: Annotated[
        datetime | None,
        typer.Option(
            metavar="YYYY-MM-DD",
            formats=["%Y-%m-%d"],
            help="Day of delivery.",
            show_default="the day of the test",
        ),
    ] = None,
    centre: Annotated[
        str | None, typer.Option(metavar="NAME", help="Centre of records that name none.")
    ] = None,
    max_level: Annotated[
        int | None, typer.Option(metavar="N", help="Highest level of records that name none.")
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Column or key to be passed over; may be repeated."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Print nothing unless all can be printed.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What became of every row, as JSON.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Leave files that are whole and unchanged.")
    ] = False,
    issuer: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Who attests, as TOML.", show_default="the Pix example"),
    ] = None,
    passphrase_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Holds the passphrase of the issuer's key for seals.",
            show_default=f"{VARIABLE}, or asked for",
        ),
    ] = None,
    template: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|PATH",
            help="A shipped template, or a folder or SVG.",
            show_default="the issuer's, or attestation",
        ),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(metavar="CODE", help=_LANGUAGES, show_default="the issuer's, or fr"),
    ] = None,
    framework: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help=_FRAMEWORKS,
            show_default="the issuer's, or crcn",
        ),
    ] = None,
    specimen: Annotated[
        bool, typer.Option("--specimen", help="Print SPÉCIMEN over the page.")
    ] = False,
    attach: Annotated[
        bool, typer.Option("--attach", help="Put each record into its own file, as JSON.")
    ] = False,
    sign: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="Sign each file with a PKCS#12 file or pkcs11: address."),
    ] = None,
    sign_passphrase_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Holds the passphrase of the key that signs.",
            show_default=f"{SIGN_VARIABLE}, or asked for",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
    jobs: Annotated[
        int, typer.Option(metavar="N", min=1, help="Processes that print, if it pays.")
    ] = 1,
    dask: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Dask scheduler whose workers print.")
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Tell faults and new codes only.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Make attestations: record.json becomes record.pdf beside it.

    A file of several, such as results.csv, becomes one PDF in the order of the names, or a folder
    with one a class. Faulty rows go to results.csv.rejected.csv, with what to correct.
    """
    known = read_issuer(issuer) if issuer else default_issuer()
    make_press = partial(
        Press,
        template,
        known,
        language=language,
        framework=framework,
        specimen=specimen,
        cache=user_folder(),
        key=open_key(known.seal, passphrase_file) if known.seal else None,
    )
    signer = open_signer(sign, sign_passphrase_file) if sign else None
    of_batch = (split, only, pages, codes, delivered_on, centre, max_level, ignore, report)
    if not any((*of_batch, cover, blank_versos, strict, resume)):
        found = _lone_records(records, output)
        if found is not None:
            status = _render_alone(
                make_press(),
                found,
                output,
                ledger=ledger,
                new_codes=new_codes,
                attach=attach,
                signer=signer,
                force=force,
                quiet=quiet,
                debug=debug,
            )
            raise typer.Exit(status)

    # Here, because one record can do without a database, collation and spreadsheets.
    from pixattest.batch.job import Job
    from pixattest.batch.outputs import Split
    from pixattest.batch.reading import Given
    from pixattest.intake.codes import read_codes

    opened: AbstractContextManager[Ledger | None] = nullcontext()
    if ledger:
        from pixattest.ledger import open_ledger

        opened = open_ledger(ledger)
    job = Job(
        inputs=records,
        output=output,
        split=Split(split) if split else None,
        cover=cover,
        blank_versos=blank_versos,
        only=only or (),
        pages=pages,
        given=Given(
            codes=read_codes(codes) if codes else None,
            new_codes=new_codes,
            delivered_on=delivered_on.date() if delivered_on else None,
            centre=centre,
            max_level=max_level,
        ),
        ignored=ignore or (),
        strict=strict,
        attach=attach,
        signer=signer,
        force=force,
        resume=resume,
        jobs=jobs,
        cluster=partial(_cluster, dask) if dask else None,
    )
    with opened as issuing:
        job = replace(job, ledger=issuing)
        raise typer.Exit(_render_batch(job, make_press, report, quiet=quiet))


# One record, or a few with a file each.


def _lone_records(paths: Sequence[Path], output: Path | None) -> list[tuple[Path, Any]] | None:
    """The one JSON object that each file is; None when one of them, or the output, is not so."""
    if output and (len(paths) > 1 or output.is_dir() or output.suffix.lower() == ".zip"):
        return None
    found = []
    for path in paths:
        if path == _STANDARD:
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


def _render_alone(
    press: Press,
    found: Sequence[tuple[Path, Any]],
    output: Path | None,
    *,
    ledger: str | None,
    new_codes: bool,
    attach: bool,
    signer: Signer | None,
    force: bool,
    quiet: bool,
    debug: bool,
) -> int:
    """A file for each record; one that is refused does not stop the others.

    Returns:
        The exit status.
    """
    status = 0
    for source, raw in found:
        target = output or source.with_suffix(".pdf")
        try:
            if ledger:
                _issue_one(
                    press,
                    source,
                    raw,
                    target,
                    ledger,
                    attach=attach,
                    signer=signer,
                    force=force,
                    quiet=quiet,
                )
            else:
                _render_one(
                    press,
                    source,
                    raw,
                    target,
                    new_codes=new_codes,
                    attach=attach,
                    signer=signer,
                    force=force,
                    quiet=quiet,
                )
        except (RecordError, OutputError) as error:
            if debug:
                traceback.print_exc()
            else:
                print(error, file=sys.stderr)
            status = max(status, 1 if isinstance(error, RecordError) else 2)
    return status


def _render_one(
    press: Press,
    source: Path,
    raw: Any,
    target: Path,
    *,
    new_codes: bool,
    attach: bool,
    signer: Signer | None,
    force: bool,
    quiet: bool,
) -> None:
    """One record's file; a new code is told before the page is written."""
    _refuse_taken(target, source, force=force)
    record = press.read(raw, source=str(source), new_codes=new_codes)
    try:
        data = press.render(record, attach=attach, signer=signer)
    except RecordError as error:
        raise type(error)(error.faults, source=str(source)) from None
    if raw.get("verification_code") is None:
        _tell_code(target == _STANDARD, str(source), record.verification_code)
    _write(data, target, force=force)
    if not quiet and target != _STANDARD:
        print(f"{source}: written to {target}")


def _issue_one(
    press: Press,
    source: Path,
    raw: Any,
    target: Path,
    where: str,
    *,
    attach: bool,
    signer: Signer | None,
    force: bool,
    quiet: bool,
) -> None:
    """One record's file; it is in the ledger with its code before the page is written."""
    from pixattest.ledger import open_ledger
    from pixattest.ledger.register import Register

    _refuse_taken(target, source, force=force)
    with open_ledger(where) as ledger:
        register = Register(ledger, press)
        (issued,) = register.issue([register.draft(raw, source=str(source))])
        if issued.fault:
            raise RecordError([issued.fault], source=str(source))
        data = press.render(issued.record, attach=attach, signer=signer)
        _write(data, target, force=force)
        for fault in register.printed([issued]):
            print(f"{source}: {fault.problem}. {fault.hint}", file=sys.stderr)
    if not quiet:
        told = sys.stderr if target == _STANDARD else sys.stdout
        code = issued.record.verification_code
        print(f"{source}: {code} ({issued.state}) written to {target}", file=told)


def _refuse_taken(target: Path, source: Path, *, force: bool) -> None:
    """Find out before the work is done that an output is taken, or is the record."""
    if target == _STANDARD:
        return
    if target.exists() and target.samefile(source):
        hint = "Choose another file with -o."
        raise OutputError("is the record itself", source=str(target), hint=hint)
    refuse_existing(target, force=force)


def _write(data: bytes, target: Path, *, force: bool) -> None:
    if target == _STANDARD:
        try:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        except OSError as reason:
            raise OutputError(
                f"can't be written: {reason.strerror}", source="standard output"
            ) from None
        return
    write_file(target, data, force=force)


def _tell_code(standard: bool, name: str, code: str) -> None:
    """A new code, where it does not spoil a PDF on standard output."""
    print(f"{name}: new code {code}", file=sys.stderr if standard else sys.stdout, flush=True)


# A batch.


def _render_batch(job: Job, make_press: partial[Press], report: Path | None, *, quiet: bool) -> int:
    """Do a job, and tell what became of it.

    Returns:
        The exit status.
    """
    from pixattest.batch.report import tell, tell_faults
    from pixattest.batch.report_file import refuse_report, write_report
    from pixattest.batch.running import run
    from pixattest.cli.progress import Meter

    # What ends a command politely is to leave nothing half-written either.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    standard = job.output == _STANDARD or (job.output is None and [*job.inputs] == [_STANDARD])
    told = sys.stderr if standard else sys.stdout
    meter = Meter(quiet=quiet)

    def tell_code(name: str, row: Row, record: Record) -> None:
        _tell_code(standard, f"{name}, record {row.number}", record.verification_code)

    if report:
        refuse_report(report, inputs=job.inputs)
    outcome = None
    try:
        with run(
            job,
            make_press,
            tell_code=tell_code,
            watcher=meter,
            standard_output=sys.stdout.buffer,
        ) as outcome:
            meter.close()
            if report:
                write_report(outcome, report)
            for line in tell_faults(outcome):
                print(line, file=sys.stderr)
            if not quiet:
                for line in tell(outcome):
                    print(line, file=told)
            return _status(outcome)
    except KeyboardInterrupt:
        what = "not all of this was told" if outcome else "nothing was printed"
        print(f"Interrupted: {what}.", file=sys.stderr)
        return _INTERRUPTED
    finally:
        meter.close()


def _status(outcome: Outcome) -> int:
    """The exit status of a job; what stopped it is told."""
    stopped = outcome.stopped
    if stopped is None:
        return 1 if outcome.spool.count().rejected else 0
    done = sum(printed.files for printed in outcome.printed)
    made = f"{done} of {len(outcome.plan.tasks)} files are whole; " if outcome.plan else ""
    hint = "run it again with --resume to go on" if done else "nothing was printed"
    if isinstance(stopped, KeyboardInterrupt):
        print(f"Interrupted: {made}{hint}.", file=sys.stderr)
        return _INTERRUPTED
    print(f"{stopped}\n{made}{hint}.", file=sys.stderr)
    return 1 if isinstance(stopped, RecordError) else 2


def _cluster(address: str) -> AbstractContextManager[Executor]:
    from pixattest.press.distributed import executor

    return executor(address)
