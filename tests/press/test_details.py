"""Further pages: what each level means that was reached, in columns, page after page."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pikepdf
import pypdfium2
import pytest

from pixattest import Press, Record, TemplateError
from pixattest.model import assets
from pixattest.model.framework import Framework, crcn, read_framework
from pixattest.template.copying import copy_template
from pixattest.template.folder import first_page

from .test_cover import bookmarks, labels
from .test_geometry import texts_of

COLUMNS = 48.0, 307.276
"""Where the columns of the shipped template begin."""

Options = dict[str, Any]


@pytest.fixture(scope="module")
def wordy(tmp_path_factory: pytest.TempPathFactory) -> Framework:
    """A framework that says so much of each level that a page holds a part of it only."""
    path = tmp_path_factory.mktemp("wordy") / "wordy.toml"
    text = 'id = "wordy"\nname = "Wordy"\nlevels = 2\n'
    told = ""
    for domain in range(1, 5):
        rows = (f'{{ number = "{domain}.{n}", name = "Plan a play" }}' for n in range(1, 6))
        text += f'[[domains]]\nnumber = "{domain}"\nname = "Stage {domain}"\n'
        text += f"competences = [{', '.join(rows)}]\n"
        for n in range(1, 6):
            said = [f"Say the {level} of {domain}.{n}: {'so and so ' * 45}." for level in "ab"]
            told += f'[descriptions."{domain}.{n}"]\nfr = ["{said[0]}", "{said[1]}"]\n'
    path.write_text(text + told, encoding="utf-8")
    return read_framework(path)


@pytest.fixture(scope="module")
def press(wordy: Framework) -> Press:
    """Prints what fills several pages."""
    return Press("detailed", framework=wordy)


@pytest.fixture
def whole(record: dict[str, Any], wordy: Framework) -> dict[str, Any]:
    """Somebody with all of its competences."""
    changes = {"levels": dict.fromkeys(wordy.competences, 2), "score": None, "max_level": None}
    return record | changes


def pages_of(pdf: bytes) -> list[str]:
    """What stands on each page, its lines in a row."""
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [page.get_textpage().get_text_range() for page in document]
    return [re.sub(r"[\s\ufffe]+", " ", page) for page in pages]


def written(press: Press, records: list[dict[str, Any]], **options: Any) -> bytes:
    """A file of several people."""
    file = io.BytesIO()
    press.write(records, file, **options)
    return file.getvalue()


# What is told.


@pytest.mark.slow
@pytest.mark.parametrize("language", assets.languages())
def test_each_acquired_competence_is_told_of_and_no_other(
    press_for: Callable[..., Press], record: dict[str, Any], language: str
) -> None:
    """Its name, its level and what people can do at that level, in the framework's order."""
    levels = {"1.2": 1, "2.3": 6, "2.4": 3, "5.1": 4}
    pdf = press_for(language, template="detailed").render(record | {"levels": levels, "score": 112})
    _, page = pages_of(pdf)
    framework, place = crcn(), 0
    for number in framework.competences:
        told = (
            framework.description(number, levels[number], language)[1] if number in levels else ""
        )
        for level in range(1, 9):
            _, text = framework.description(number, level, language)
            assert (text in page) == (text == told), (number, level)
        if told:
            assert page.find(f"{number} ", place) >= place
            place = page.index(told, place)
    band, _ = framework.description("1.2", 1, language)
    assert page.count(f" · {band}") == 1
    for heading in ("1 ", "2 ", "5 "):
        assert f" {heading}" in page


@pytest.mark.slow
def test_the_first_page_is_the_attestation(
    press_for: Callable[..., Press], record: dict[str, Any]
) -> None:
    """Before the further pages, the page of the template attestation as it is."""
    plain = pages_of(press_for().render(record))
    assert pages_of(press_for(template="detailed").render(record))[:1] == plain


def test_loose_sheets_find_each_other(press: Press, whole: dict[str, Any]) -> None:
    """Each further page has the name, the code, its number and that of all pages."""
    _, *further = pages_of(press.render(whole))
    assert len(further) >= 2
    for number, page in enumerate(further, 2):
        assert f"Page {number} sur {1 + len(further)}" in page
        assert "Camille Martin" in page
        assert whole["verification_code"] in page


def test_what_is_not_described_is_refused(record: dict[str, Any], wordy: Framework) -> None:
    """In a language or framework that says nothing of its levels, with a way out."""
    for press in (
        Press("detailed", language="de", framework=wordy),
        Press("detailed", framework="digcomp"),
    ):
        with pytest.raises(TemplateError, match="what its levels mean") as caught:
            press.render(record | {"levels": {"1.1": 1}, "score": None, "max_level": None})
        assert "[descriptions]" in str(caught.value)


