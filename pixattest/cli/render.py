"""pixattest [render] record.json → record.pdf; results.csv → a PDF, or one a class, in order."""

# Annotations are not postponed here: Typer would evaluate their text four times at each start.

from contextlib import nullcontext
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from pixattest.cli.passphrase import SIGN_VARIABLE, VARIABLE, open_key, open_signer
from pixattest.cli.record import print_records, read_lone_records
from pixattest.model import assets
from pixattest.model.issuer import default_issuer, read_issuer
from pixattest.press.plate_folder import user_folder
from pixattest.press.press import Press

_LANGUAGES = f"Of the page: {', '.join(assets.languages())}."
_FRAMEWORKS = f"Of competences: {', '.join(assets.framework_names())}, or a TOML file."


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
        Literal["none", "class", "person"] | None,
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
        lone = read_lone_records(records, output)
        if lone is not None:
            status = print_records(
                make_press(),
                lone,
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

    # Imported here, because one record can do without a database, collation and spreadsheets.
    from pixattest.batch.job import Job
    from pixattest.batch.outputs import Split
    from pixattest.cli.batch import connect_dask, run_job
    from pixattest.intake.codes import read_codes
    from pixattest.intake.records import Given
    from pixattest.ledger import open_ledger

    with open_ledger(ledger) if ledger else nullcontext() as issuing:
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
            ledger=issuing,
            strict=strict,
            attach=attach,
            signer=signer,
            force=force,
            resume=resume,
            jobs=jobs,
            cluster=partial(connect_dask, dask) if dask else None,
        )
        raise typer.Exit(run_job(job, make_press, report, quiet=quiet))
