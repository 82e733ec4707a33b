"""Raw record → Record, or every fault in it."""

from __future__ import annotations

import copy
import json
import pickle
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pixattest.errors import Fault, FrameworkError, IssuerError, PixattestError, RecordError
from pixattest.model import assets
from pixattest.model.codes import ALPHABET
from pixattest.model.framework import Framework, crcn, read_framework
from pixattest.model.record import FIELDS, Record, Rules, read_record
from pixattest.model.schema import schema

SAMPLE: dict[str, Any] = {
    "first_name": "Camille",
    "last_name": "Martin",
    "birth_date": "2003-01-12",
    "birth_place": "Nantes",
    "centre": "LP De Bougainville",
    "delivered_on": "2024-02-09",
    "verification_code": "P-GVVP6HBM",
    "score": 142,
    "max_level": 6,
    "levels": {"1.1": 2, "1.2": 1, "3.2": 1},
    "group": "TCAP1",
}
TEXTS = ("first_name", "last_name", "birth_place", "centre", "group")
OPTIONAL = ("birth_place", "score", "group")
REQUIRED = ("first_name", "last_name", "birth_date", "centre", "delivered_on", "levels")
ALL_COMPETENCES = list(crcn().competences)


def raw(**changes: object) -> dict[str, Any]:
    """The sample with some values changed."""
    return {**SAMPLE, **changes}


def raw_without(*names: str) -> dict[str, Any]:
    """The sample with some keys missing."""
    return {key: value for key, value in SAMPLE.items() if key not in names}


def refused(value: object, **options: Any) -> RecordError:
    """The error that refuses a raw record."""
    with pytest.raises(RecordError) as caught:
        read_record(value, **options)
    return caught.value


def one_fault(value: object, **options: Any) -> Fault:
    """The one fault that a raw record has."""
    error = refused(value, **options)
    assert len(error.faults) == 1, str(error)
    return error.faults[0]


def small_framework(folder: Path, levels: int = 4) -> Framework:
    """A framework of two competences, ten points a level."""
    path = folder / "small.toml"
    path.write_text(
        f"""
        id = "small"
        name = "Small"
        levels = {levels}
        score = {{ per_level = 10, unit = "points" }}
        [[domains]]
        number = "A"
        name = "Crafts"
        colour = "#123456"
        competences = [{{ number = "A1", name = "Knit" }}, {{ number = "A2", name = "Sew" }}]
        """,
        encoding="utf-8",
    )
    return read_framework(path)


# What is read


def test_raw_record_becomes_typed_values() -> None:
    """Texts stay, ISO dates become dates, levels a mapping."""
    record = read_record(SAMPLE)
    assert {name: getattr(record, name) for name in FIELDS} == SAMPLE | {
        "birth_date": date(2003, 1, 12),
        "delivered_on": date(2024, 2, 9),
        "extra": {},
    }
    assert record.full_name == "Camille Martin"


def test_typed_values_make_the_same_record() -> None:
    """An application may build a Record from dates; it is held against the same rules."""
    typed = raw(birth_date=date(2003, 1, 12), delivered_on=date(2024, 2, 9))
    assert Record(**typed) == read_record(SAMPLE)
    with pytest.raises(RecordError) as caught:
        Record(**typed | {"first_name": "", "score": -1})
    assert [fault.field for fault in caught.value.faults] == ["first_name", "score"]


def first_aid(folder: Path) -> Rules:
    """The CRCN with fields of its own."""
    path = folder / "first-aid.toml"
    path.write_text(assets.framework_path("crcn").read_text("utf-8") + FIRST_AID, "utf-8")
    return Rules.of(read_framework(path))


FIRST_AID = """
[fields.hours]
name = { nl = "Aantal uren", fr = "Heures" }
sample = "12"
required = true
[fields.instructor]
name = "Instructor"
sample = "J. Bakker"
"""


def test_fields_of_ones_own_are_read_and_kept(tmp_path: Path) -> None:
    """Under extra, as texts; through pickles and the JSON-like mapping."""
    rules = first_aid(tmp_path)
    found = read_record(raw(extra={"instructor": " J. Bakker ", "hours": "12"}), rules=rules)
    assert dict(found.extra) == {"hours": "12", "instructor": "J. Bakker"}
    assert pickle.loads(pickle.dumps(found)) == found
    assert found.as_mapping()["extra"] == {"hours": "12", "instructor": "J. Bakker"}
    assert read_record(found.as_mapping(), rules=rules) == found
    assert Record(
        **raw(birth_date=date(2003, 1, 12), delivered_on=date(2024, 2, 9), extra={"hours": "12"}),
        rules=rules,
    ).extra == {"hours": "12"}
    assert "extra" not in read_record(SAMPLE).as_mapping()


@pytest.mark.parametrize(
    ("extra", "field", "said"),
    [
        (None, "extra.hours", "is missing"),
        ({"hours": 12}, "extra.hours", "12 is not a text"),
        ({}, "extra.hours", "is missing"),
        ({"hours": " "}, "extra.hours", "is empty. Fill it in."),
        ({"hours": "1", "instructor": " "}, "extra.instructor", "Leave it out when it is not"),
        ({"hours": "1\u202e2"}, "extra.hours", "U+202E"),
        ({"hours": "x" * 121}, "extra.hours", "more than 120"),
        ({"hours": "1", "hour": "2"}, "extra.hour", 'Did you mean "hours"?'),
        (["12"], "extra", "is not an object"),
    ],
)
def test_faulty_fields_of_ones_own_are_refused(
    tmp_path: Path, extra: object, field: str, said: str
) -> None:
    """By the rules for all texts; what is not declared, too."""
    fault = one_fault(raw(extra=extra), rules=first_aid(tmp_path))
    assert fault.field == field
    assert said in str(fault)


def test_a_field_of_ones_own_stands_below_extra(tmp_path: Path) -> None:
    """Beside the record's own fields it is refused, with where it goes."""
    faults = refused(raw(hours="12"), rules=first_aid(tmp_path)).faults
    assert 'Put it into extra: {"extra": {"hours": …}}.' in [fault.hint for fault in faults]
    assert one_fault(raw(extra={"hours": "12"})).field == "extra.hours"


