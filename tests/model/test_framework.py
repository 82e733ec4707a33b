"""Framework's TOML file → Framework: domains, competences, levels."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pixattest import Press, Rules, schema
from pixattest.errors import FrameworkError
from pixattest.model import assets
from pixattest.model.framework import (
    Competence,
    Domain,
    Framework,
    Score,
    crcn,
    framework_for,
    name_in,
    read_framework,
)
from pixattest.model.issuer import default_issuer
from pixattest.template.colour import READABLE, WHITE, contrast, parse_colour

SHIPPED = assets.framework_path("crcn").read_text(encoding="utf-8")
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
    assert (framework.id, framework.levels, framework.usual_max_level) == ("crcn", 8, 6)
    assert framework.score == Score(per_level=8, unit="pix")
    assert {d.number: len(d.competences) for d in framework.domains} == COMPETENCES
    assert list(framework.competences) == [
        f"{domain}.{place}"
        for domain, count in COMPETENCES.items()
        for place in range(1, count + 1)
    ]
    assert name_in(framework.competences["3.4"].name, "fr") == "Programmer"


def test_digcomp_has_its_areas_and_competences() -> None:
    """5 areas, 21 competences, 8 levels, no score; its credit, which the licence asks for."""
    framework = read_framework("digcomp")
    assert [len(domain.competences) for domain in framework.domains] == [3, 6, 4, 4, 4]
    assert (framework.levels, framework.usual_max_level, framework.score) == (8, 8, None)
    assert framework.max_score(8) == 0
    assert "European Union" in str(framework.credit)
    assert "CC BY 4.0" in str(framework.credit)
    netiquette = framework.competences["2.5"].name
    assert name_in(netiquette, "en") == "Netiquette"


@pytest.mark.parametrize("language", assets.languages())
@pytest.mark.parametrize("name", assets.framework_names())
def test_shipped_frameworks_are_named_in_all_languages(name: str, language: str) -> None:
    """Each competence has a name of its own in each language that the template has."""
    framework = read_framework(name)
    texts = [d.name for d in framework.domains] + [c.name for c in framework.competences.values()]
    names = [name_in(text, language) for text in [framework.name, *texts]]
    assert all(name == name.strip() != "" for name in names)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", assets.framework_names())
def test_domains_have_colours_that_differ(name: str) -> None:
    """As #RRGGBB."""
    colours = [domain.colour for domain in read_framework(name).domains]
    assert len({colour.lower() for colour in colours}) == len(colours)
    assert all(re.fullmatch("#[0-9A-Fa-f]{6}", colour) for colour in colours)


def made(folder: Path, head: str = "", domains: int = 1) -> Framework:
    """A small framework of 3 levels, with more lines."""
    path = folder / "made.toml"
    text = f'id = "made"\nname = "Made"\nlevels = 3\n{head}\n'
    for n in range(1, domains + 1):
        text += f'[[domains]]\nnumber = "{n}"\nname = "Domain {n}"\n'
        text += f'competences = [{{ number = "{n}.1", name = "Competence {n}" }}]\n'
    path.write_text(text, encoding="utf-8")
    return read_framework(path)


def test_domains_without_colour_are_given_one(tmp_path: Path) -> None:
    """Of eight domains each has its own, on which white can be read."""
    colours = [domain.colour for domain in made(tmp_path, domains=8).domains]
    assert len(set(colours)) == 8
    assert all(contrast(parse_colour(colour), WHITE) >= READABLE for colour in colours)
    assert made(tmp_path, domains=9).domains[8].colour == colours[0]


def test_levels_may_have_names(tmp_path: Path) -> None:
    """One list for all languages, or one each; a name means its level in any case and language."""
    plain = made(tmp_path, 'level_names = ["A1", "A2", "B1"]')
    assert plain.names_of_levels("de") == ("A1", "A2", "B1")
    assert [plain.level_named(text) for text in ("a1", " B1 ", "C2", "1")] == [1, 3, None, None]
    each = made(tmp_path, 'level_names = { fr = ["Bas", "Moyen", "Haut"], en = ["L", "M", "H"] }')
    assert each.names_of_levels("fr") == ("Bas", "Moyen", "Haut")
    assert (each.level_named("haut"), each.level_named("M")) == (3, 2)
    with pytest.raises(FrameworkError, match="no name in 'nl'"):
        each.names_of_levels("nl")
    assert made(tmp_path).names_of_levels("nl") == ("1", "2", "3")


@pytest.mark.parametrize(
    ("head", "problem"),
    [
        ('level_names = ["A", "B"]', "A, B are 2 names of 3 levels"),
        ('level_names = ["A", "a", "B"]', "level 1 and level 2 are both named 'a'"),
        ('level_names = { fr = ["A", "B", "C"], en = ["B", "A", "C"] }', "both named 'B'"),
        ('level_names = ["2", "1", "3"]', "level 1 is named '2'"),
        ('level_names = ["", "1", "3"]', "at `level_names"),
        ("max_level = 4", "max_level is 4, of 3 levels"),
        ('score = { per_level = 0, unit = "points" }', "at `score.per_level`"),
        ("score = { per_level = 2 }", "missing required field `unit` - at `score`"),
    ],
)
def test_contradictions_are_told(tmp_path: Path, head: str, problem: str) -> None:
    """What has the right shape and the wrong content is refused, with what to do."""
    with pytest.raises(FrameworkError) as caught:
        made(tmp_path, head)
    assert problem in caught.value.problem
    assert caught.value.hint


