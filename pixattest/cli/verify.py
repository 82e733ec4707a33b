"""pixattest verify FILE… → whether what is printed is genuine, as a table or JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pixattest.cli.verdict_table import levels_of, print_table
from pixattest.errors import InputError
from pixattest.model.issuer import read_issuer
from pixattest.trust.revocations import REVOCATIONS_FILE
from pixattest.verification.verdicts import Part

if TYPE_CHECKING:
    from pixattest.model.framework import Framework
    from pixattest.trust.keys import PublicKeys
    from pixattest.trust.revocations import RevocationList
    from pixattest.verification.verdicts import Verdict


def verify(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="PDFs, photos or scans (PNG, JPEG, TIFF).")
    ],
    keys: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The issuer's public keys: a JWKS that you trust."),
    ] = None,
    roots: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="PEM file of certificates that you trust to certify."),
    ] = None,
    issuer: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="TOML file that names keys, roots and framework, in their place."
        ),
    ] = None,
    revocations: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The issuer's signed list.",
            show_default=f"{REVOCATIONS_FILE} beside the keys",
        ),
    ] = None,
    no_revocations: Annotated[
        bool, typer.Option("--no-revocations", help="Do not ask whether it was revoked.")
    ] = False,
    remember: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep the newest list there; an older one is passed by."),
    ] = None,
    expect: Annotated[
        list[Part] | None,
        typer.Option(help="What must be there; may be repeated.", show_default="seal"),
    ] = None,
    pages: Annotated[
        str | None,
        typer.Option(metavar="PAGES", help="Look at these only, such as 2-31.", show_default="all"),
    ] = None,
    framework: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Whose competences a page names, if it does not ship.",
            show_default="the issuer's",
        ),
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option(
            metavar="YYYY-MM-DD", formats=["%Y-%m-%d"], help="Day of asking.", show_default="today"
        ),
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(
            metavar="N", min=1, help="That each file may take.", show_default="by its size"
        ),
    ] = None,
    details: Annotated[
        bool, typer.Option("--details", help="Show all that is certified, of a class too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Tell it to a machine.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Check the seals, signatures and attached records of attestations, without any network.

    Of a PDF, the text is held against the seal too. What was drawn or pasted over it is noticed
    only where it is text itself, a note or a field: compare the facts that are shown with the page,
    as on paper. A file of several attestations has a line for each, without --details. The exit
    status is 0 only when everything is genuine; blank pages, and those that --pages leaves out, are
    told and passed over.
    """
    from pixattest.model.framework import framework_for, read_framework
    from pixattest.trust.keys import read_public_keys
    from pixattest.verification.verify import verify as verify_file

    trusted: list[Path] = roots or []
    certified = read_framework(framework) if framework else None
    if issuer:
        known = read_issuer(issuer)
        keys = keys or (Path(known.seal.keys) if known.seal else None)
        trusted = trusted or [*map(Path, known.signing.roots)]
        certified = certified or (framework_for(known) if known.framework else None)
    if keys is None:
        raise InputError(
            "the issuer's public keys are missing",
            hint="Give them with --keys, or an issuer's file that has a [seal] with --issuer.",
        )
    public = read_public_keys(keys)
    if revocations is None and (keys.parent / REVOCATIONS_FILE).exists():
        revocations = keys.parent / REVOCATIONS_FILE
    listed = None if no_revocations else _read_list(revocations, remember, public)
    day = on.date() if on else date.today()
    found: list[tuple[str, Verdict]] = []
    status = 0
    for file in files:
        try:
            verdicts = verify_file(
                file,
                public,
                on=day,
                revocations=listed,
                ignore_revocations=no_revocations,
                roots=trusted,
                expect=expect or (Part.SEAL,),
                framework=certified,
                pages=pages,
                seconds=seconds,
            )
        except InputError as error:
            if debug:
                raise
            print(error, file=sys.stderr)
            status = 2
            continue
        found += [(str(file), verdict) for verdict in verdicts]
        if not all(verdict.holds for verdict in verdicts):
            status = max(status, 1)
        if not as_json:
            print_table(str(file), verdicts, certified, details=details)
    if as_json:
        print(
            json.dumps(
                [_as_mapping(*one, certified) for one in found], ensure_ascii=False, indent=1
            )
        )
    raise typer.Exit(status)


def _read_list(path: Path | None, memory: Path | None, keys: PublicKeys) -> RevocationList | None:
    """Return the newest list that there is."""
    from pixattest.trust.revocations import read_revocations_file, remember_revocations

    if path and memory:
        return remember_revocations(path, memory, keys)
    if path or (memory and memory.exists()):
        return read_revocations_file(path or Path(str(memory)), keys)
    return None


def _as_mapping(file: str, verdict: Verdict, certified: Framework | None) -> dict[str, Any]:
    """Return a verdict as the command writes it in JSON."""
    facts: dict[str, Any] | None = None
    if verdict.facts:
        levels = levels_of(verdict.facts, certified)
        facts = asdict(verdict.facts) | {"kid": verdict.facts.kid.hex(), "levels": levels}
        facts = {k: v.isoformat() if isinstance(v, date) else v for k, v in facts.items()}
    return {
        "file": file,
        "page": verdict.page,
        "part": verdict.part,
        "answer": verdict.answer.name.lower(),
        "why": verdict.why,
        "facts": facts,
    }