def test_no_field_of_ones_own_is_called_as_a_records(tmp_path: Path) -> None:
    path = tmp_path / "taken.toml"
    text = assets.framework_path("crcn").read_text("utf-8")
    path.write_text(text + FIRST_AID.replace("fields.hours", "fields.centre"), "utf-8")
    with pytest.raises(FrameworkError, match="has the field 'centre', as every record has"):
        Rules.of(read_framework(path))


def test_schema_has_the_fields_of_ones_own(tmp_path: Path) -> None:
    validator = Draft202012Validator(schema(first_aid(tmp_path).framework))
    assert validator.is_valid(raw(extra={"hours": "12", "instructor": None}))
    for wrong in (None, {}, {"hours": 12}, {"hours": "12", "hour": "1"}):
        assert not validator.is_valid(raw(extra=wrong))
    assert not validator.is_valid(SAMPLE)


@pytest.mark.parametrize("name", OPTIONAL)
def test_optional_value_may_be_missing_or_null(name: str) -> None:
    """No key and null say the same: not known."""
    missing = read_record(raw_without(name))
    assert getattr(missing, name) is None
    assert read_record(raw(**{name: None})) == missing


@pytest.mark.parametrize("value", [raw_without("max_level"), raw(max_level=None)])
def test_top_level_is_6_unless_given(value: dict[str, Any]) -> None:
    """A record that does not name its top level has the usual one."""
    assert read_record(value).max_level == 6


def test_levels_are_the_acquired_ones_in_the_order_of_the_framework() -> None:
    """Null and 0 are not acquired, and a file's own order is not kept."""
    levels = {"5.2": 1, "1.1": None, "2.4": 0, "3.2": 3, "1.3": 2}
    assert list(read_record(raw(levels=levels)).levels.items()) == [
        ("1.3", 2),
        ("3.2", 3),
        ("5.2", 1),
    ]


def test_whole_numbers_may_be_written_as_floats() -> None:
    """JSON knows one kind of number: 2.0 is 2."""
    record = read_record(raw(score=142.0, max_level=6.0, levels={"1.1": 2.0}))
    assert record == read_record(raw(levels={"1.1": 2}))
    assert {type(record.score), type(record.max_level), type(record.levels["1.1"])} == {int}


def test_later_changes_to_the_raw_record_do_not_reach_the_record() -> None:
    """A Record keeps its own levels."""
    levels = {"1.1": 2}
    record = read_record(raw(levels=levels))
    levels["1.1"] = 5
    assert dict(record.levels) == {"1.1": 2}


# Names and other texts


@pytest.mark.parametrize("name", TEXTS)
def test_decomposed_accents_are_composed(name: str) -> None:
    """Texts are kept in NFC, whatever the input's normalisation."""
    for text in ("Éloïse Çelik", "Nguyễn Thị Hồng", "Łukasz Żółć", "Ω͂ραία"):
        decomposed = unicodedata.normalize("NFD", text)
        assert decomposed != text
        found = getattr(read_record(raw(**{name: decomposed})), name)
        assert found == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("name", TEXTS)
def test_space_around_a_text_is_dropped(name: str) -> None:
    """A stray space of a spreadsheet, plain or no-break, is not part of a name."""
    assert getattr(read_record(raw(**{name: " \u00a0Zoé \u202f"})), name) == "Zoé"


@pytest.mark.parametrize(
    "text",
    ["O'Neill", "D’Arc", "Jean-Pierre", "Ltd. <script>", "(A\\B)", "Ёлка", "Νίκος", "X" * 120],
)
@pytest.mark.parametrize("name", TEXTS)
def test_texts_are_kept_as_they_are(name: str, text: str) -> None:
    """Apostrophes, brackets, backslashes, other scripts and 120 characters are all fine."""
    assert getattr(read_record(raw(**{name: text})), name) == text


@pytest.mark.parametrize("text", ["", " ", "\u00a0\u2003", "\n"])
@pytest.mark.parametrize("name", TEXTS)
def test_empty_text_is_refused(name: str, text: str) -> None:
    """A text of nothing but space is empty, even where it could be left out."""
    fault = one_fault(raw(**{name: text}))
    assert (fault.field, fault.value, fault.problem) == (name, text, "is empty")
    assert fault.hint == (
        "Leave it out when it is not known." if name in OPTIONAL else "Fill it in."
    )


@pytest.mark.parametrize(
    "text",
    ["\u200b", "\u00ad", "\u034f", "\u200b \u200b", "\ufe0f", "\u0301", "\u2060", "\U000e0041"],
)
def test_text_of_which_nothing_can_be_seen_is_refused(text: str) -> None:
    """Zero-width characters and lone marks do not make a name."""
    fault = one_fault(raw(first_name=text))
    assert fault.field == "first_name"
    assert fault.problem.startswith("has nothing in it that can be seen, but U+")


@pytest.mark.parametrize("name", TEXTS)
def test_text_of_121_characters_is_refused(name: str) -> None:
    """The message says how long it is and how long it may be, not the whole of it."""
    fault = one_fault(raw(**{name: "x" * 121}))
    assert fault.field == name
    assert "has 121 characters, more than 120" in fault.problem
    assert fault.hint == "Shorten it."
    assert len(fault.problem) < 110


def test_length_counts_composed_characters() -> None:
    """120 accented letters are 120 characters, however they are stored."""
    assert read_record(raw(last_name="e\u0301" * 120)).last_name == "é" * 120
    assert "has 121 characters" in one_fault(raw(last_name="e\u0301" * 121)).problem


