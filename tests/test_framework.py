"""framework.toml → Framework: domains, competences, levels."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from pixattest import assets
from pixattest.errors import FrameworkError
from pixattest.framework import Framework, crcn, name_in, read_framework

SHIPPED = assets.FRAMEWORK.read_text(encoding="utf-8")
COMPETENCES = {"1": 3, "2": 4, "3": 4, "4": 3, "5": 2}


def read_edited(folder: Path, old: str, new: str) -> Framework:
    """The CRCN's file with one thing changed."""
    assert old in SHIPPED
    path = folder / "framework.toml"
    path.write_text(SHIPPED.replace(old, new, 1), encoding="utf-8")
    return read_framework(path)


def test_crcn_has_its_domains_and_competences() -> None:
    """5 domains, 16 competences, 8 levels of 8 pix, numbered as the decree does."""
    framework = crcn()
    assert (framework.id, framework.levels, framework.pix_per_level) == ("crcn", 8, 8)
    assert {d.number: len(d.competences) for d in framework.domains} == COMPETENCES
    assert list(framework.competences) == [
        f"{domain}.{place}"
        for domain, count in COMPETENCES.items()
        for place in range(1, count + 1)
    ]
    assert framework.competences["3.4"].name == {"fr": "Programmer", "en": "Write programs"}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_crcn_is_named_in_french_and_english(language: str) -> None:
    """Each domain and competence has a name of its own in both languages."""
    framework = crcn()
    texts = [d.name for d in framework.domains] + [c.name for c in framework.competences.values()]
    names = [name_in(text, language) for text in [framework.name, *texts]]
    assert len(set(names)) == 1 + 5 + 16
    assert all(name == name.strip() != "" for name in names)


def test_domains_have_colours_that_differ() -> None:
    """As #RRGGBB."""
    colours = [domain.colour for domain in crcn().domains]
    assert len({colour.lower() for colour in colours}) == 5
    assert all(re.fullmatch("#[0-9A-Fa-f]{6}", colour) for colour in colours)


@pytest.mark.parametrize(
    ("max_level", "score"), [(1, 128), (5, 640), (6, 768), (7, 896), (8, 1024)]
)
def test_highest_score_follows_the_top_level(max_level: int, score: int) -> None:
    """8 pix for each level of each of the 16 competences."""
    assert crcn().max_score(max_level) == score


def test_framework_is_frozen() -> None:
    """Nothing in it can be assigned."""
    framework = crcn()
    with pytest.raises(AttributeError):
        framework.levels = 9  # type: ignore[misc]
    with pytest.raises(AttributeError):
        framework.domains[0].competences[0].number = "9.9"  # type: ignore[misc]


def test_framework_can_be_another(tmp_path: Path) -> None:
    """Names may be one for every language, and a copy of the file is equal."""
    assert read_edited(tmp_path, "levels = 8", "levels = 8") == crcn()
    changed = read_edited(tmp_path, "levels = 8", "levels = 5")
    assert changed == msgspec.structs.replace(crcn(), levels=5)


@pytest.mark.parametrize(
    ("old", "new", "problem", "hint"),
    [
        ('number = "1.2"', 'number = "1.1"', "competence 1.1 stands there more than once", "Give"),
        ('number = "5.2"', 'number = "1.1"', "competence 1.1 stands there more than once", "Give"),
        ('number = "2"', 'number = "1"', "domain 1 stands there more than once", "Give"),
        ('number = "1.2"', 'number = ""', "at `domains[0].competences[1].number`", ""),
        ('id = "crcn"', "", "missing required field `id`", ""),
        ("levels = 8", "levels = 0", "expected `int` >= 1 - at `levels`", ""),
        ("levels = 8", "levels = true", "expected `int`, got `bool` - at `levels`", ""),
        ("levels = 8", 'levels = "8"', "expected `int`, got `str` - at `levels`", ""),
        ("pix_per_level = 8", "pix_per_level = 0", "at `pix_per_level`", ""),
        ("levels = 8", "levels = 8\nlevel = 8", "unknown field `level`", 'mean "levels"?'),
        ("#F24645", "red", "at `domains[0].colour`", ""),
        ("#F24645", "#F2464", "at `domains[0].colour`", ""),
        ("#F24645", "#F24645\\n", "at `domains[0].colour`", ""),
        ('colour = "#F24645"', 'color = "#F24645"', "unknown field `color`", 'mean "colour"?'),
        (
            '{ number = "1.2", name',
            '{ numbr = "1.2", name',
            "unknown field `numbr` - at `domains[0].competences[1]`",
            'mean "number"?',
        ),
        ("[[domains]]", "[[domains]", "is not TOML", ""),
    ],
)
def test_mistake_in_the_file_is_told(
    tmp_path: Path, old: str, new: str, problem: str, hint: str
) -> None:
    """With the file, the key and what to do."""
    with pytest.raises(FrameworkError) as caught:
        read_edited(tmp_path, old, new)
    assert caught.value.source == str(tmp_path / "framework.toml")
    assert problem in caught.value.problem
    assert caught.value.hint
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ("domains = []", "domains"),
        (
            '[[domains]]\nnumber = "1"\nname = "D"\ncolour = "#000000"\ncompetences = []',
            "domains[0].competences",
        ),
    ],
)
def test_framework_has_competences(tmp_path: Path, content: str, key: str) -> None:
    """A framework without a domain, or a domain without a competence, attests nothing."""
    path = tmp_path / "empty.toml"
    head = 'id = "empty"\nname = "Empty"\nlevels = 3\npix_per_level = 1\n'
    path.write_text(head + content, encoding="utf-8")
    with pytest.raises(FrameworkError) as caught:
        read_framework(path)
    assert f"expected `array` of length >= 1 - at `{key}`" in caught.value.problem


def test_missing_file_is_told(tmp_path: Path) -> None:
    """With its path."""
    with pytest.raises(FrameworkError) as caught:
        read_framework(str(tmp_path / "none.toml"))
    assert str(caught.value) == f"{tmp_path / 'none.toml'}: there is no such file. Check its path."


def test_name_in_another_language_is_refused() -> None:
    """The message has the language and the name that should have it."""
    assert name_in("Same", "de") == "Same"
    with pytest.raises(FrameworkError) as caught:
        name_in({"fr": "Programmer"}, "de")
    assert "'de'" in str(caught.value)
    assert "Programmer" in str(caught.value)
    assert caught.value.hint is not None
    assert "de = " in caught.value.hint