def test_frameworks_are_found_by_name_or_path(tmp_path: Path) -> None:
    """A name that is none tells those there are."""
    assert read_framework("crcn") == read_framework(assets.framework_path("crcn")) == crcn()
    with pytest.raises(FrameworkError) as caught:
        read_framework("digcom")
    assert "crcn, digcomp" in str(caught.value)
    made(tmp_path)
    assert read_framework(tmp_path / "made.toml").id == "made"


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
    changed = read_edited(tmp_path, "max_level = 6", "max_level = 7")
    assert changed == msgspec.structs.replace(crcn(), max_level=7)


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
        ("per_level = 8", "per_level = 0", "at `score.per_level`", ""),
        ('number = "2.4"', 'number = "communication"', "`domains[1].competences[3].number`", ""),
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
    ("old", "new", "problem"),
    [
        (
            'number = "1.1"',
            'number = "search"',
            "expected up to 3 letters, then 1 to 3 numbers with points between, such as 1.1 or C1,"
            " got 'search' - at `domains[0].competences[0].number`",
        ),
        (
            'number = "2"',
            'number = "second*"',
            "expected 1 to 6 letters, digits or points, such as 3 or A, got 'second*'"
            " - at `domains[1].number`",
        ),
        (
            "#F24645",
            "brown",
            "expected a colour such as #1A7F5C, got 'brown' - at `domains[0].colour`",
        ),
    ],
)
def test_what_a_text_must_look_like_is_said_in_words(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    """No regular expression, and the value that came."""
    with pytest.raises(FrameworkError) as caught:
        read_edited(tmp_path, old, new)
    assert caught.value.problem == problem


def test_a_language_that_the_framework_lacks_is_told_with_those_it_has() -> None:
    """So that one of these can be asked for."""
    with pytest.raises(FrameworkError) as caught:
        name_in({"nl": "Keuken", "fr": "Cuisine"}, "de")
    assert "no name in 'de'" in caught.value.problem
    assert caught.value.hint == (
        'Add de = "…" there, or choose another language: --language nl or fr.'
    )


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
    head = 'id = "empty"\nname = "Empty"\nlevels = 3\n'
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


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("upto = 8", "upto = 7", "bands reach up to 2, 4, 6, 7, of 8 levels"),
        ("upto = 4", "upto = 2", "bands reach up to 2, 2, 6, 8, of 8 levels"),
        ('[descriptions."5.2"]', '[descriptions."5.3"]', "competence 5.3 is described, and is not"),
        ('[descriptions."1.1"]', '[descriptions."6"]', "competence 6 is described, and is not"),
        ('name = { fr = "expert"', 'nom = { fr = "expert"', "unknown field `nom`"),
        (
            "  'Follow a series of simple instructions, and say what it does.',\n",
            "",
            "en describes competence 3.4 in 3 texts, not 4",
        ),
    ],
)
def test_wrong_descriptions_are_told(tmp_path: Path, old: str, new: str, problem: str) -> None:
    """With what to do about it."""
    with pytest.raises(FrameworkError) as caught:
        read_edited(tmp_path, old, new)
    assert problem in caught.value.problem
    assert caught.value.hint


def test_levels_are_described_by_bands() -> None:
    """In the languages that all competences are described in."""
    framework = crcn()
    assert all(framework.describes(language) for language in assets.languages())
    assert not framework.describes("pt")
    assert not read_framework("digcomp").describes("fr")
    names = [framework.description("1.1", level, "fr")[0] for level in range(1, 9)]
    assert names[::2] == names[1::2] == ["novice", "indépendant", "avancé", "expert"]
    told = [framework.description("2.1", level, "en")[1] for level in (2, 3)]
    assert [text.split()[0] for text in told] == ["Send", "Choose"]


def test_shipped_descriptions_are_sentences_of_their_own() -> None:
    """One for each band of each competence in each language; none stands twice."""
    told = crcn().descriptions.values()
    texts = [text for languages in told for said in languages.values() for text in said]
    assert len(set(texts)) == 16 * 4 * len(assets.languages())
    assert all(text == text.strip() and text.endswith(".") for text in texts)


# Built in Python.

BREAD = Domain("1", "Bread", (Competence("1.1", "Knead"),))


def test_a_framework_built_in_python_is_as_its_file_would_be() -> None:
    """Its domains have their colours, and plain values do for structs; the shipped stay equal."""
    plain: Any = {
        "number": "1",
        "name": "Bread",
        "competences": [{"number": "1.1", "name": "Knead"}],
    }
    for domain in (BREAD, plain):
        found = framework_for(default_issuer(), Framework("bakery", "Bakery", 3, (domain,)))
        assert found.domains == (msgspec.structs.replace(BREAD, colour="#0B6E99"),)
        assert Press(framework=found).framework == Rules.of(found).framework == found
    for shipped in (crcn(), read_framework("digcomp")):
        assert framework_for(default_issuer(), shipped) == shipped


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"max_level": 9}, "max_level is 9, of 3 levels"),
        ({"levels": "3"}, "expected `int`, got `str` - at `levels`"),
        ({"domains": ()}, "at `domains`"),
        ({"domains": ({"number": "1"},)}, "missing required field `name` - at `domains[0]`"),
        ({"domains": (range(3),)}, "no file could have"),
        ({"id": 3}, "at `id`"),
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "give",
    [lambda given: Press(framework=given), Rules.of, schema],
    ids=["Press", "Rules", "schema"],
)
def test_faults_of_a_framework_built_in_python_are_its_own(
    changes: dict[str, Any], problem: str, give: Callable[[Framework], object]
) -> None:
    """They are told where it is given, not put down to a record."""
    framework = Framework(
        **{"id": "bakery", "name": "Bakery", "levels": 3, "domains": (BREAD,)} | changes
    )
    with pytest.raises(FrameworkError) as caught:
        give(framework)
    assert problem in caught.value.problem
    assert caught.value.source == f"framework {framework.id!r}"
    assert caught.value.hint