@pytest.mark.parametrize(
    "code_point",
    [
        *(0x00, 0x07, 0x1B, 0x1F, 0x7F, 0x80, 0x9F),
        *(0x200E, 0x200F, 0x061C, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E),
        *(0x2066, 0x2067, 0x2068, 0x2069, 0xFEFF, 0xFFFE, 0xFFFF),
        *(0xD800, 0xDBFF, 0xDC00, 0xDFFF),
    ],
)
@pytest.mark.parametrize("name", TEXTS)
def test_character_that_can_not_be_seen_is_refused(name: str, code_point: int) -> None:
    """Controls, bidi overrides and lone surrogates are named by code point and position."""
    fault = one_fault(raw(**{name: f"Ca{chr(code_point)}mille"}))
    assert fault.field == name
    assert f"U+{code_point:04X}" in fault.problem
    assert "position 3" in fault.problem
    assert fault.hint == "Remove it."
    assert str(fault).isprintable()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Ca\tmille", "has a tab (U+0009) in position 3"),
        ("Ca\nmille", "has a line break (U+000A) in position 3"),
        ("Ca\r\nmille", "has a line break (U+000D) in position 3"),
        ("Ca\u2028mille", "has a line break (U+2028) in position 3"),
    ],
)
def test_a_break_in_a_text_is_called_so(text: str, told: str) -> None:
    fault = one_fault(raw(last_name=text))
    assert (fault.problem, fault.hint) == (told, "Put a space in its place.")


@pytest.mark.parametrize("value", [12, 1.5, True, ["Camille"], {"fr": "Camille"}])
@pytest.mark.parametrize("name", TEXTS)
def test_other_than_text_is_refused(name: str, value: object) -> None:
    """A name is a text, never a number that happens to look like one."""
    fault = one_fault(raw(**{name: value}))
    assert (fault.field, fault.value) == (name, value)
    assert fault.problem == f"{value!r} is not a text"


# Dates


@pytest.mark.parametrize("name", ["birth_date", "delivered_on"])
@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("2003-02-29", "is not a day of the calendar"),
        ("1900-02-29", "is not a day of the calendar"),
        ("2003-13-01", "is not a day of the calendar"),
        ("2003-00-10", "is not a day of the calendar"),
        ("2003-04-31", "is not a day of the calendar"),
        ("0000-01-01", "is not a day of the calendar"),
        ("12/01/2003", "is not a date"),
        ("2003-1-12", "is not a date"),
        ("20030112", "is not a date"),
        ("2003-W02-7", "is not a date"),
        ("2003-01-12T00:00:00", "is not a date"),
        ("2003-01-12\n", "is not a date"),
        (" 2003-01-12", "is not a date"),
        ("", "is not a date"),
        ("٢٠٠٣-٠١-١٢", "is not a date"),
        (20030112, "is not a date"),
        (True, "is not a date"),
        ([], "is not a date"),
        (datetime(2003, 1, 12), "is not a date"),
        (None, "is missing"),
    ],
)
def test_bad_date_is_refused(name: str, value: object, problem: str) -> None:
    """Only a real day in the one ISO form is a date."""
    fault = one_fault(raw(**{name: value}))
    assert (fault.field, fault.value) == (name, value)
    assert fault.problem.endswith(problem)
    assert fault.hint


@pytest.mark.parametrize("day", ["2000-02-29", "2004-02-29", "2003-12-31", "1900-02-28"])
def test_real_day_is_accepted(day: str) -> None:
    """29 February exists in leap years, the year 2000 included."""
    assert read_record(raw(birth_date=day)).birth_date == date.fromisoformat(day)


@pytest.mark.parametrize("born", ["2024-02-09", "2024-02-10", "2031-01-01"])
def test_birth_is_before_delivery(born: str) -> None:
    """Nobody is certified on the day of birth, or before it."""
    fault = one_fault(raw(birth_date=born, delivered_on="2024-02-09"))
    assert (fault.field, fault.value) == ("birth_date", born)
    assert fault.problem == f"{born} is not before the delivery on 2024-02-09"
    assert fault.hint == "Correct birth_date or delivered_on."


@pytest.mark.parametrize("day", ["9999-12-31", "9950-01-01"])
def test_delivery_beyond_the_calendar_is_refused(day: str) -> None:
    """Its last day of validity could not be worked out: it is a typing mistake."""
    fault = one_fault(raw(delivered_on=day))
    assert (fault.field, fault.value) == ("delivered_on", day)
    assert fault.hint


def test_birth_on_the_day_before_delivery_is_accepted() -> None:
    """The rule is the order of the dates, not an age."""
    assert read_record(raw(birth_date="2024-02-08")).birth_date == date(2024, 2, 8)


# Verification codes


@pytest.mark.parametrize("code", ["P-GVVP6HBM", "P-00000000", "P-OIL15SUZ"])
def test_given_code_is_accepted(code: str) -> None:
    """Real codes exist outside the alphabet of new ones."""
    assert read_record(raw(verification_code=code)).verification_code == code


@pytest.mark.parametrize("code", ["p-gvvp6hbm", "P-gvvp6HBM", " p-GVVP6HBM\n"])
def test_lower_case_code_is_lifted(code: str) -> None:
    """A code typed in lower case is the same code."""
    assert read_record(raw(verification_code=code)).verification_code == "P-GVVP6HBM"


@pytest.mark.parametrize(
    "code",
    [
        "",
        "P-",
        "GVVP6HBM",
        "P-GVVP6HB",
        "P-GVVP6HBMM",
        "P-GVVP 6HB",
        "P_GVVP6HBM",
        "P-GVVP6HB\u0662",
        "P-GVVP6HBÉ",
        "P-\u00dfABCDEF",
        "P-\u0131ABCDEFG",
        "P-\u017fABCDEFG",
        "P-\ufb01ABCDEF",
        "P-GVVP6HB\ud800",
        12345678,
        True,
        ["P-GVVP6HBM"],
    ],
)
def test_other_than_a_code_is_refused(code: object) -> None:
    """Nothing is mended but case: no letter becomes another one."""
    fault = one_fault(raw(verification_code=code))
    assert (fault.field, fault.value) == ("verification_code", code)
    assert "is not a code of the form P-[A-Z0-9]{8}" in fault.problem
    assert fault.hint


