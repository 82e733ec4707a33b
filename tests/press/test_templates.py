"""Every shipped template, whatever a record says: nothing touches, and what is drawn is true."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from msgspec.structs import replace
from PIL import Image
from support import EXAMPLES

from pixattest import Press, TemplateError
from pixattest.model import assets
from pixattest.model.framework import read_framework
from pixattest.model.issuer import Issuer, Wordmark, default_issuer, read_issuer

from .test_geometry import (
    FITTING,
    NAMED,
    SCORED,
    WORST,
    areas_of,
    levelled,
    made,
    overlaps,
    texts_of,
)

pytestmark = pytest.mark.slow

EDGE = 26.0
"""Points that no text comes nearer to the paper's edge."""

ALL = [
    (template, framework, language)
    for template in assets.template_names()
    for framework in assets.framework_names()
    for language in assets.languages()
    if template != "detailed" or read_framework(framework).describes(language)
]
"""Every template with every framework that it is for, in every language."""


def faults_of(pdf: bytes) -> list[str]:
    """Every pair of texts that touch, and every text that is near the paper's edge."""
    found = []
    for number, (wide, high) in enumerate(_sizes(pdf)):
        texts = texts_of(pdf, number)
        found += overlaps(texts)
        found += [
            f"{text} is near the edge"
            for text in texts
            if not (EDGE < text.left < text.right < wide - EDGE)
            or not (EDGE < text.bottom < text.top < high - EDGE)
        ]
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("template", "framework", "language"), ALL)
def test_no_two_texts_touch(
    press_for: Callable[..., Press],
    record: dict[str, Any],
    template: str,
    framework: str,
    language: str,
) -> None:
    """Long, tall and foreign texts, all levels and none: no overlap, none over the edge."""
    press = press_for(language, template=template, framework=framework)
    # Labels of some other language may be longer; what is in a record is the same in all.
    cases = FITTING if language in ("fr", "en") else {name: FITTING[name] for name in WORST}
    if framework != "crcn":
        record = levelled(record, press.framework)
    for case, changes in cases.items():
        if framework != "crcn":
            changes = {
                name: changes[name] for name in changes.keys() - ("levels", "score", "max_level")
            }
        pdf = press.render(record | changes)
        assert len(_sizes(pdf)) == (2 if template == "detailed" else 1)
        assert not faults_of(pdf), case


@pytest.mark.slow
@pytest.mark.parametrize("template", ["attestation", "landscape"])
@pytest.mark.parametrize("case", ["example", "two lines", "120 of short words"])
def test_a_name_keeps_away_from_its_label(
    press_for: Callable[..., Press], record: dict[str, Any], case: str, template: str
) -> None:
    """In one line and in several."""
    texts = texts_of(press_for("nl", template=template).render(record | FITTING[case]))
    (place,) = (i for i, text in enumerate(texts) if text.chars.strip() == "Voor- en achternaam:")
    assert texts[place].bottom - texts[place + 1].top > 7


@pytest.mark.parametrize("noted", [True, False])
def test_a_rule_stands_above_notes_only(
    record: dict[str, Any], tmp_path: Path, noted: bool
) -> None:
    """A page without any has none."""
    framework = made(tmp_path, 2, 2)
    notice = default_issuer().notice if noted else None
    issuer = replace(default_issuer(), recognition=None, notice=notice)
    areas = areas_of(Press(issuer=issuer, framework=framework).render(levelled(record, framework)))
    rules = [area for area in areas if area.width > 490 and area.top < 150]
    assert len(rules) == noted


@pytest.fixture
def issuer_with(tmp_path: Path) -> Callable[[tuple[int, int] | str], Issuer]:
    """The shipped issuer with a logo of so many pixels, or with other words in its place."""

    def make(mark: tuple[int, int] | str) -> Issuer:
        if isinstance(mark, str):
            return replace(default_issuer(), wordmark=Wordmark(text=mark))
        path = tmp_path / "logo.png"
        Image.new("RGB", mark, "teal").save(path)
        return replace(default_issuer(), wordmark=Wordmark(logo=str(path)))

    return make


