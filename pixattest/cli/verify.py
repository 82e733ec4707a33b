"""pixattest verify FILE… → whether what is printed is genuine, as a table or JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection
from contextlib import suppress
from dataclasses import asdict
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pixattest.errors import InputError, SealError
from pixattest.model.issuer import read_issuer

if TYPE_CHECKING:
    from pixattest.model.framework import Framework
    from pixattest.trust.keys import PublicKeys
    from pixattest.trust.revocations import RevocationList
    from pixattest.trust.seal import SealedFacts
    from pixattest.verification.verdicts import Verdict

_GRAVEST_FIRST = (
    "not_genuine",
    "revoked",
    "missing",
    "early",
    "unchecked",
    "expired",
    "genuine",
    "absent",
    "skipped",
    "blank",
)

_PASSED = ("skipped", "blank")
"""Answers on pages that were passed over; the table has one line for all of them."""

_BESIDE = "revoked.jws"
"""Name of the list of revocations beside the public keys."""


class _Part(StrEnum):
    """As `pixattest.verification.verdicts.Part`, which the command's help can do without."""

    SEAL = "seal"
    SIGNATURE = "signature"
    ATTACHMENT = "attachment"


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
            show_default=f"{_BESIDE} beside the keys",
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
        list[_Part] | None,
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
    from pixattest.verification.verdicts import verify as verify_file

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
    if revocations is None and (keys.parent / _BESIDE).exists():
        revocations = keys.parent / _BESIDE
    listed = None if no_revocations else _read_list(revocations, remember, public)
    day = on.date() if on else date.today()
    found: list[tuple[str, Verdict]] = []
    status = 0
    for file in files:
        try:
            verdicts = verify_file(
                file,
                public,
                day,
                revocations=listed,
                ignore_revocations=no_revocations,
                roots=trusted,
                expect=expect or (_Part.SEAL,),
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
            _tell(str(file), verdicts, certified, details)
    if as_json:
        print(
            json.dumps(
                [_as_mapping(*one, certified) for one in found], ensure_ascii=False, indent=1
            )
        )
    raise typer.Exit(status)


def _read_list(path: Path | None, memory: Path | None, keys: PublicKeys) -> RevocationList | None:
    """The newest list that there is."""
    from pixattest.trust.revocations import read_revocations_file, remember_revocations

    if path and memory:
        return remember_revocations(path, memory, keys)
    if path or (memory and memory.exists()):
        return read_revocations_file(path or Path(str(memory)), keys)
    return None


def _as_mapping(file: str, verdict: Verdict, certified: Framework | None) -> dict[str, Any]:
    facts: dict[str, Any] | None = None
    if verdict.facts:
        levels = _levels(verdict.facts, certified)
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


def _levels(facts: SealedFacts, certified: Framework | None) -> dict[str, int] | None:
    """The acquired levels by competence; None: the framework is not known, or another one."""
    from pixattest.verification.verdicts import known_framework

    framework = known_framework(facts.framework, certified)
    if framework:
        with suppress(SealError):  # which is among the remarks
            return facts.levels_in(framework)
    return None


def _tell(file: str, verdicts: list[Verdict], certified: Framework | None, details: bool) -> None:
    """Print a table of what was found in a file, below one answer for the whole of it.

    Without details, several attestations have a line each; what is said of all stands below them.
    """
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    def plain(text: str) -> Text:
        """What others wrote is text, never markup nor an order to the terminal."""
        return Text("".join(c for c in text if c.isprintable() or c == "\n"))

    gravest = min(verdicts, key=lambda verdict: _GRAVEST_FIRST.index(verdict.answer.name.lower()))
    answer: str = gravest.answer
    if gravest.holds:
        remarks = any(verdict.why for verdict in verdicts if verdict.page)
        answer = "genuine, but see the remarks" if remarks else "genuine"
    console = Console()
    console.print(plain(f"{file}: {answer}{_count(verdicts)}"), style="italic", soft_wrap=True)
    sealed = [verdict for verdict in verdicts if verdict.page and verdict.facts]
    brief = len(sealed) > 1 and not details
    shared = set.intersection(*(set(verdict.why) for verdict in sealed)) if brief else set()
    heads = ("", "answer", "of whom" if brief else "what it says", "remarks")
    table = Table(*(Column(head, overflow="fold") for head in heads))
    passed = [verdict for verdict in verdicts if verdict.answer.name.lower() in _PASSED]
    for verdict in verdicts:
        if verdict.answer.name.lower() in _PASSED:
            continue
        if brief and verdict.answer.name == "ABSENT" and not verdict.page:
            continue
        where = f"{verdict.part} of page {verdict.page}" if verdict.page else verdict.part
        said = _describe(verdict.facts, certified) if verdict.facts else ""
        why = [remark for remark in verdict.why if remark not in shared]
        if brief:
            where = where.removeprefix(f"{verdict.part} of ")
            said = _name(verdict.facts) or verdict.facts.code if verdict.facts else ""
        table.add_row(*map(plain, (where, verdict.answer, said, "\n".join(why))))
    for remark in sorted(shared):
        table.add_row(*map(plain, ("all", "", "", remark)))
    for answer in dict.fromkeys(verdict.answer for verdict in passed):
        table.add_row(*map(plain, (_name_pages(passed, answer), answer, "", "")))
    console.print(table)
    if any(verdict.facts and verdict.holds for verdict in verdicts):
        shows = "the facts (--details)" if brief else "the facts"
        print(f"Compare {shows} with the page: not all that is pasted over it is noticed.")
    lacking = {verdict.page for verdict in verdicts if verdict.answer.name == "MISSING"} - {None}
    others = {verdict.page for verdict in verdicts if verdict.page} - lacking
    if lacking and any(verdict.facts for verdict in verdicts):
        print(
            "Nothing vouches for a page without a seal. Where it is a cover that you printed"
            f" yourself, leave it out: --pages {_ranges(others)}"
        )


def _count(verdicts: list[Verdict]) -> str:
    """How many attestations of a file of several pages are genuine, and what the others are."""
    pages = [verdict for verdict in verdicts if verdict.page]
    if len(pages) < 2:
        return ""
    unsealed = ("missing", "absent", *_PASSED)
    sealed = [verdict for verdict in pages if verdict.answer.name.lower() not in unsealed]
    genuine = sum(verdict.answer.name == "GENUINE" for verdict in sealed)
    told = [f"{genuine} of {len(sealed)} attestations genuine"]
    for answer in sorted(
        {verdict.answer for verdict in pages},
        key=lambda answer: _GRAVEST_FIRST.index(answer.name.lower()),
    ):
        where, name = _name_pages(pages, answer), answer.name.lower()
        if name in ("missing", "absent"):
            told.append(f"{where} {'bears' if where.startswith('page ') else 'bear'} no seal")
        elif name not in ("genuine", "blank"):
            told.append(f"{where}: {answer}")
    return f" – {'; '.join(told)}"


def _name_pages(verdicts: list[Verdict], answer: str) -> str:
    """The pages that have an answer: `page 1`, `pages 2-4,7`."""
    found = {verdict.page for verdict in verdicts if verdict.answer == answer}
    return f"page{'s' if len(found) > 1 else ''} {_ranges(found)}"


def _ranges(pages: Collection[int | None]) -> str:
    """Page numbers as `--pages` takes them."""
    numbers = sorted(page for page in pages if page)
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ",".join(str(one) if one == last else f"{one}-{last}" for one, last in ranges)


def _name(facts: SealedFacts) -> str:
    return " ".join(name for name in (facts.first_name, facts.last_name) if name)


def _describe(facts: SealedFacts, certified: Framework | None) -> str:
    """What is certified, as one holds it against paper."""
    from pixattest.verification.verdicts import known_framework

    person = (_name(facts), facts.birth_date, facts.birth_place)
    framework = known_framework(facts.framework, certified)
    levels = [" ".join(map(str, facts.levels))]
    if framework:
        with suppress(SealError):  # which is among the remarks
            acquired = {
                number: f"{number}: {framework.call_level(level)}"
                for number, level in facts.levels_in(framework).items()
            }
            domains = [[c.number for c in domain.competences] for domain in framework.domains]
            levels = [", ".join(acquired[n] for n in of if n in acquired) for of in domains]
            levels.append("no other level")
    lines = (
        ", ".join(str(value) for value in person if value),
        facts.centre,
        f"{facts.code}, {facts.delivered_on} to {facts.valid_through or 'any day'}",
        f"score {facts.score}" if facts.score is not None else None,
        "levels",
        *levels,
    )
    return "\n".join(line for line in lines if line)
