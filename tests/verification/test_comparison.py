"""Text of a page + facts → where they differ; the text is that of printed pages, as pdfium has it.

A seal is made and opened in each test, so that facts are those that a seal can hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pypdfium2
import pytest
from keys import PUBLIC_KEYS, SEAL_KEY
from support import EXAMPLES

from pixattest import Framework, Press, read_framework
from pixattest.model.framework import crcn
from pixattest.trust.seal import FIELDS, SealedFacts, open_seal, seal_record
from pixattest.verification.comparison import (
    compare_page,
    find_contradictions,
    find_differences,
    known_framework,
)
from pixattest.verification.verdicts import Answer, Part, Verdict

THROUGH = date(2027, 2, 9)
KITCHEN = str(EXAMPLES / "framework.toml")

PressFor = Callable[..., Press]


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        text: str = document[0].get_textpage().get_text_range()
    return text


def facts_of(press: Press, record: Mapping[str, Any], **changes: Any) -> SealedFacts:
    sealed = seal_record(press.read(record), press.framework, FIELDS, THROUGH, SEAL_KEY)
    return replace(open_seal(sealed, PUBLIC_KEYS), **changes)


def differences(press: Press, printed: Mapping[str, Any], sealed: Mapping[str, Any]) -> list[str]:
    text = text_of(press.render(printed))
    return [*find_differences(text, facts_of(press, sealed), press.framework)]


@pytest.mark.parametrize("language", ["fr", "en", "de"])
def test_page_says_what_is_sealed(
    press_for: PressFor, example: Mapping[str, Any], language: str
) -> None:
    """Dates, names and levels are found in any language that the shipped template has."""
    assert differences(press_for(language=language), example, example) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"levels": {"1.1": 6}}, "the page says 6 for 1.1, and the seal 2"),
        ({"levels": {"1.3": 1}}, "the page says 1 for 1.3, and the seal no level"),
        ({"levels": {"2.1": 0}}, "the page says no level for 2.1, and the seal 4"),
        ({"first_name": "Camilla"}, "the page does not say the sealed name, Camille Martin"),
        (
            {"birth_date": "2003-01-13"},
            "the page does not say the sealed date of birth, 2003-01-12",
        ),
        ({"birth_place": "Nice"}, "the page does not say the sealed place of birth, Nantes"),
        (
            {"delivered_on": "2024-02-19"},
            "the page does not say the sealed date of delivery, 2024-02-09",
        ),
        (
            {"delivered_on": "2025-02-09"},
            "the page does not say the sealed last day of validity, 2027-02-09",
        ),
        (
            {"centre": "Lycée Albert Camus"},
            "the page does not say the sealed centre, LP De Bougainville",
        ),
        ({"score": 143}, "the page does not say the sealed score, 142"),
        (
            {"verification_code": "P-GVVP6HBN"},
            "the page does not say the sealed code, P-GVVP6HBM",
        ),
    ],
)
def test_page_that_says_something_else_is_caught(
    press: Press, record: dict[str, Any], changes: dict[str, Any], told: str
) -> None:
    """A QR code moved from a page to another one that says more: every fact is compared."""
    forged = dict(record)
    for name, value in changes.items():
        forged[name] = record["levels"] | value if name == "levels" else value
    forged["levels"] = {number: level for number, level in forged["levels"].items() if level}
    assert told in differences(press, forged, record)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("template", "language", "framework", "levels", "told"),
    [
        ("landscape", "fr", "crcn", {"1.1": 2, "5.2": 1}, ("3", "2")),
        ("attestation", "de", "digcomp", {"1.1": 1, "2.1": 3}, ("3", "1")),
        ("attestation", "en", KITCHEN, {"1.1": 1, "2.1": 3}, ("Advanced", "Basic")),
    ],
)
def test_levels_are_found_wherever_a_template_puts_them(
    press_for: PressFor,
    record: dict[str, Any],
    template: str,
    language: str,
    framework: str,
    levels: dict[str, int],
    told: tuple[str, str],
) -> None:
    """In a line alone, after a name of two lines, or in words; and a forged one is found there."""
    press = press_for(template=template, language=language, framework=framework)
    record |= {"levels": levels, "score": None, "max_level": None}
    assert differences(press, record, record) == []
    forged = record | {"levels": levels | {"1.1": 3}}
    page, seal = told
    assert differences(press, forged, record) == [
        f"the page says {page} for 1.1, and the seal {seal}"
    ]


@pytest.mark.slow
@pytest.mark.parametrize("template", ["attestation", "landscape"])
@pytest.mark.parametrize("named", [True, False])
def test_competences_may_be_numbered_in_capitals(
    record: dict[str, Any], tmp_path: Path, template: str, named: bool
) -> None:
    """`C1`, `AB1`: a page is genuine whatever the levels are called, and an edited one caught."""
    said = (EXAMPLES / "framework.toml").read_text(encoding="utf-8")
    said = said.replace('"1.1"', '"C1"').replace('"2.1"', '"AB1"')
    if not named:
        said = re.sub("^level_names.*$", "", said, flags=re.MULTILINE)
    (tmp_path / "own.toml").write_text(said, encoding="utf-8")
    press = Press(template, language="en", framework=tmp_path / "own.toml")
    record |= {"levels": {"C1": 1, "AB1": 3}, "score": None, "max_level": None}
    assert differences(press, record, record) == []
    forged = record | {"levels": {"C1": 1, "AB1": 2}}
    page, seal = ("Intermediate", "Advanced") if named else ("2", "3")
    assert differences(press, forged, record) == [
        f"the page says {page} for AB1, and the seal {seal}"
    ]


# Texts, as a page may have them.


@pytest.fixture
def facts(press: Press, example: Mapping[str, Any]) -> SealedFacts:
    return facts_of(press, example)


@pytest.fixture(scope="module")
def text(press: Press, example: Mapping[str, Any]) -> str:
    return text_of(press.render(example))


def test_a_fact_is_found_as_a_whole_word_only(facts: SealedFacts, text: str) -> None:
    """142 is not said by 1142 or 1425."""
    for other in ("1142", "1425", "x142", "142x"):
        found = [*find_differences(re.sub(r"\b142\b", other, text), facts, crcn())]
        assert found == ["the page does not say the sealed score, 142"], other


def test_case_hyphens_and_spaces_are_no_difference(facts: SealedFacts, text: str) -> None:
    """Readers guess at hyphens, and templates write names in capitals."""
    other = text.upper().replace("CAMILLE MARTIN", "CAMILLE\u00a0 MAR\u00adTIN")
    assert [*find_differences(other, facts, crcn())] == []
    hyphened = replace(facts, centre="LP-Sud")
    for hyphen in ("-", "\ufffe", "\x02"):
        said = text.replace("LP De Bougainville", f"LP{hyphen}Sud")
        assert [*find_differences(said, hyphened, crcn())] == []


def test_what_is_not_sealed_is_not_looked_for(facts: SealedFacts) -> None:
    """An empty page lacks each fact that is sealed, and each competence."""
    sealed = [*find_differences("x", facts, crcn())]
    nothing = replace(
        facts,
        **dict.fromkeys(FIELDS),  # type: ignore[arg-type]
        valid_through=None,
    )
    bare = [*find_differences("x", nothing, crcn())]
    levels = [f"the page does not say the level of {number}" for number in crcn().competences]
    assert bare == [
        "the page does not say the sealed code, P-GVVP6HBM",
        "the page does not say the sealed date of delivery, 2024-02-09",
        *levels,
    ]
    assert len(sealed) == len(bare) + len(FIELDS)  # first and last name are one; validity is more


def test_a_score_of_nothing_is_looked_for(facts: SealedFacts, text: str) -> None:
    """0 is a score, and no absence."""
    found = [*find_differences(text.replace("142", "7"), replace(facts, score=0), crcn())]
    assert found == ["the page does not say the sealed score, 0"]


def test_an_attachment_is_named_as_such(facts: SealedFacts) -> None:
    """So that a reader knows which of both the page contradicts."""
    found = [*find_differences("1.1 Name 5", facts, crcn(), Part.ATTACHMENT)]
    assert found[0] == "the page does not say the attached name, Camille Martin"
    assert "the page says 5 for 1.1, and the attachment 2" in found


def test_levels_of_another_framework_are_told(facts: SealedFacts, text: str) -> None:
    """They have no numbers, so that nothing else can be said of them."""
    found = [*find_differences(text, replace(facts, levels=(1, 2)), crcn())]
    assert found == ["the seal is of the framework 'crcn', not 'crcn'"]


# Verdicts.


def verdict_on(facts: SealedFacts | None, answer: Answer = Answer.GENUINE) -> Verdict:
    return Verdict(Part.SEAL, answer, ("a remark",), facts, 3)


def test_a_verdict_stays_when_nothing_differs(facts: SealedFacts, text: str) -> None:
    """With its remarks, its facts and its page; so does one without facts."""
    assert compare_page(verdict_on(facts), text, None) == verdict_on(facts)
    assert compare_page(verdict_on(None), "other words", None) == verdict_on(None)


@pytest.mark.parametrize("answer", [Answer.GENUINE, Answer.EXPIRED, Answer.REVOKED])
def test_a_difference_is_graver_than_any_answer(facts: SealedFacts, answer: Answer) -> None:
    """And its remarks are the differences alone."""
    found = compare_page(verdict_on(facts, answer), "1.1 Name 5", None)
    assert (found.answer, found.facts, found.page) == (Answer.NOT_GENUINE, facts, 3)
    assert "a remark" not in found.why


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        (None, Answer.GENUINE, Answer.GENUINE),
        (None, Answer.EXPIRED, Answer.EXPIRED),
        (" \n", Answer.GENUINE, Answer.UNCHECKED),
        ("", Answer.REVOKED, Answer.REVOKED),
    ],
)
def test_words_that_nobody_has_read_are_told(
    facts: SealedFacts, text: str | None, before: Answer, after: Answer
) -> None:
    """Whoever gives a picture looks at it; of a PDF, people expect that its words were read."""
    found = compare_page(verdict_on(facts, before), text, None)
    assert (found.answer, found.why[0], len(found.why)) == (after, "a remark", 2)
    assert "compare it with what is said here" in found.why[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "after"),
    [(Answer.GENUINE, Answer.UNCHECKED), (Answer.REVOKED, Answer.REVOKED)],
)
def test_page_of_an_unknown_framework_is_not_called_genuine(
    facts: SealedFacts, text: str, before: Answer, after: Answer
) -> None:
    """Its levels can't be compared until the framework is given."""
    kitchen = replace(facts, framework="kitchen")
    found = compare_page(verdict_on(kitchen, before), text, None)
    told = "the framework 'kitchen' is not known here, so the page was not compared"
    assert (found.answer, found.why) == (after, ("a remark", told))
    given = read_framework(KITCHEN)
    assert compare_page(verdict_on(kitchen), text, given).answer is Answer.NOT_GENUINE


