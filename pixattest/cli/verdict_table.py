"""Verdicts on a file → the table that a terminal shows, below one answer for the whole file."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from pixattest.errors import SealError
from pixattest.verification.comparison import known_framework
from pixattest.verification.verdicts import Answer

if TYPE_CHECKING:
    from pixattest.model.framework import Framework
    from pixattest.trust.seal import SealedFacts
    from pixattest.verification.verdicts import Verdict

_GRAVEST_FIRST = (
    Answer.NOT_GENUINE,
    Answer.REVOKED,
    Answer.MISSING,
    Answer.EARLY,
    Answer.UNCHECKED,
    Answer.EXPIRED,
    Answer.GENUINE,
    Answer.ABSENT,
    Answer.SKIPPED,
    Answer.BLANK,
)

# Answers on pages that were passed over; the table has one line for all of them.
_PASSED = (Answer.SKIPPED, Answer.BLANK)

# Answers on pages without a seal.
_UNSEALED = (Answer.MISSING, Answer.ABSENT, *_PASSED)


def print_table(
    file: str, verdicts: Sequence[Verdict], certified: Framework | None, *, details: bool
) -> None:
    """Print a table of what was found in a file.

    Without details, several attestations have a line each; remarks that all of them share stand
    below them.
    """
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    def plain(text: str) -> Text:
        """Show what others wrote as text: it is never markup, nor an order to the terminal."""
        return Text("".join(c for c in text if c.isprintable() or c == "\n"))

    sealed = [verdict for verdict in verdicts if verdict.page and verdict.facts]
    brief = len(sealed) > 1 and not details
    shared = set.intersection(*(set(verdict.why) for verdict in sealed)) if brief else set()
    heads = ("", "answer", "of whom" if brief else "what it says", "remarks")
    table = Table(*(Column(head, overflow="fold") for head in heads))
    for verdict in verdicts:
        if verdict.answer in _PASSED:
            continue
        if brief and verdict.answer is Answer.ABSENT and not verdict.page:
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
    for answer in dict.fromkeys(verdict.answer for verdict in verdicts):
        if answer in _PASSED:
            table.add_row(*map(plain, (_name_pages(verdicts, answer), answer, "", "")))
    console = Console()
    headline = f"{file}: {_sum_up(verdicts)}{_count(verdicts)}"
    console.print(plain(headline), style="italic", soft_wrap=True)
    console.print(table)
    _print_advice(verdicts, brief=brief)


def _sum_up(verdicts: Sequence[Verdict]) -> str:
    gravest = min(verdicts, key=lambda verdict: _GRAVEST_FIRST.index(verdict.answer))
    if not gravest.holds:
        return gravest.answer
    remarks = any(verdict.why for verdict in verdicts if verdict.page)
    return "genuine, but see the remarks" if remarks else "genuine"


def _print_advice(verdicts: Sequence[Verdict], *, brief: bool) -> None:
    """Print what the reader of the table has to do."""
    if any(verdict.facts and verdict.holds for verdict in verdicts):
        shows = "the facts (--details)" if brief else "the facts"
        print(f"Compare {shows} with the page: not all that is pasted over it is noticed.")
    lacking = {verdict.page for verdict in verdicts if verdict.answer is Answer.MISSING} - {None}
    others = {verdict.page for verdict in verdicts if verdict.page} - lacking
    if lacking and any(verdict.facts for verdict in verdicts):
        print(
            "Nothing vouches for a page without a seal. Where it is a cover that you printed"
            f" yourself, leave it out: --pages {_ranges(others)}"
        )


def _count(verdicts: Sequence[Verdict]) -> str:
    """Tell how many attestations of a file of several pages are genuine, and what others are."""
    pages = [verdict for verdict in verdicts if verdict.page]
    if len(pages) < 2:
        return ""
    sealed = [verdict for verdict in pages if verdict.answer not in _UNSEALED]
    genuine = sum(verdict.answer is Answer.GENUINE for verdict in sealed)
    told = [f"{genuine} of {len(sealed)} attestations genuine"]
    for answer in sorted({verdict.answer for verdict in pages}, key=_GRAVEST_FIRST.index):
        where = _name_pages(pages, answer)
        if answer in (Answer.MISSING, Answer.ABSENT):
            told.append(f"{where} {'bears' if where.startswith('page ') else 'bear'} no seal")
        elif answer not in (Answer.GENUINE, Answer.BLANK):
            told.append(f"{where}: {answer}")
    return f" – {'; '.join(told)}"


def _name_pages(verdicts: Sequence[Verdict], answer: Answer) -> str:
    """Name the pages that have an answer: `page 1`, `pages 2-4,7`."""
    found = {verdict.page for verdict in verdicts if verdict.answer is answer}
    return f"page{'s' if len(found) > 1 else ''} {_ranges(found)}"


def _ranges(pages: Collection[int | None]) -> str:
    """Write page numbers as `--pages` takes them."""
    ranges: list[list[int]] = []
    for number in sorted(page for page in pages if page):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ",".join(str(one) if one == last else f"{one}-{last}" for one, last in ranges)


def _name(facts: SealedFacts) -> str:
    return " ".join(name for name in (facts.first_name, facts.last_name) if name)


def levels_of(facts: SealedFacts, certified: Framework | None) -> dict[str, int] | None:
    """Return the acquired levels by competence; None if the framework is not known here."""
    framework = known_framework(facts.framework, certified)
    if framework:
        with suppress(SealError):  # the remarks tell it
            return facts.levels_in(framework)
    return None


def _describe(facts: SealedFacts, certified: Framework | None) -> str:
    """Describe what is certified, in the order in which one compares it with paper."""
    person = (_name(facts), facts.birth_date, facts.birth_place)
    framework, acquired = known_framework(facts.framework, certified), levels_of(facts, certified)
    levels = [" ".join(map(str, facts.levels))]
    if framework and acquired is not None:
        levels = [
            ", ".join(
                f"{competence.number}: {framework.call_level(acquired[competence.number])}"
                for competence in domain.competences
                if competence.number in acquired
            )
            for domain in framework.domains
        ]
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