def _heads(press: Press, record: dict[str, Any]) -> dict[str, tuple[bytes, int]]:
    """Pages that have a heading, and the page's number, of each drawing."""
    cover = BytesIO()
    press.write_cover([record], cover)
    pdf = press.render(record)
    return {"attestation": (pdf, 0), "detailed": (pdf, 1), "cover": (cover.getvalue(), 0)}


@pytest.mark.slow
@pytest.mark.parametrize("size", [(300, 300), (100, 400), (300, 100), (2000, 200), (900, 100)])
def test_the_title_follows_the_logo(
    issuer_with: Callable[[tuple[int, int] | str], Issuer],
    record: dict[str, Any],
    size: tuple[int, int],
) -> None:
    """As near to a narrow one as to a wide one; nothing stands over the margin."""
    import pymupdf

    press = Press("detailed", issuer_with(size))
    for name, (pdf, number) in _heads(press, record).items():
        with pymupdf.open(stream=pdf) as document:
            left, top, right, bottom = document[number].get_image_info()[0]["bbox"]
        texts = texts_of(pdf, number)
        bar = next(text for text in texts if text.chars.startswith("|"))
        assert 11 < bar.left - right < 19, name
        assert max(text.right for text in texts) < 548, name
        assert (right - left) / (bottom - top) == pytest.approx(size[0] / size[1], rel=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("mark", ["Kitchen Academy", "Städtische Akademie für digitale Bildung"])
def test_a_long_wordmark_has_its_place(
    issuer_with: Callable[[tuple[int, int] | str], Issuer], record: dict[str, Any], mark: str
) -> None:
    """Beside the title of each page, none of which it touches or drives over the margin."""
    issuer = issuer_with(mark)
    pages = _heads(Press("detailed", issuer), record)
    for name, (pdf, number) in pages.items():
        texts = texts_of(pdf, number)
        assert max(text.right for text in texts) < 548, name
    landscape = Press("landscape", issuer).render(record)
    for pdf in (landscape, *(pdf for pdf, _ in pages.values())):
        assert not faults_of(pdf)


@pytest.mark.slow
@pytest.mark.parametrize("head", ["", NAMED], ids=["plain", "named"])
@pytest.mark.parametrize(("domains", "each"), [(1, 1), (1, 4), (2, 2), (3, 2), (3, 3), (8, 1)])
def test_no_page_of_few_competences_is_empty_below(
    record: dict[str, Any], tmp_path: Path, domains: int, each: int, head: str
) -> None:
    """What is left over is left between all: the foot has no more of it than a sixth."""
    import pymupdf

    framework = made(tmp_path, domains, each, head)
    issuer = replace(read_issuer(EXAMPLES / "issuer.toml"), recognition=None, notice=None)
    pdf = Press(issuer=issuer, framework=framework).render(levelled(record, framework))
    with pymupdf.open(stream=pdf) as document:
        page = document[0]
        signature = max(image["bbox"][3] for image in page.get_image_info())
        lowest = max(signature, *(drawing["rect"][3] for drawing in page.get_drawings()))
        assert lowest > page.rect.height * 5 / 6
    assert not faults_of(pdf)


def test_few_domains_have_low_headings_on_a_landscape_page(
    press_for: Callable[..., Press], record: dict[str, Any], tmp_path: Path
) -> None:
    """One line high, where one line is what the longest name needs."""

    def headings(press: Press, record: dict[str, Any]) -> set[int]:
        areas = areas_of(press.render(record))
        return {round(a.height) for a in areas if 120 < a.width < 360 and 15 < a.height < 30}

    framework = made(tmp_path, 3, 2)
    small = Press("landscape", framework=framework)
    assert headings(small, levelled(record, framework)) == {20}
    assert headings(press_for(template="landscape"), record) == {27}


def test_a_level_is_named_on_the_line_of_its_competence(
    record: dict[str, Any], tmp_path: Path
) -> None:
    """On a landscape page with room for it, at the end of the line, and of the bar below."""
    framework = made(tmp_path, 3, 2, NAMED)
    pdf = Press("landscape", framework=framework).render(levelled(record, framework))
    texts = texts_of(pdf)
    names = {round(text.baseline): text for text in texts if text.chars.startswith("Plan a play")}
    levels = [text for text in texts if text.chars.strip() in NAMED and len(text.chars) > 4]
    assert levels
    ends = {round(area.right) for area in areas_of(pdf) if 4 < area.height < 6}
    for level in levels:
        assert round(level.baseline) in names
        assert any(abs(level.right - end) < 3 for end in ends)


@pytest.mark.parametrize("language", assets.languages())
def test_no_two_texts_of_a_cover_touch(
    press_for: Callable[..., Press], record: dict[str, Any], language: str
) -> None:
    """Of a class of one centre and day, and one of several; names short and long."""
    cases = [FITTING[case] for case in ("example", "two lines", "120 of short words", "Greek")]
    people = [
        record
        | case
        | {"birth_date": "2000-09-30", "group": group, "delivered_on": f"2024-09-{day}"}
        for group, day in (("TCAP1", 30), ("Seconde A", 29), ("Seconde A", 30))
        for case in cases
    ]
    file = BytesIO()
    press_for(language).write_cover(people, file)
    assert not faults_of(file.getvalue())


@pytest.mark.slow
@pytest.mark.parametrize("head", ["", NAMED, SCORED], ids=["plain", "named", "scored"])
@pytest.mark.parametrize(
    ("domains", "each"), [(1, 1), (1, 8), (2, 2), (3, 4), (7, 2), (8, 3), (5, 8), (12, 1)]
)
def test_a_landscape_page_has_room_for_any_framework_that_fits(
    record: dict[str, Any], tmp_path: Path, domains: int, each: int, head: str
) -> None:
    """From one competence to forty, with a score or names of levels."""
    framework = made(tmp_path, domains, each, head)
    press = Press("landscape", EXAMPLES / "issuer.toml", language="de", framework=framework)
    assert not faults_of(press.render(levelled(record, framework)))


@pytest.mark.parametrize(("domains", "each"), [(1, 16), (8, 4), (16, 2)])
def test_a_framework_without_room_on_a_landscape_page_is_refused(
    record: dict[str, Any], tmp_path: Path, domains: int, each: int
) -> None:
    """With how large it is, and what to change."""
    framework = made(tmp_path, domains, each)
    with pytest.raises(TemplateError, match=f"no room for {domains * each} comp") as refused:
        Press("landscape", framework=framework).render(levelled(record, framework))
    assert "Part the largest domain" in str(refused.value.hint)


def test_bars_are_as_long_as_the_levels(
    press_for: Callable[..., Press], record: dict[str, Any]
) -> None:
    """On the landscape page each competence has a cell for each level, its own ones coloured."""
    levels = {"1.1": 2, "2.1": 4, "3.4": 6, "5.2": 1}
    press = press_for(template="landscape")
    cells = [
        area
        for area in areas_of(press.render(record | {"levels": levels, "score": 104}))
        if 3.5 < area.height < 4.5 and area.fill
    ]
    grey = [area for area in cells if len({round(part, 1) for part in area.fill or ()}) == 1]
    assert len(cells) == 16 * 6
    assert len(cells) - len(grey) == sum(levels.values())
    rows = {round(area.bottom) for area in cells if area not in grey}
    assert len(rows) == 3  # 1.1 and 2.1 stand side by side


def test_templates_of_a_class_are_the_pages_of_one_person_each(
    press_for: Callable[..., Press], record: dict[str, Any]
) -> None:
    """A landscape class file has landscape pages, in order."""
    file = BytesIO()
    names = ["Ana", "Bo", "Cléo"]
    records = [record | {"first_name": name} for name in names]
    assert press_for(template="landscape").write(records, file) == 3
    assert all(wide > high for wide, high in _sizes(file.getvalue()))


def _sizes(pdf: bytes) -> list[tuple[float, float]]:
    """Width and height of each page, in points."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_size() for page in document]