# Where it stands.


def test_columns_are_filled_in_order_and_headings_stay_with_what_they_head(
    press: Press, whole: dict[str, Any], wordy: Framework
) -> None:
    """Everything once, down the columns and on; no heading ends a column, nothing is parted."""
    pdf = press.render(whole)
    order: list[str] = []
    for page in range(1, len(pages_of(pdf))):
        texts = [text for text in texts_of(pdf, page) if 40 < text.bottom < 698]
        for left, right in zip(COLUMNS, (*COLUMNS[1:], 600.0), strict=True):
            column = [text for text in texts if left - 1 < text.left < right - 1]
            column.sort(key=lambda text: (-round(text.baseline), text.left))
            found = [
                text.chars.strip()
                for text in column
                if re.fullmatch(r"[1-4](\.[1-5])?", text.chars.strip())
            ]
            assert not found or "." in found[-1]
            order += found
            # What begins in a column ends there: its last line is the end of a text.
            assert column[-1].chars.rstrip().endswith(".")
    expected = [
        number
        for domain in wordy.domains
        for number in (domain.number, *(c.number for c in domain.competences))
    ]
    assert order == expected


def test_the_columns_of_the_last_page_are_even(
    press_for: Callable[..., Press], record: dict[str, Any]
) -> None:
    """Few competences stand side by side, rather than below each other."""
    levels = dict.fromkeys(("1.1", "1.2", "1.3", "5.1"), 2)
    pdf = press_for(template="detailed").render(record | {"levels": levels, "score": 64})
    texts = [text for text in texts_of(pdf, 1) if text.bottom < 698]
    lowest = [
        min(text.bottom for text in texts if left - 1 < text.left < left + 240) for left in COLUMNS
    ]
    assert min(lowest) > 450
    assert abs(lowest[0] - lowest[1]) < 80


# How a file is made of it.


def test_only_first_pages_have_bookmarks_and_all_have_labels(
    press: Press, whole: dict[str, Any]
) -> None:
    """The second person's bookmark leads to the page after the first one's last."""
    few = whole | {"levels": {"1.1": 1}, "last_name": "Amari"}
    pdf = written(press, [whole, few])
    assert labels(pdf) == ["1", "1-2", "1-3", "1-4", "2", "2-2"]
    assert [page for _, _, page in bookmarks(pdf)] == [1, 5]
    with pikepdf.open(io.BytesIO(press.render(whole))) as document:
        assert "/Outlines" not in document.Root


def test_blank_versos_follow_an_odd_number_of_pages(press: Press, whole: dict[str, Any]) -> None:
    """Four pages need none, three one, two none; each attestation begins on a front."""
    some = [f"{domain}.{n}" for domain in (1, 2) for n in range(1, 6)]
    three = whole | {"levels": dict.fromkeys(some, 1)}
    two = whole | {"levels": {"1.1": 1}}
    found = labels(written(press, [whole, three, two, three], blank_versos=True))
    assert found == [
        *("1", "1-2", "1-3", "1-4", "2", "2-2", "2-3", "2-3 verso"),
        *("3", "3-2", "4", "4-2", "4-3", "4-3 verso"),
    ]


@pytest.mark.slow
def test_a_persons_pages_are_one_section(press: Press, whole: dict[str, Any]) -> None:
    """The tags of further pages stand in those of the first, headings below its own."""
    for pdf, people in ((press.render(whole), 1), (written(press, [whole, whole]), 2)):
        with pikepdf.open(io.BytesIO(pdf)) as document:
            body = document.Root.StructTreeRoot.K
            assert [str(person.S) for person in body.K] == ["/Sect"] * people
            for person in body.K:
                assert len(person.K) > 3
                for page in list(person.K)[-3:]:
                    assert str(page.S) == "/Sect"
                    assert page.P.objgen == person.objgen
                    kinds = [str(kid.S) for kid in page.K]
                    assert kinds[0] == "/H2"
                    assert kinds[5:7] == ["/H3", "/H4"] or kinds[5:7] == ["/H4", "/P"]


@pytest.mark.slow
def test_any_executor_prints_the_same_bytes(press: Press, whole: dict[str, Any]) -> None:
    """Of people with different numbers of pages, over several blocks."""
    numbers = [*whole["levels"]]
    records = [
        whole | {"levels": dict.fromkeys(numbers[: 1 + n % 20], 1 + n % 2), "group": f"T{n // 60}"}
        for n in range(90)
    ]
    here = written(press, records, blank_versos=True, cover=True)
    with ProcessPoolExecutor(2) as executor:
        assert written(press, records, blank_versos=True, cover=True, executor=executor) == here


