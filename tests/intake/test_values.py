"""Text of a cell → date, level, score; or what is wrong with it and how to mend it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixattest.intake.values import (
    Known,
    MisreadError,
    read_date,
    read_level,
    read_result,
    read_whole,
)


@given(st.dates(min_value=date(1000, 1, 1)))
def test_a_date_is_read_in_either_form(day: date) -> None:
    assert read_date(day.isoformat()) == day
    for written in ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"):
        assert read_date(day.strftime(written)) == day


@pytest.mark.parametrize("text", ["3-11-1990", "03-11-1990", "3/11/1990", "3.11.1990"])
def test_a_day_may_have_one_figure(text: str) -> None:
    assert read_date(text) == date(1990, 11, 3)


@pytest.mark.parametrize("text", ["2/3/1991", "2-03-1991", "02.3.1991"])
def test_a_month_may_have_one_figure_and_is_the_second(text: str) -> None:
    assert read_date(text) == date(1991, 3, 2)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("01/02/03", "'01/02/03' can be read as several days, for its year has two digits"),
        ("1.2.10", "'1.2.10' can be read as several days, for its year has two digits"),
        ("01.02-2010", "'01.02-2010' is not a date in a form that is known"),
        ("3/4-2010", "'3/4-2010' is not a date in a form that is known"),
        ("003/4/2010", "'003/4/2010' is not a date in a form that is known"),
        ("2010-4-3", "'2010-4-3' is not a date in a form that is known"),
        ("2010/04/03", "'2010/04/03' is not a date in a form that is known"),
        ("12 mai 2010", "'12 mai 2010' is not a date in a form that is known"),
        ("2010-04-03T10:00", "'2010-04-03T10:00' is not a date in a form that is known"),
        ("38219", "'38219' is a number, not a date"),
        ("38219.5", "'38219.5' is a number, not a date"),
        ("٠٣/٠٤/٢٠١٠", "'٠٣/٠٤/٢٠١٠' is not a date in a form that is known"),
    ],
)
def test_another_form_is_refused_with_those_that_are_read(text: str, problem: str) -> None:
    """None is guessed."""
    with pytest.raises(MisreadError) as caught:
        read_date(text)
    assert caught.value.problem == problem
    assert "Write it as 09/02/2024, 9-2-2024 or 9.2.2024 (day, month, year)" in caught.value.hint


@pytest.mark.parametrize("text", ["31/02/2010", "00/01/2010", "32/13/2010", "2010-13-01"])
def test_a_day_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(MisreadError, match="is not a day of the calendar"):
        read_date(text)


@pytest.mark.parametrize("text", ["02/13/2010", "2/13/2010"])
def test_a_month_first_is_recognised_and_casts_doubt_on_the_others(text: str) -> None:
    with pytest.raises(MisreadError) as caught:
        read_date(text)
    assert caught.value.problem == f"'{text}' has no month 13: it looks like month/day/year"
    assert "the other dates of the file" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "level"), [("-", None), ("", None), ("0", 0), ("6", 6), ("12", 12)]
)
def test_a_level_is_read(text: str, level: int | None) -> None:
    """Not assessed, not acquired, acquired; whether it is too high is the record's matter."""
    assert read_level(text) == level


@pytest.mark.parametrize("text", ["x", "--", "-1", "2.5", "2,0", "²", "٣", "1 2", "1" * 5000])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    for read in (read_level, read_whole):
        with pytest.raises(MisreadError) as caught:
            read(text)
        assert caught.value.hint


@pytest.mark.parametrize(
    "text", ["266", "266 pix", "266 Pix", "266\u00a0pix", "Novice 1 (266 Pix)", "(266 Pix)"]
)
def test_a_score_is_read_from_the_mixed_column(text: str) -> None:
    assert read_result(text) == 266


@pytest.mark.parametrize("text", ["-", "Novice 1", "pix", "1 2 pix", "(1) (2 Pix)", "-5 pix"])
def test_a_mixed_column_without_score_is_refused(text: str) -> None:
    with pytest.raises(MisreadError, match="has no number of pix"):
        read_result(text)


def test_a_known_text_is_read_once_and_a_refused_one_each_time() -> None:
    read: list[str] = []

    def note(text: str) -> int:
        read.append(text)
        return int(text)

    known = Known(note)
    assert [known[" 7"], known[" 7"]] == [7, 7]
    for _ in range(2):
        with pytest.raises(ValueError, match="invalid literal"):
            known["x"]
    assert read == ["7", "x", "x"]