@pytest.mark.parametrize("value", [raw_without("verification_code"), raw(verification_code=None)])
def test_missing_code_is_refused_unless_a_new_one_is_asked_for(value: dict[str, Any]) -> None:
    """A code that nobody recorded can't be verified, so none is made up unasked."""
    fault = one_fault(value)
    assert (fault.field, fault.value, fault.problem) == ("verification_code", None, "is missing")
    assert "--new-codes" in fault.hint
    code = read_record(value, new_codes=True).verification_code
    assert re.fullmatch(f"P-[{ALPHABET}]{{8}}", code)
    assert read_record(value, new_codes=True).verification_code != code


def test_given_code_is_kept_when_new_ones_are_asked_for() -> None:
    """New codes are for records without one."""
    assert read_record(SAMPLE, new_codes=True).verification_code == "P-GVVP6HBM"


def test_bad_code_is_not_replaced_by_a_new_one() -> None:
    """A code with a typing mistake stands on record somewhere: it is to be corrected."""
    assert one_fault(raw(verification_code="P-GVVP"), new_codes=True).value == "P-GVVP"


@pytest.mark.parametrize(
    ("pattern", "code", "kept"),
    [
        (r"ACAD-\d{4}", "ACAD-0042", "ACAD-0042"),
        (r"ACAD-\d{4}", "acad-0042", "ACAD-0042"),
        (r"[a-z]{4}-[a-z]{4}", "abcd-efgh", "abcd-efgh"),
    ],
)
def test_issuer_sets_the_form_of_codes(pattern: str, code: str, kept: str) -> None:
    """The issuer's own pattern decides, lower case too where it asks for it."""
    rules = Rules(crcn(), re.compile(pattern))
    assert read_record(raw(verification_code=code), rules=rules).verification_code == kept
    assert "is not a code of the form" in one_fault(SAMPLE, rules=rules).problem


def test_new_code_that_the_issuer_would_refuse_is_not_blamed_on_the_record() -> None:
    """The mend is the issuer's pattern: the record has no code that could be corrected."""
    rules = Rules(crcn(), re.compile(r"ACAD-\d{4}"), issuer="academy.toml")
    with pytest.raises(IssuerError) as caught:
        read_record(raw_without("verification_code"), rules=rules, new_codes=True, source="a.json")
    assert caught.value.source == "academy.toml"
    assert "does not accept new codes of the form P-????????" in caught.value.problem
    assert "Set new_code to the form of yours" in str(caught.value.hint)
    assert (
        read_record(
            raw(verification_code="ACAD-0042"), rules=rules, new_codes=True
        ).verification_code
        == "ACAD-0042"
    )


# Levels and score


@pytest.mark.parametrize("top", range(1, 9))
def test_level_reaches_the_top_level_and_no_further(top: int) -> None:
    """Levels go from 0 to the record's own top level."""
    levels = {"1.1": top, "5.2": 0}
    assert dict(read_record(raw(max_level=top, levels=levels, score=None)).levels) == {"1.1": top}
    fault = one_fault(raw(max_level=top, levels={"1.1": top + 1}, score=None))
    assert (fault.field, fault.value) == ("levels.1.1", top + 1)
    assert fault.problem == f"{top + 1} is not a level from 0 to {top}"
    assert fault.hint == "Correct the level, or set the record's max_level."


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"levels": {"1.1": " 2"}}, "levels.1.1"),
        ({"score": "142"}, "score"),
        ({"max_level": "6"}, "max_level"),
    ],
)
def test_a_figure_in_quotation_marks_is_told_to_be_a_text(
    given: dict[str, Any], field: str
) -> None:
    """It looks right, and is not what it should be."""
    fault = one_fault(raw(**given))
    assert (fault.field, fault.problem) == (field, f"{fault.value!r} is a text, not a number")
    assert fault.hint == f"Write {str(fault.value).strip()} without quotation marks."


@pytest.mark.parametrize("value", [-1, 1.5, True, False, "x2", "", [2], {}, float("inf"), 1e300])
def test_level_is_a_whole_number(value: object) -> None:
    """Fractions, truth values and texts are no levels."""
    fault = one_fault(raw(levels={"1.1": 1, "4.2": value}))
    assert (fault.field, fault.value) == ("levels.4.2", value)
    assert "is not a level from 0 to 6" in fault.problem


@pytest.mark.parametrize("value", [0, 9, -1, 1.5, True, "six", [6], float("nan")])
def test_top_level_is_from_1_to_8(value: object) -> None:
    """A bad top level is one fault, not one more for each level."""
    fault = one_fault(raw(max_level=value, levels={"1.1": 8, "1.2": 7}))
    assert fault.field == "max_level"
    assert fault.value is value
    assert "is not a level from 1 to 8" in fault.problem
    assert fault.hint


@pytest.mark.parametrize("top", range(1, 9))
def test_score_reaches_what_the_top_level_is_worth(top: int) -> None:
    """8 pix for each level of each of the 16 competences."""
    most = 8 * 16 * top
    for score in (0, most):
        value = raw(max_level=top, score=score, levels={"1.1": 1})
        assert read_record(value).score == score
    fault = one_fault(raw(max_level=top, score=most + 1, levels={"1.1": 1}))
    assert (fault.field, fault.value) == ("score", most + 1)
    assert fault.problem == f"{most + 1} is not a whole number from 0 to {most}"
    assert fault.hint == "Correct the score, or leave it out."


@pytest.mark.parametrize("value", [-1, 0.5, True, "142", "", [], float("inf"), float("nan")])
def test_score_is_a_whole_number(value: object) -> None:
    """Fractions, truth values, texts and what is no number are no scores."""
    fault = one_fault(raw(score=value))
    assert fault.field == "score"
    assert fault.value is value


@pytest.mark.parametrize(
    ("near", "meant"),
    [
        ("3,2", "3.2"),
        ("32", "3.2"),
        ("C3.2", "3.2"),
        (" 3.2", "3.2"),
        ("3.2.", "3.2"),
        ("3-2", "3.2"),
        ("compétence 5.1", "5.1"),
    ],
)
def test_near_miss_of_a_competence_is_told(near: str, meant: str) -> None:
    """A mistyped number is refused, with the one that was meant."""
    fault = one_fault(raw(levels={"1.1": 2, near: 4}))
    assert (fault.field, fault.value) == (f"levels.{near}", 4)
    assert fault.problem == f"{near!r} is not a competence of the framework crcn"
    assert fault.hint == f'Did you mean "{meant}"?'