def test_the_given_framework_is_taken_before_one_that_ships() -> None:
    given: Framework = msgspec.structs.replace(crcn(), levels=3)
    assert known_framework("crcn", given) is given
    assert known_framework("crcn", read_framework(KITCHEN)) == crcn()
    assert known_framework("kitchen", given) is None


# An attached record beside a seal.


def test_same_facts_do_not_contradict(facts: SealedFacts) -> None:
    """A key's id, and what one of them leaves out, are no contradictions."""
    other = replace(facts, kid=b"", score=None, birth_place=None)
    assert [*find_contradictions(other, facts, crcn())] == []
    assert [*find_contradictions(facts, other, crcn())] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("code", "P-22222222"), ("last_name", "Durand"), ("score", 0), ("max_level", 7)],
)
def test_each_other_fact_contradicts(facts: SealedFacts, name: str, value: Any) -> None:
    """Both are told."""
    sealed = getattr(facts, name)
    found = [*find_contradictions(replace(facts, **{name: value}), facts, crcn())]
    assert found == [f"its {name} is {value}, and that of the seal {sealed}"]


def test_other_levels_contradict(facts: SealedFacts) -> None:
    raised = replace(facts, levels=(6, *facts.levels[1:]))
    assert [*find_contradictions(raised, facts, crcn())] == ["its levels are not those of the seal"]
    strange = replace(facts, levels=(1,))
    assert "not 'crcn'" in next(find_contradictions(strange, facts, crcn()))
