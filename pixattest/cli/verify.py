"""pixattest verify FILE… → whether what is printed is genuine, as a table or JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pixattest.errors import InputError

if TYPE_CHECKING:
    from pixattest.keys import PublicKeys
    from pixattest.revocations import RevocationList
    from pixattest.verify import Verdict


def verify(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="PDFs, photos or scans (PNG, JPEG, TIFF).")
    ],
    keys: Annotated[
        Path, typer.Option(metavar="FILE", help="The issuer's public keys: a JWKS that you trust.")
    ],
    revocations: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The issuer's signed list: revoked.jws of its site."),
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option(
            metavar="YYYY-MM-DD", formats=["%Y-%m-%d"], help="Day of asking.", show_default="today"
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Tell it to a machine.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,  # noqa: ARG001
) -> None:
    """Check the seals of attestations, without any network.

    Of a PDF, the text is held against the seal too; on paper, hold the facts that are shown
    against it. The exit status is 0 only when every page is genuine.
    """
    from pixattest.keys import read_public_keys
    from pixattest.verify import Answer, verify_file

    known = read_public_keys(keys)
    day = on.date() if on else date.today()
    listed = _read_list(revocations, known) if revocations else None
    found = [
        (str(file), verdict)
        for file in files
        for verdict in verify_file(file, known, day, revocations=listed)
    ]
    if not found:
        raise InputError("there is no page in it", source=str(files[0]), hint="Check its path.")
    if as_json:
        print(json.dumps([_as_mapping(*one) for one in found], ensure_ascii=False, indent=1))
    else:
        _tell(found)
    raise typer.Exit(int(any(verdict.answer != Answer.GENUINE for _, verdict in found)))


def _read_list(path: Path, keys: PublicKeys) -> RevocationList:
    from pixattest.revocations import read_revocations

    try:
        return read_revocations(path.read_bytes(), keys)
    except OSError as reason:
        problem = f"can't be read: {reason.strerror}"
        raise InputError(problem, source=str(path), hint="Check its path.") from None


def _as_mapping(file: str, verdict: Verdict) -> dict[str, Any]:
    facts: dict[str, Any] | None = None
    if verdict.facts:
        facts = asdict(verdict.facts) | {"kid": verdict.facts.kid.hex()}
        facts = {k: v.isoformat() if isinstance(v, date) else v for k, v in facts.items()}
    return {
        "file": file,
        "page": verdict.page,
        "answer": verdict.answer.name.lower(),
        "why": verdict.why,
        "facts": facts,
    }


def _tell(found: list[tuple[str, Verdict]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("file", "page", "answer", "what the seal says", "remarks")
    for file, verdict in found:
        facts = verdict.facts
        said = ""
        if facts:
            held = (facts.first_name, facts.last_name, facts.birth_date, facts.centre, facts.code)
            said = ", ".join(str(value) for value in held if value)
            said += f"; {facts.delivered_on} to {facts.valid_through or 'any day'}"
            said += f"; score {facts.score}" if facts.score is not None else ""
            said += f"; levels {' '.join(map(str, facts.levels))}"
        cells = (file, str(verdict.page), verdict.answer, said, "\n".join(verdict.why))
        # What others wrote is text, never markup nor an order to the terminal.
        table.add_row(
            *(Text("".join(c for c in cell if c.isprintable() or c == "\n")) for cell in cells)
        )
    Console().print(table)