def test_unknown_competence_is_told_which_there_are() -> None:
    """What is not near any competence gets the whole list."""
    hint = one_fault(raw(levels={"1.1": 2, "typing": 4})).hint
    assert hint == f"Its competences are {', '.join(ALL_COMPETENCES)}."


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        (1.1, 'Write it as a text: "1.1".'),
        (None, "Keys are texts. Its competences are 1.1, "),
        (99, "Keys are texts. Its competences are 1.1, "),
        ("typing", "Its competences are 1.1, "),
    ],
)
def test_a_lone_key_that_is_no_number_of_any_framework_is_a_mistake(key: Any, hint: str) -> None:
    """Not a hint at another framework; a key that is no text is told so."""
    fault = one_fault(raw(levels={key: 2}))
    assert fault.problem == f"{key!r} is not a competence of the framework crcn"
    assert fault.hint
    assert fault.hint.startswith(hint)


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        (["A1"], "'A1' is not a competence"),
        (["A1", "B2", "A11"], "'A1', 'B2', 'A11' are not competences"),
        (["A1", "A2", "B1", "B2"], "'A1', 'A2', 'B1', … are not competences"),
    ],
)
def test_record_of_another_framework_is_told_once_how_to_name_it(
    numbers: list[str], told: str
) -> None:
    """Who forgot to name the framework has no mistake in the record, and not one in each level."""
    levels = dict.fromkeys(numbers, 2)
    fault = one_fault(raw(levels=levels))
    assert (fault.field, fault.value) == ("levels", levels)
    assert fault.problem == f"{told} of the framework crcn"
    assert (
        "with --framework (in Python, framework=), or once in the issuer's file; the" in fault.hint
    )
    assert fault.hint.endswith(f"are {', '.join(ALL_COMPETENCES)}.")


@pytest.mark.parametrize("levels", [{}, {"1.1": 0}, {"1.1": None, "5.2": 0.0}])
def test_record_without_any_level_is_refused(levels: dict[str, Any]) -> None:
    """There is nothing to attest."""
    fault = one_fault(raw(levels=levels))
    assert (fault.field, fault.value, fault.problem) == ("levels", levels, "no level is acquired")
    assert fault.hint


@pytest.mark.parametrize("value", [[], [["1.1", 2]], "1.1", 2, True])
def test_levels_are_an_object(value: object) -> None:
    """Levels come by competence."""
    fault = one_fault(raw(levels=value))
    assert (fault.field, fault.value) == ("levels", value)
    assert fault.problem == f"{value!r} is not an object"
    assert '{"1.1": 2}' in fault.hint


def test_competences_and_points_are_those_of_the_framework(tmp_path: Path) -> None:
    """Nothing about the CRCN is in code: another framework has other numbers."""
    rules = Rules(small_framework(tmp_path), re.compile(".+"))
    value = raw(levels={"A2": 4, "A1": 1}, max_level=4, score=80)
    assert list(read_record(value, rules=rules).levels.items()) == [("A1", 1), ("A2", 4)]
    assert one_fault(value | {"score": 81}, rules=rules).problem.endswith("from 0 to 80")
    strange = one_fault(value | {"levels": {"A1": 1, "1.1": 2}}, rules=rules)
    assert strange.problem == "'1.1' is not a competence of the framework small"


def test_top_level_is_at_most_that_of_the_framework(tmp_path: Path) -> None:
    """No level beyond what the framework's competences have."""
    rules = Rules(small_framework(tmp_path, levels=4), re.compile(".+"))
    fault = one_fault(raw(levels={"A1": 1}, max_level=5, score=None), rules=rules)
    assert (fault.field, fault.value) == ("max_level", 5)


def named_framework(folder: Path) -> Framework:
    """The small one, with names for its levels and without a score."""
    framework = small_framework(folder, levels=3)
    return msgspec.structs.replace(framework, level_names=("Basic", "Good", "Best"), score=None)


def test_levels_may_be_given_by_name(tmp_path: Path) -> None:
    """In any case, or by their figures; a record holds figures."""
    rules = Rules(named_framework(tmp_path), re.compile(".+"))
    value = raw(levels={"A2": "good", "A1": 3}, max_level="Best", score=None)
    record = read_record(value, rules=rules)
    assert (dict(record.levels), record.max_level) == ({"A1": 3, "A2": 2}, 3)
    fault = one_fault(value | {"levels": {"A1": "worse"}}, rules=rules)
    assert fault.problem == "'worse' is not a level from 0 to 3"
    assert "Levels are named Basic, Good, Best." in fault.hint


def test_framework_says_the_usual_top_level(tmp_path: Path) -> None:
    """Of the CRCN 6 of 8 can be reached; elsewhere all levels, unless it says otherwise."""
    values = read_record(SAMPLE).as_mapping() | {"birth_date": date(2003, 1, 12)}
    values |= {"delivered_on": date(2024, 2, 9)}
    del values["max_level"]
    assert Record(**values).max_level == 6
    rules = Rules(small_framework(tmp_path), re.compile(".+"))
    values |= {"levels": {"A1": 4}, "score": None}
    assert Record(**values, rules=rules).max_level == 4


def test_score_is_refused_where_the_framework_has_none(tmp_path: Path) -> None:
    """With what to do."""
    rules = Rules(named_framework(tmp_path), re.compile(".+"))
    fault = one_fault(raw(levels={"A1": 1}, max_level=None, score=0), rules=rules)
    assert (fault.field, fault.problem) == ("score", "0 is of no use: small has no score")
    assert "Leave it out" in fault.hint


def test_schema_follows_the_framework(tmp_path: Path) -> None:
    """Its competences, levels by figure or name, and a score only where it has one."""
    properties = schema(named_framework(tmp_path))["properties"]
    level = properties["levels"]["properties"]["A1"]
    validator = jsonschema.Draft202012Validator(level)
    assert [validator.is_valid(v) for v in (0, 3, 4, "Good", "good", None)] == [
        *(True, True, False, True, False, True),
    ]
    assert properties["score"]["type"] == "null"
    assert schema(small_framework(tmp_path))["properties"]["score"]["maximum"] == 80


