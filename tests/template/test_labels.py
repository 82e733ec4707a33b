"""A template's labels: words and dates of a language."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from pixattest.errors import TemplateError
from pixattest.model import assets
from pixattest.template.labels import Labels, read_labels

SHIPPED = assets.template_path("attestation").parent


def labels(pattern: str, first: str | None = None) -> Labels:
    return Labels(date=pattern, words={}, years={"3": "trois ans"}, first_of_month=first)


@pytest.mark.parametrize(
    ("language", "day", "written"),
    [
        ("fr", date(2024, 2, 9), "9 février 2024"),
        ("fr", date(2024, 8, 1), "1er août 2024"),
        ("fr", date(2024, 12, 31), "31 décembre 2024"),
        ("en", date(2024, 2, 9), "9 February 2024"),
        ("nl", date(2024, 3, 1), "1 maart 2024"),
        ("de", date(2024, 3, 1), "1. März 2024"),
        ("es", date(2024, 2, 9), "9 de febrero de 2024"),
        ("it", date(2024, 8, 1), "1º agosto 2024"),
        ("it", date(2024, 8, 8), "8 agosto 2024"),
    ],
)
def test_shipped_labels_write_dates_in_words(language: str, day: date, written: str) -> None:
    """Dates are written as people of the language write them, the French first as 1er."""
    calendar = read_labels(SHIPPED, language).calendar(language)
    assert calendar.write(day).replace("\u00a0", " ") == written


@pytest.mark.parametrize("template", assets.template_names())
@pytest.mark.parametrize("language", ["de", "en", "es", "fr", "it", "nl"])
def test_shipped_labels_have_the_same_words_in_all_languages(template: str, language: str) -> None:
    """No language lacks a word, a field in it or a number of years of the French, nor has more."""
    folder = assets.template_path(template).parent
    french, found = (read_labels(folder, name) for name in ("fr", language))
    assert found.words.keys() == french.words.keys()
    assert found.years.keys() == french.years.keys()
    for name, words in french.words.items():
        assert _fields(found.words[name]) == _fields(words), name
    assert all(
        words == words.strip(" ") for name, words in found.words.items() if "_top" not in name
    )


def _fields(words: str) -> list[str]:
    return sorted(re.findall(r"\{\w+\}", words))


def test_languages_are_told() -> None:
    """Of a shipped template, as the command line's help lists them."""
    assert assets.languages() == ["de", "en", "es", "fr", "it", "nl"]


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("fr", "12\u202f800"),
        ("en", "12,800"),
        ("nl", "12.800"),
        ("de", "12.800"),
        ("es", "12.800"),
        ("it", "12.800"),
    ],
)
def test_large_numbers_are_parted_as_the_language_does(language: str, written: str) -> None:
    """From five figures on; the most pix, 1024, are written in one."""
    calendar = read_labels(SHIPPED, language).calendar(language)
    assert calendar.number(12_800) == written
    assert calendar.number(1024) == "1024"


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        ("d MMMM y", "5 janvier 2024"),
        ("d.M.y", "5.1.2024"),
        ("y-MM-d", "2024-01-5"),
        ("d 'de' MMMM y", "5 de janvier 2024"),
        ("d MMM y", "5 janv. 2024"),
        ("'{'d'}' M y", "{5} 1 2024"),
        ("d 'o''clock' MM ''y", "5 o'clock 01 '2024"),
    ],
)
def test_date_patterns_follow_cldr(pattern: str, written: str) -> None:
    """A pattern of Unicode CLDR is written for any day."""
    assert labels(pattern).calendar("fr").write(date(2024, 1, 5)) == written


def test_two_figure_days_keep_their_zero() -> None:
    """A pattern with dd writes the fifth as 05."""
    assert labels("dd/MM/y").calendar("fr").write(date(2024, 1, 5)) == "05/01/2024"


@pytest.mark.parametrize(
    "pattern",
    ["EEEE d MMMM y", "d MMMM yy", "d MMMM", "MMMM y", "d y", "d MMMM 'y", "d M y HH", "ddd M y"],
)
def test_pattern_that_would_write_a_wrong_date_is_refused(pattern: str) -> None:
    """A weekday, a short year or a missing part is refused rather than written wrong."""
    with pytest.raises(TemplateError):
        labels(pattern).calendar("fr")


def test_missing_language_is_refused_with_those_there_are() -> None:
    """The error names the languages of the template and the file to add."""
    with pytest.raises(TemplateError) as caught:
        read_labels(SHIPPED, "ty")
    assert "'ty'" in caught.value.problem
    assert "fr" in str(caught.value.hint)
    assert "labels/ty.toml" in str(caught.value.hint)


@pytest.mark.parametrize("language", ["../labels/fr", "/etc/hostname", "", ".", "fr/../fr"])
def test_language_cannot_reach_other_files(language: str) -> None:
    """A language is a name of a file in labels/, and nothing else."""
    with pytest.raises(TemplateError, match="no labels in the language"):
        read_labels(SHIPPED, language)


def test_template_without_labels_is_refused(tmp_path: Path) -> None:
    """A folder without labels says that there are none."""
    with pytest.raises(TemplateError, match="It has none"):
        read_labels(tmp_path, "fr")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("date = ", "not TOML"),
        ('date = "d"', "words"),
        ('date = "d"\nwords = {a = 1}\nyears = {}', "words"),
        ('date = "d"\nwords = {}\nyears = {}\nday = "d"', "unknown field"),
        ("date = '\ud800'", ""),
    ],
)
def test_malformed_labels_are_refused(tmp_path: Path, content: str, problem: str) -> None:
    """Labels that are not TOML, or not of their shape, are refused with the file's name."""
    (tmp_path / "labels").mkdir()
    file = tmp_path / "labels" / "fr.toml"
    file.write_bytes(content.encode("utf-8", "surrogatepass"))
    with pytest.raises(TemplateError) as caught:
        read_labels(tmp_path, "fr")
    assert problem in caught.value.problem
    assert "fr.toml" in str(caught.value.source)


def test_language_without_dates_is_refused() -> None:
    """A language that Babel does not know has no dates to write."""
    with pytest.raises(TemplateError, match="o dates can be written in 'xx'"):
        labels("d MMMM y").calendar("xx")


def test_years_are_said_in_words_or_refused() -> None:
    """A number of years that the labels do not say is refused with the line to add."""
    assert labels("d").years_in_words(3) == "trois ans"
    with pytest.raises(TemplateError, match="4 years") as caught:
        labels("d").years_in_words(4)
    assert '"4"' in str(caught.value.hint)
