"""pixattest reprint CODE… → the pages as they were issued, a file each."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pixattest.cli.ledger import Where, find, moment
from pixattest.cli.passphrase import VARIABLE, key_passphrase
from pixattest.errors import OutputError
from pixattest.output import refuse_existing, write_file


def reprint(
    codes: Annotated[list[str], typer.Argument(metavar="CODE", help="Verification code.")],
    ledger: Where,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="PDF, or a folder.",
            show_default="CODE.pdf",
        ),
    ] = None,
    revision: Annotated[
        int | None,
        typer.Option(metavar="N", help="A superseded one.", show_default="the one that holds"),
    ] = None,
    edition: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="What it is printed from; the first digits do.",
            show_default="that it was printed from last",
        ),
    ] = None,
    revoked: Annotated[
        bool, typer.Option("--revoked", help="Print what was revoked, too: for the files.")
    ] = False,
    key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Private key that sealed the page.")
    ] = None,
    passphrase_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Holds the key's passphrase.",
            show_default=f"{VARIABLE}, or asked for",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,  # noqa: ARG001
) -> None:
    """Print pages as they were issued, even if template or issuer changed since, or are gone."""
    from pixattest.ledger import open_ledger
    from pixattest.ledger.editions import short
    from pixattest.ledger.reprint import keep
    from pixattest.ledger.reprint import reprint as print_again

    folder = output if output and output.is_dir() else None
    if output and folder is None and len(codes) > 1:
        raise OutputError(
            "is no folder, for several files", source=str(output), hint="Make the folder first."
        )
    seal_key = None
    if key:
        from pixattest.trust.keys import read_key

        seal_key = read_key(key, key_passphrase(key, passphrase_file))
    with open_ledger(ledger, create=False) as opened:
        for typed in codes:
            code = find(opened, typed, opened.source).code
            target = output if output and folder is None else (folder or Path()) / f"{code}.pdf"
            refuse_existing(target, force=force)
            made = print_again(
                opened, code, revision=revision, edition=edition, revoked=revoked, key=seal_key
            )
            write_file(target, made.pdf, force=force)
            keep(opened, made)
            who = made.revision.record.full_name
            print(f"{code} ({who}): revision {made.revision.number} written to {target}")
            if made.printed and made.others:
                others = ", ".join(
                    f"{short(other.edition)} ({moment(other.when)})" for other in made.others
                )
                print(
                    f"{code}: as printed on {moment(made.printed)} from edition"
                    f" {short(made.edition)}, with {made.template} in {made.language!r}."
                    f" --edition gives the others: {others}.",
                    file=sys.stderr,
                )
            if made.superseded:
                print(f"{code}: it is superseded by a later revision.", file=sys.stderr)