@pytest.mark.parametrize("number", ["?", "x", ""])
def test_no_competence_is_near_what_has_no_figure(tmp_path: Path, number: str) -> None:
    """Nothing is guessed from two texts that have no figure."""
    framework = small_framework(tmp_path)
    fault = one_fault(
        raw(levels={"A1": 1, number: 2}, max_level=4, score=None),
        rules=Rules(framework, re.compile(".+")),
    )
    assert fault.hint == "Its competences are A1, A2."


# Faults


@pytest.mark.parametrize("name", REQUIRED)
def test_missing_value_is_a_fault(name: str) -> None:
    """A required value that is missing or null is said to be missing."""
    for value in (raw_without(name), raw(**{name: None})):
        fault = one_fault(value)
        assert (fault.field, fault.value, fault.problem) == (name, None, "is missing")
        assert fault.hint


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("firstname", 'Did you mean "first_name"?'),
        ("Last_Name", 'Did you mean "last_name"?'),
        ("delivered", 'Did you mean "delivered_on"?'),
        (
            "shoe_size",
            'Pass it over with --ignore "shoe_size", or declare it below [fields] of '
            "the framework; see `pixattest schema` for the fields of a record.",
        ),
        (
            "",
            'Pass it over with --ignore "", or declare it below [fields] of '
            "the framework; see `pixattest schema` for the fields of a record.",
        ),
    ],
)
def test_unknown_key_is_refused(key: str, hint: str) -> None:
    """An unknown key is never ignored; a near miss is told."""
    fault = one_fault(raw(**{key: "x"}))
    assert (fault.field, fault.problem) == (key, "is not a field of a record")
    assert fault.hint == hint


def test_fault_of_an_unknown_key_carries_its_value() -> None:
    """As every fault does."""
    assert one_fault(raw(shoe_size=43)).value == 43


def test_all_faults_of_a_record_are_told_together() -> None:
    """One look at the message is enough to mend the whole record."""
    bad = {
        "first_name": "",
        "last_name": "Mar\u202etin",
        "birth_date": "2003-02-29",
        "birth_place": 44,
        "centre": "x" * 121,
        "delivered_on": None,
        "verification_code": "P-1",
        "score": 99999,
        "max_level": 5,
        "levels": {"1.1": 6, "3,2": 1, "4.1": 2},
        "group": " ",
        "firstname": "Camille",
    }
    error = refused(bad, source="class.jsonl", row=7)
    assert sorted(fault.field for fault in error.faults) == [
        "birth_date",
        "birth_place",
        "centre",
        "delivered_on",
        "first_name",
        "firstname",
        "group",
        "last_name",
        "levels.1.1",
        "levels.3,2",
        "score",
        "verification_code",
    ]
    assert {(fault.source, fault.row) for fault in error.faults} == {("class.jsonl", 7)}
    assert (error.source, error.row, error.field) == ("class.jsonl", 7, error.faults[0].field)
    lines = str(error).splitlines()
    assert len(lines) == len(error.faults)
    for line, fault in zip(lines, error.faults, strict=True):
        assert line.startswith(f'class.jsonl, record 7, field "{fault.field}": ')
        assert line.endswith(fault.hint)


def test_message_says_where_what_and_how_to_mend() -> None:
    """The one form that every message has."""
    value = raw(levels={"3.2": 9})
    assert str(refused(value, source="resultats.json", row=7)) == (
        'resultats.json, record 7, field "levels.3.2": 9 is not a level from 0 to 6. '
        "Correct the level, or set the record's max_level."
    )
    assert str(refused(value)).startswith('field "levels.3.2": 9 is not a level')


@pytest.mark.parametrize("value", [None, 3, "Camille", [SAMPLE], True])
def test_other_than_an_object_is_refused(value: object) -> None:
    """A record is an object with fields."""
    fault = one_fault(value, source="one.json", row=2)
    assert (fault.source, fault.row, fault.field, fault.value) == ("one.json", 2, "record", value)
    assert "is not an object with the fields of a record" in fault.problem
    assert "pixattest schema" in fault.hint


@pytest.mark.parametrize(
    "value",
    [
        raw(**{"a\x1b[31m\nb": 1}),
        raw(levels={"1.1": 1, "a\x1b\r\n\ud800": 2}),
        raw(first_name=["\x1b\n"], centre={"\u202e": 1}, verification_code="\x9b\n"),
    ],
)
def test_message_repeats_nothing_that_a_terminal_would_obey(value: dict[str, Any]) -> None:
    """A line for each fault, and only characters that can be seen."""
    error = refused(value)
    lines = str(error).split("\n")
    assert len(lines) == len(error.faults)
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize("name", ["score", "max_level", "levels", "first_name", "group"])
def test_enormous_number_is_refused_as_any_other(name: str) -> None:
    """A number too long to be written out is still a fault, with a short message."""
    enormous = 10**5000
    value = {"1.1": enormous} if name == "levels" else enormous
    error = refused(raw(**{name: value}))
    assert {fault.field.partition(".")[0] for fault in error.faults} == {name}
    assert len(str(error)) < 300


@pytest.mark.parametrize("name", FIELDS)
def test_bottomless_value_is_refused_as_any_other(name: str) -> None:
    """A value nested too deeply to be written out is still a fault, with a short message."""
    bottomless: list[object] = []
    for _ in range(20_000):
        bottomless = [bottomless]
    error = refused(raw(**{name: bottomless}))
    assert [fault.field for fault in error.faults] == [name]
    assert len(str(error)) < 300


def test_long_value_is_shortened_in_the_message() -> None:
    """Enough of it to be found, and no more of a person's data than that."""
    fault = one_fault(raw(birth_date="9" * 5000))
    assert len(fault.problem) < 100
    assert len(fault.value) == 5000  # type: ignore[arg-type]


# A record once it exists


