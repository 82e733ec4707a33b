"""Formats and fields: what a page shows of a record."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support import EXAMPLES

from pixattest import Press
from pixattest.model.framework import Field
from pixattest.model.record import FIELDS, restore_record
from pixattest.template.labels import Labels
from pixattest.template.slots import Format, RecordVocabulary, parse_format


@pytest.fixture
def vocabulary(press: Press) -> RecordVocabulary:
    words = Labels(date="d MMMM y", words={}, years={})
    qr = "https://example.org/?c={code}"
    return RecordVocabulary(press.framework, "fr", words.calendar("fr"), 3, qr)


def read(press: Press, raw: dict[str, Any], vocabulary: RecordVocabulary, text: str) -> str:
    return vocabulary.writer(parse_format(text))(press.read(raw))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("plain", (("plain", ""),)),
        ("{a}", (("", "a"),)),
        ("{a} à {b}.", (("", "a"), (" à ", "b"), (".", ""))),
        ("{level:1.1}", (("", "level:1.1"),)),
        ("", ()),
    ],
)
def test_format_is_cut_into_literals_and_fields(
    text: str, parts: tuple[tuple[str, str], ...]
) -> None:
    """Braces hold fields; the rest is as it stands."""
    assert parse_format(text) == Format(parts)


def test_doubled_braces_are_braces() -> None:
    """{{ and }} stand for braces."""
    assert "".join(literal for literal, _ in parse_format("a {{b}} c").parts) == "a {b} c"
    assert parse_format("a {{b}} c").fields == ()


@pytest.mark.parametrize("text", ["{", "}", "{a", "a}", "{a!r}", "{a!s:x}"])
def test_malformed_format_is_refused(text: str) -> None:
    """Braces that do not match, and conversions, are refused."""
    with pytest.raises(ValueError, match=r"."):
        parse_format(text)


def test_empty_braces_are_refused() -> None:
    """{} names no field and does not vanish."""
    with pytest.raises(ValueError, match=r"."):
        parse_format("a {} b")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{first_name}", "Camille"),
        ("{full_name}", "Camille Martin"),
        ("{birth_date} à {birth_place}", "12 janvier 2003 à Nantes"),
        ("{delivered_on}", "9 février 2024"),
        ("{valid_until}", "9 février 2027"),
        ("{verification_code}", "P-GVVP6HBM"),
        ("{qr_address}", "https://example.org/?c=P-GVVP6HBM"),
        ("{score}/{max_score}", "142/768"),
        ("{max_level}", "6"),
        ("{group}", "TCAP1"),
        ("{level:2.1}", "4"),
        ("{level:5.1}", ""),
    ],
)
def test_fields_of_the_example(
    press: Press, record: dict[str, Any], vocabulary: RecordVocabulary, text: str, shown: str
) -> None:
    """Each field shows what the record says, in words where it is a date."""
    assert read(press, record, vocabulary, text) == shown


@pytest.mark.parametrize("field", ["birth_place", "score", "group"])
def test_missing_field_shows_nothing(
    press: Press, record: dict[str, Any], vocabulary: RecordVocabulary, field: str
) -> None:
    """An optional field that the record lacks is empty, never None."""
    del record[field]
    assert read(press, record, vocabulary, f"{{{field}}}") == ""


def test_level_of_zero_shows_nothing(
    press: Press, record: dict[str, Any], vocabulary: RecordVocabulary
) -> None:
    """A level of 0 is a competence that was not acquired."""
    record["levels"] = {"1.1": 0, "1.2": 1}
    assert read(press, record, vocabulary, "{level:1.1}|{level:1.2}") == "|1"


def test_documented_fields_are_those_that_can_be_read(vocabulary: RecordVocabulary) -> None:
    """The documentation of templates and what reads the fields do not drift apart."""
    page = (Path(__file__).parents[2] / "docs/templates.md").read_text(encoding="utf-8")
    (line,) = [line for line in page.splitlines() if line.startswith("Fields: ")]
    of_records = line.split("and so on")[0]
    documented = {name for name in re.findall("`([a-z_:0-9.]+)`", of_records) if ":" not in name}
    readable = {name for name in vocabulary if not name.startswith("level:")}
    assert readable == documented
    assert len(list(vocabulary)) - len(readable) == 16


def test_fields_of_ones_own_are_shown_by_their_keys(press: Press) -> None:
    """Empty where a record has none; a test tells whether it has."""
    hours = Field(name="Hours", sample="12")
    framework = msgspec.structs.replace(press.framework, fields={"hours": hours})
    words = Labels(date="d MMMM y", words={}, years={})
    vocabulary = RecordVocabulary(framework, "fr", words.calendar("fr"), 3, "{code}")
    write = vocabulary.writer(parse_format("{extra.hours} h"))
    record = press.read(json.loads((EXAMPLES / "record.json").read_text("utf-8")))
    taught = restore_record(
        {n: getattr(record, n) for n in (*FIELDS, "framework")} | {"extra": {"hours": "12"}}
    )
    assert (write(taught), write(record)) == ("12 h", " h")
    assert [vocabulary.test("extra.hours", None)(one) for one in (taught, record)] == [True, False]
    (place,) = vocabulary.places(["extra.hours"])
    assert [vocabulary.values(one, "")[place] for one in (taught, record)] == ["12", None]