def test_digests_are_of_all_pages_of_a_person(
    press: Press, whole: dict[str, Any], wordy: Framework
) -> None:
    """What differs on a further page alone tells; where it stands in a file does not."""
    record = press.read(whole)
    other = press.read(whole | {"levels": {"1.1": 1}})
    told: list[str] = []
    written(press, [record, other, record], on_digests=told.extend)  # type: ignore[list-item]
    assert told == [*press.digests([record, other, record])]
    assert told[0] == told[2] != told[1]
    changed = wordy.descriptions | {"4.5": {"fr": ("Say a.", "Say b.")}}
    others = Press("detailed", framework=msgspec.structs.replace(wordy, descriptions=changed))
    for alone in (False, True):
        assert [*others.digests([record], single_page_file=alone)] != [
            *press.digests([record], single_page_file=alone)
        ]
    # A file of several has what its people can reach, be it told of or not.
    assert [*others.digests([other], single_page_file=True)] == [
        *press.digests([other], single_page_file=True)
    ]


# Drawings of one's own.


@pytest.fixture
def mine(tmp_path: Path) -> Callable[..., Path]:
    """A copy of the shipped templates, the drawing of further pages changed."""

    def copy(*changes: tuple[str, str]) -> Path:
        copy_template(tmp_path / "mine")
        path = tmp_path / "mine" / "detailed.svg"
        text = path.read_text(encoding="utf-8")
        for before, after in changes:
            assert before in text
            text = text.replace(before, after, 1)
        path.write_text(text, encoding="utf-8")
        return path

    return copy


@pytest.mark.slow
def test_three_columns_are_filled_as_two(mine: Callable[..., Path], record: dict[str, Any]) -> None:
    """Columns are whatever the drawing says."""
    third = '<rect data-column="" x="{}" y="144" width="150" height="652"/>'
    path = mine(
        ('<rect data-column="" x="48" y="144" width="240" height="652" fill="none"/>', ""),
        (
            '<rect data-column="" x="307.276" y="144" width="240" height="652" fill="none"/>',
            "".join(third.format(x) for x in (48, 222, 396)),
        ),
        ("{% set wide = 240 %}", "{% set wide = 150 %}"),
        ('<rect width="240"', '<rect width="150"'),
    )
    assert first_page(path).name == "template.svg"
    levels = dict.fromkeys(crcn().competences, 6)
    pdf = Press(path).render(record | {"levels": levels, "score": 768})
    begins = {round(text.left) for text in texts_of(pdf, 1) if text.chars.strip() in ("1.1", "5.2")}
    assert begins == {53, 400}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ('data-column="" x="48"', 'x="48"', "neither a column nor a block"),
        ('data-flow=""', 'data-sample=""', "has no data-flow"),
        ('height="652"', 'height="60"', "and a heading are higher than a column"),
        ('data-block="domain:{{ domain.number }}" data-gap="15"', 'data-gap="15"', "neither"),
        ('data-text="{{ level.text }}"', 'data-field="full_name"', "shows a field of the record"),
        ("competence.levels[:variant.max_level]", "competence.levels[:1]", "no block 'level:"),
        ('data-first-page="template.svg"', 'data-first-page="none.svg"', "no such other drawing"),
        ('data-gap="9"', 'data-gap="-9"', "data-gap of <g> is -9"),
    ],
)
def test_what_is_wrong_with_a_flow_is_told(
    mine: Callable[..., Path], record: dict[str, Any], before: str, after: str, problem: str
) -> None:
    """With what to do about it."""
    path = mine((before, after))
    with pytest.raises(TemplateError, match=re.escape(problem)) as caught:
        Press(path).render(record)
    assert caught.value.hint


def test_a_first_page_has_no_flow(mine: Callable[..., Path], record: dict[str, Any]) -> None:
    """It is the same page for everybody."""
    path = mine().with_name("template.svg")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("</svg>", '<g data-flow=""/></svg>'), encoding="utf-8")
    with pytest.raises(TemplateError, match="data-flow stands on a first page"):
        Press(path).render(record)


def test_the_shipped_names_have_their_drawings() -> None:
    """Only the template detailed has further pages."""
    pages = {name: first_page(assets.template_path(name)).name for name in assets.template_names()}
    assert pages["detailed"] == pages["attestation"] == "template.svg"
    assert pages["landscape"] == "landscape.svg"


def test_pages_of_a_person_are_made_together(press: Press, whole: dict[str, Any]) -> None:
    """A person's pages are one leaf, and the place of the person is that of the first."""
    record = press.read(whole)
    pages = [*press.pagination(blank_versos=True).leaves([record] * 3)]
    assert [len(leaf) for leaf in pages] == [4, 4, 4]
    assert [*press.pagination().places([record] * 3)] == [1, 5, 9]
    assert all(isinstance(leaf[0], Record) for leaf in pages)