@pytest.mark.parametrize("name", FIELDS)
def test_record_is_frozen(name: str) -> None:
    """No value can be assigned, deleted or added."""
    record = read_record(SAMPLE)
    with pytest.raises(AttributeError):
        setattr(record, name, getattr(record, name))
    with pytest.raises(AttributeError):
        delattr(record, name)
    with pytest.raises((AttributeError, TypeError)):
        record.shoe_size = 43  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        record.levels["1.1"] = 6  # type: ignore[index]


def test_equal_records_have_one_hash() -> None:
    """Records can be collected in a set."""
    again = read_record(raw(first_name=" Camille", verification_code="p-gvvp6hbm"))
    other = read_record(raw(levels={"1.1": 3}))
    assert len({read_record(SAMPLE), again, other}) == 2


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_record_survives_pickling(protocol: int) -> None:
    """A worker process gets an equal record, as frozen as before."""
    record = read_record(SAMPLE)
    found = pickle.loads(pickle.dumps(record, protocol))
    assert found == record
    assert hash(found) == hash(record)
    with pytest.raises(TypeError):
        found.levels["1.1"] = 6
    with pytest.raises(AttributeError):
        found.score = 0


def test_pickled_record_is_not_held_against_the_default_rules(tmp_path: Path) -> None:
    """What was valid for its own framework and issuer stays valid in a worker."""
    rules = Rules(small_framework(tmp_path), re.compile("X+"))
    value = raw(levels={"A1": 1}, verification_code="XXX", score=None, max_level=4)
    record = read_record(value, rules=rules)
    assert pickle.loads(pickle.dumps(record)) == record


def test_record_knows_its_framework() -> None:
    """However it was made; another framework's is another record, and no field says which."""
    other = msgspec.structs.replace(crcn(), id="other")
    record, foreign = read_record(SAMPLE), read_record(SAMPLE, rules=Rules.of(other))
    typed = raw(birth_date=date(2003, 1, 12), delivered_on=date(2024, 2, 9))
    assert record.framework == Record(**typed).framework == "crcn"
    assert foreign.framework == Record(**typed, rules=Rules.of(other)).framework == "other"
    for copied in (pickle.loads(pickle.dumps(foreign)), copy.deepcopy(foreign)):
        assert copied == foreign
        assert copied.framework == "other"
    assert record != foreign
    assert record.as_mapping() == foreign.as_mapping()


def test_record_can_be_copied_and_replaced() -> None:
    """A copy is equal; a replaced value is checked."""
    record = read_record(SAMPLE)
    assert copy.deepcopy(record) == copy.copy(record) == record
    assert record.replace(group="TCAP2").group == "TCAP2"
    with pytest.raises(RecordError):
        record.replace(group="")


def test_replacing_a_value_keeps_the_framework_or_is_refused() -> None:
    """However it is done: a record of another framework never becomes one of the CRCN."""
    other = Rules.of(msgspec.structs.replace(crcn(), id="other"))
    foreign = read_record(SAMPLE, rules=other)
    replaced = foreign.replace(group="TCAP2", rules=other)
    assert (replaced.framework, replaced.group, replaced.rules) == ("other", "TCAP2", None)
    for replace in (Record.replace, msgspec.structs.replace, Record.__replace__):
        with pytest.raises(RecordError, match="is other, and the record can't be held against"):
            replace(foreign, group="TCAP2")
        with pytest.raises(RecordError, match="is crcn, and the record can't be held against"):
            replace(read_record(SAMPLE), group="TCAP2", rules=other)
        with pytest.raises(RecordError, match="is empty"):
            replace(foreign, group="", rules=other)
        assert replace(read_record(SAMPLE), group="TCAP2").framework == "crcn"
        with pytest.raises(TypeError, match="shoe_size"):
            replace(foreign, shoe_size=43)


def test_replaced_values_are_brought_to_their_final_form() -> None:
    replaced = read_record(SAMPLE).replace(levels={"1.1": 0, "2.1": 3}, first_name=" Zoe\u0301 ")
    assert (dict(replaced.levels), replaced.first_name) == ({"2.1": 3}, "Zo\u00e9")
    with pytest.raises(TypeError):
        replaced.levels["1.1"] = 6  # type: ignore[index]
    with pytest.raises(RecordError, match="not a level from 0 to 6"):
        replaced.replace(levels={"1.1": 7})


def test_a_repr_tells_no_person() -> None:
    """Neither in a traceback, nor where a library writes out all that a struct has."""
    record = read_record(SAMPLE)
    assert repr(record) == "<Record P-GVVP6HBM, crcn>"
    assert record.__rich_repr__() == [
        ("verification_code", "P-GVVP6HBM"),
        ("framework", "crcn"),
    ]
    assert repr(crcn()) == "<Framework crcn: 16 competences, 8 levels>"


# The JSON Schema

VALIDATOR = Draft202012Validator(schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)


def test_schema_is_a_valid_schema_of_2020_12() -> None:
    """And it is JSON, with every field of a record in it."""
    found = json.loads(json.dumps(schema()))
    assert found == schema()
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(found)
    assert list(found["properties"]) == list(FIELDS)
    assert sorted(found["required"]) == sorted(REQUIRED)
    assert list(found["properties"]["levels"]["properties"]) == ALL_COMPETENCES


def test_schema_may_be_asked_for_by_name() -> None:
    """As on the command line."""
    assert schema("digcomp") == schema(read_framework("digcomp")) != schema()


def test_schema_is_that_of_the_framework(tmp_path: Path) -> None:
    """Competences and the highest score follow the framework."""
    found = schema(small_framework(tmp_path))["properties"]
    assert list(found["levels"]["properties"]) == ["A1", "A2"]
    assert found["score"]["maximum"] % (2 * 10) == 0


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        *(raw_without(name) for name in REQUIRED),
        *(raw(**{name: 12}) for name in TEXTS),
        *(raw(**{name: ""}) for name in TEXTS),
        raw(birth_date="12/01/2003"),
        raw(birth_date="2003-02-29"),
        raw(delivered_on=None),
        raw(verification_code=12),
        raw(score=-1),
        raw(score=8 * 16 * 8 + 1),
        raw(score=1.5),
        raw(score=True),
        raw(max_level=0),
        raw(max_level=9),
        raw(levels={"1.1": 9}),
        raw(levels={"1.1": "2"}),
        raw(levels={"3,2": 2}),
        raw(levels=[]),
        raw(shoe_size=43),
    ],
)
def test_schema_refuses_what_the_reader_refuses(value: object) -> None:
    """An editor that knows the schema finds the mistake before pixattest does."""
    refused(value)
    assert not VALIDATOR.is_valid(value)


