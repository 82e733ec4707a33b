"""Every shipped template, whatever a record says: nothing touches, and what is drawn is true."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
from test_geometry import FITTING, WORST, areas_of, overlaps, texts_of

from pixattest import Press, assets
from pixattest.framework import crcn
from pixattest.template.check import languages_for

EDGE = 26.0
"""Points that no text comes nearer to the paper's edge."""


@pytest.mark.parametrize(
    ("template", "language"),
    [
        (name, language)
        for name in assets.template_names()
        for language in languages_for(assets.template_path(name), crcn())
    ],
)
def test_no_two_texts_touch(
    press_for: Callable[..., Press], record: dict[str, Any], template: str, language: str
) -> None:
    """Long, tall and foreign texts, all levels and none: no overlap, none over the edge."""
    press = press_for(language, template=template)
    # Labels of some other language may be longer; what is in a record is the same in all.
    cases = FITTING if language in ("fr", "en") else {name: FITTING[name] for name in WORST}
    for case, changes in cases.items():
        pdf = press.render(record | changes)
        sizes = _sizes(pdf)
        assert len(sizes) == (2 if template == "detailed" else 1)
        for number, (wide, high) in enumerate(sizes):
            texts = texts_of(pdf, number)
            assert not overlaps(texts), case
            for text in texts:
                assert EDGE < text.left < text.right < wide - EDGE, (case, text)
                assert EDGE < text.bottom < text.top < high - EDGE, (case, text)


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
