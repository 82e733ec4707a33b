"""`check_template`: all that is wrong with a drawing at once, each with its line."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import EXAMPLES

from pixattest import assets
from pixattest.framework import read_framework
from pixattest.issuer import default_issuer
from pixattest.record import Rules
from pixattest.template.check import check_template, languages_for
from pixattest.template.copying import copy_template
from pixattest.template.samples import NAMES, sample_records

Spoil = Callable[..., list[str]]


@pytest.fixture
def spoilt(tmp_path: Path) -> Spoil:
    """What is found wrong with the shipped template once some of it is replaced."""

    def check(
        *changes: tuple[str, str],
        drawing: str = "template.svg",
        framework: str = "crcn",
        checked: str | None = None,
    ) -> list[str]:
        folder = tmp_path / "mine"
        copy_template(folder)
        path = folder / drawing
        text = path.read_text(encoding="utf-8")
        for before, after in changes:
            assert before in text
            text = text.replace(before, after, 1)
        path.write_text(text, encoding="utf-8")
        path = folder / (checked or drawing)
        attested, issuer = read_framework(framework), default_issuer()
        found = check_template(
            path,
            issuer=issuer,
            framework=attested,
            languages=languages_for(path, attested),
            samples=sample_records(attested, Rules.of(attested, issuer)),
        )
        return [*map(str, found)]

    return check


@pytest.mark.parametrize("name", assets.template_names())
def test_nothing_is_wrong_with_a_shipped_template(spoilt: Spoil, name: str) -> None:
    """Shipped templates pass, for every kind of page, in every language."""
    assert spoilt(drawing=assets.template_path(name).name) == []


@pytest.mark.parametrize("drawing", ["template.svg", "landscape.svg"])
@pytest.mark.parametrize("framework", ["digcomp", str(EXAMPLES / "framework.toml")])
def test_nothing_is_wrong_with_another_framework(
    spoilt: Spoil, framework: str, drawing: str
) -> None:
    """There is room for its names, without a score, with levels by name."""
    assert spoilt(framework=framework, drawing=drawing) == []


def test_the_cover_is_looked_at_with_the_page(spoilt: Spoil) -> None:
    """What can't be read, what has no room, and a field that is none, in cover.svg."""
    found = spoilt(
        ("fill: #5E6C84; }", "fill: #9AA5B4; }"),
        ('data-width="174" data-min-size="3.6"', 'data-width="40" data-min-size="9"'),
        ('data-field="count"', 'data-field="cuont"'),
        drawing="cover.svg",
        checked="landscape.svg",
    )
    assert all(line.startswith("cover.svg, line ") for line in found)
    for problem in ("is 2.50:1", "would have no room", 'Did you mean "count"?'):
        assert any(problem in line for line in found), found


def test_everything_is_told_at_once_with_its_line(spoilt: Spoil) -> None:
    """Faults of many kinds, none of which hides another."""
    found = spoilt(
        ('data-field="full_name"', 'data-field="ful_name"'),
        ('rx="7" fill="#F4F6F9"', 'rx="7" fil="#F4F6F9" rotate="9"'),
        ('<g role="note">', "<g>"),
        ('data-field="centre" data-width="183"', 'data-field="centre" data-width="60"'),
    )
    assert [line.partition(":")[0] for line in found] == [
        "template.svg, line 58",
        "template.svg, line 66",
        "template.svg, line 223",
        "template.svg, line 223",
        "template.svg, line 257",
    ]
    assert 'Did you mean "full_name"?' in found[0]
    assert "would have no room. Widen data-width" in found[1]
    assert 'attribute fil of <rect> is not supported. Did you mean "fill"?' in found[2]
    assert "attribute rotate of <rect>" in found[3]
    assert "a text stands in no element with a role" in found[4]


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        (".label { font-size: 8.5px; fill: #5E6C84; }", ".label { fill: #9AA5B4; }", "is 2.50:1"),
        ('data-set-fill="{{ ink }}"/>\n', "/>\n", "is 4.24:1"),
        (".note { font-size: 7.6px", ".note { font-size: 4px", "a text of 4 points is too small"),
        ('"Source Serif 4"; font-weight: 600; font-size: 13px', "Garamond", "'Garamond' is not"),
    ],
    ids=["pale grey on white", "white on light red", "tiny letters", "no such font"],
)
def test_what_can_hardly_be_read_is_told(
    spoilt: Spoil, before: str, after: str, problem: str
) -> None:
    """Too little contrast, too small, or in no font that is there."""
    found = spoilt((before, after))
    assert any(problem in line for line in found), found


def test_what_is_wrong_in_one_kind_of_page_only_is_told(spoilt: Spoil) -> None:
    """A fault that stands where the score is missing."""
    found = spoilt(('d="M80 213 L95', 'd="80 213 L95'))
    assert len(found) == 1
    assert "the path does not begin with M" in found[0]


@pytest.mark.parametrize("form", ["KA-??????", "P-????????"])
def test_samples_have_a_code_whatever_the_issuer_accepts(form: str) -> None:
    """In the form of new ones; a pattern alone does not say how to write one."""
    rules = Rules(read_framework("crcn"), re.compile(r"KA-\w{6}"), new_code=form)
    codes = {record.verification_code for record in sample_records(rules.framework, rules).values()}
    assert codes == {form.replace("?", "W")}


@pytest.mark.parametrize("name", assets.framework_names())
def test_samples_are_valid_records_of_any_framework(name: str) -> None:
    """One for each name, the full one with every competence."""
    framework = read_framework(name)
    found = sample_records(framework, Rules.of(framework))
    assert tuple(found) == NAMES
    assert set(found["full"].levels) == set(framework.competences)