def _text(longest: int = 40) -> st.SearchStrategy[str]:
    """Texts that a reader accepts: composed or decomposed, with space around or without."""
    letters = st.characters(categories=["Lu", "Ll", "Nd"], max_codepoint=0x24FF)
    words = st.text(letters | st.sampled_from("'-’. "), min_size=1, max_size=longest)
    return (
        words.filter(lambda text: any(c.isalnum() for c in text))
        .filter(lambda text: len(unicodedata.normalize("NFC", text.strip())) <= 120)
        .flatmap(
            lambda text: st.sampled_from(
                [text, unicodedata.normalize("NFD", text), f" {text}", f"{text}\u00a0"]
            )
        )
    )


def _whole(most: int, least: int = 0) -> st.SearchStrategy[int | float]:
    numbers = st.integers(least, most)
    return numbers | numbers.map(float)


@st.composite
def valid_records(draw: st.DrawFn) -> dict[str, Any]:
    """Raw records that break no rule."""
    top = draw(st.integers(1, 8))
    delivered = draw(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
    born = draw(st.dates(date(1900, 1, 1), date(1989, 12, 31)))
    first = draw(st.sampled_from(ALL_COMPETENCES))
    level = st.none() | _whole(top)
    levels = draw(st.dictionaries(st.sampled_from(ALL_COMPETENCES), level, max_size=16))
    levels[first] = draw(_whole(top, least=1))
    record: dict[str, Any] = {
        "first_name": draw(_text()),
        "last_name": draw(_text(120)),
        "birth_date": born.isoformat(),
        "centre": draw(_text()),
        "delivered_on": delivered.isoformat(),
        "verification_code": draw(st.from_regex(r"[Pp]-[A-Za-z0-9]{8}", fullmatch=True)),
        "max_level": draw(st.sampled_from([top, float(top)])),
        "levels": levels,
    }
    optional = {"birth_place": _text(), "group": _text(), "score": _whole(128 * top)}
    for name, values in optional.items():
        if draw(st.booleans()):
            record[name] = draw(st.none() | values)
    return record


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -1, 0, 1, 6, 8, 9])
    | st.floats()
    | st.text(st.characters(exclude_categories=()))
    | st.sampled_from(["2024-02-09", "2000-02-29", "P-GVVP6HBM", "3.2", " ", "\u202e"])
)
KEYS = (
    st.text(st.characters(exclude_categories=()), max_size=30)
    | st.sampled_from([*FIELDS, "firstname", "3,2"])
    | st.sampled_from(ALL_COMPETENCES)
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.slow
@given(valid_records())
@example(raw(first_name="e\u0301" * 120))
@example(raw(first_name=" " * 100 + "Camille" + " " * 100))
def test_valid_record_is_accepted_by_reader_and_schema(value: dict[str, Any]) -> None:
    """Whatever keeps the rules is read, and the schema agrees."""
    read_record(value)
    VALIDATOR.validate(value)


@given(valid_records(), st.dictionaries(st.sampled_from([*FIELDS]), ANYTHING, max_size=2))
@settings(max_examples=2 * settings.default.max_examples)
def test_schema_accepts_what_the_reader_accepts(
    value: dict[str, Any], changes: dict[str, Any]
) -> None:
    """Near-valid records too: the schema is never stricter than the reader."""
    if changes.get("verification_code", "") is None:
        changes["verification_code"] = "P-GVVP6HBM"
    value |= changes
    try:
        read_record(value)
    except RecordError:
        return
    VALIDATOR.validate(value)


@given(valid_records())
@settings(max_examples=settings.default.max_examples // 2)
def test_reading_a_record_again_changes_nothing(value: dict[str, Any]) -> None:
    """What a record says of itself reads as the same record."""
    record = read_record(value)
    said = {name: getattr(record, name) for name in FIELDS}
    said |= {"levels": dict(record.levels), "extra": dict(record.extra)}
    said = json.loads(json.dumps(said, default=date.isoformat))
    assert read_record(said) == record


RECORDS_OF_ANYTHING = st.fixed_dictionaries(
    {},
    optional={name: ANYTHING | st.just(SAMPLE.get(name)) for name in FIELDS}
    | {"levels": st.dictionaries(KEYS, SCALARS, max_size=5), "firstname": ANYTHING},
)


@given(ANYTHING | RECORDS_OF_ANYTHING, st.booleans())
@settings(max_examples=5 * settings.default.max_examples)
def test_whatever_comes_in_only_typed_errors_come_out(value: object, new_codes: bool) -> None:
    """Any JSON becomes a valid record, or an error that says where, what and how to mend it."""
    record, error = None, None
    try:
        record = read_record(value, source="any.json", row=1, new_codes=new_codes)
    except PixattestError as refusal:
        error = refusal
    if record:
        assert isinstance(value, Mapping)
        assert record.levels
        assert all(1 <= level <= record.max_level <= 8 for level in record.levels.values())
        assert record.birth_date < record.delivered_on
        return
    assert isinstance(error, RecordError)
    assert error.faults
    assert len(str(error).split("\n")) == len(error.faults)
    for fault in error.faults:
        assert (fault.source, fault.row) == ("any.json", 1)
        assert fault.problem
        assert fault.hint
        assert str(fault).isprintable()


def test_a_record_goes_back_to_the_mapping_it_came_from() -> None:
    """What `as_mapping` gives is JSON, and reads as the same record."""
    record = read_record(raw(score=None))
    assert read_record(json.loads(json.dumps(record.as_mapping()))) == record
