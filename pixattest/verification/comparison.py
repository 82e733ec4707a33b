"""Text of a page, or an attached record, + sealed facts → where they say different things."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from functools import cache
from typing import TYPE_CHECKING

from pixattest.errors import SealError
from pixattest.model import assets
from pixattest.model.framework import Framework, read_framework
from pixattest.template.labels import read_labels
from pixattest.trust.seal import SealedFacts
from pixattest.verification.verdicts import Answer, Part, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date


def known_framework(name: str, given: Framework | None) -> Framework | None:
    """Return the framework of that name: the given one, or one that ships."""
    if given and given.id == name:
        return given
    return read_framework(name) if name in assets.framework_names() else None


def compare_page(verdict: Verdict, text: str | None, given: Framework | None) -> Verdict:
    """Return the verdict, unless the text of its page says something else than its facts.

    Args:
        verdict: the verdict on a seal or an attachment.
        text: text of the page; None if the file is a picture.
        given: the framework whose competences the page names, if it is not one that ships.
    """
    facts = verdict.facts
    if facts is None:
        return verdict
    unchecked = Answer.UNCHECKED if verdict.holds else verdict.answer
    if not (text and text.strip()):
        # Whoever gives a picture looks at it; of a PDF, people expect that its words were read.
        answer = verdict.answer if text is None else unchecked
        why = "the page is a picture, which was not read: compare it with what is said here"
        return replace(verdict, answer=answer, why=(*verdict.why, why))
    framework = known_framework(facts.framework, given)
    if framework is None:
        why = f"the framework {facts.framework!r} is not known here, so the page was not compared"
        return replace(verdict, answer=unchecked, why=(*verdict.why, why))
    differences = tuple(find_differences(text, facts, framework, verdict.part))
    if not differences:
        return verdict
    return replace(verdict, answer=Answer.NOT_GENUINE, why=differences)


def find_contradictions(
    attached: SealedFacts, sealed: SealedFacts, framework: Framework
) -> Iterator[str]:
    """Tell where an attached record says something else than the seal beside it."""
    try:
        if attached.levels_in(framework) != sealed.levels_in(framework):
            yield "its levels are not those of the seal"
    except SealError as error:
        yield error.problem
    for name in (field.name for field in fields(SealedFacts)):
        one, other = getattr(attached, name), getattr(sealed, name)
        if name not in ("kid", "levels") and None not in (one, other) and one != other:
            yield f"its {name} is {one}, and that of the seal {other}"


def find_differences(
    text: str, facts: SealedFacts, framework: Framework, part: Part = Part.SEAL
) -> Iterator[str]:
    """Tell where the text of a page does not say what its seal, or its attachment, says.

    A level is looked for as templates print it: number, name, and the level if there is one.
    """
    lines = [_plain(line) for line in text.splitlines()]
    said = "attached" if part is Part.ATTACHMENT else "sealed"
    whole = " ".join(lines)
    for name, forms in _forms(facts).items():
        if not any(re.search(rf"(?<!\w){re.escape(_plain(form))}(?!\w)", whole) for form in forms):
            yield f"the page does not say the {said} {name}, {forms[0]}"
    try:
        levels = facts.levels_in(framework)
    except SealError as error:
        yield error.problem
        return
    called = {str(n): framework.call_level(n) for n in range(1, framework.levels + 1)}

    def call(level: str | None) -> str:
        return called.get(level, level) if level else "no level"

    for number, found in _levels_said(lines, framework):
        certified = str(levels[number]) if number in levels else None
        if not found:
            yield f"the page does not say the level of {number}"
        for level in found:
            if level != certified:
                yield f"the page says {call(level)} for {number}, and the {part} {call(certified)}"


def _forms(facts: SealedFacts) -> dict[str, list[str]]:
    """Return the forms in which a page may say each fact that is there, by the fact's name."""
    names = [name for name in (facts.first_name, facts.last_name) if name]
    texts = {
        "name": " ".join(names),
        "place of birth": facts.birth_place,
        "centre": facts.centre,
        "code": facts.code,
        "score": None if facts.score is None else str(facts.score),
    }
    days = {
        "date of birth": facts.birth_date,
        "date of delivery": facts.delivered_on,
        "last day of validity": facts.valid_through,
    }
    forms = {name: [text] for name, text in texts.items() if text}
    for name, day in days.items():
        if day:
            forms[name] = [day.isoformat(), *(write(day) for write in _calendars())]
    return forms


def _levels_said(
    lines: Sequence[str], framework: Framework
) -> Iterator[tuple[str, list[str | None]]]:
    """Find, for each competence, the levels that lines name; None stands for a line without one."""
    named = {
        _plain(name): str(level)
        for names in framework.lists_of_names
        for level, name in enumerate(names, 1)
    }
    level = "|".join(map(re.escape, sorted(named, key=len, reverse=True))) or r"\d+"
    whole = "\n".join(lines)
    for number, competence in framework.competences.items():
        start = re.escape(_plain(number))
        row = re.compile(rf"{start} (?:.*\D )?({level})|{start} .*")
        found = [match[1] for line in lines if (match := row.fullmatch(line))]
        # Its name in any language may go on in the next line, and the level stand in a line alone.
        names = [competence.name] if isinstance(competence.name, str) else competence.name.values()
        words = "|".join(r"\s".join(map(re.escape, _plain(name).split())) for name in names)
        whole_row = re.compile(rf"^{start} (?:{words})(?:\s({level}))?$", re.MULTILINE)
        if whole_rows := [match[1] for match in whole_row.finditer(whole)]:
            found = whole_rows + [said for said in found if said]
        yield number, [named.get(said, said) if said else None for said in dict.fromkeys(found)]


def _plain(text: str) -> str:
    """Return a text as it is compared: composed, without capitals, one space between words."""
    text = text.replace("\u00ad", "").replace("\ufffe", "-").replace("\x02", "-")
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@cache
def _calendars() -> list[Callable[[date], str]]:
    """Return a function for each language of the shipped template, which writes dates in it."""
    folder = assets.template_path("attestation").parent
    languages = sorted(path.stem for path in (folder / "labels").glob("*.toml"))
    return [read_labels(folder, language).calendar(language).write for language in languages]
