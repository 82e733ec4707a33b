"""`--only` and `--pages` → whether a record or a page is to be printed, or what is wrong there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixattest.batch.selection import Selection
from pixattest.errors import SelectionError
from pixattest.model.pages import Pages

PEOPLE = [
    ("DUPONT", "Camille", "P-22222222"),
    ("Dupont", "Zoé", "P-33333333"),
    ("Dupont-Martin", "Camille", "P-44444444"),
    ("D'Almeida", "Jean-Noël", "P-GVVP6HBM"),
    ("Le Goff", "Œdipe", "P-66666666"),
    ("Camille", "Hugo", "P-77777777"),
]


def selected(*wanted: str) -> list[str]:
    """The codes of those who are selected."""
    selection = Selection(wanted)
    codes = [code for last, first, code in PEOPLE if selection.selects(last, first, code)]
    selection.refuse_missing(PEOPLE)
    return codes


@pytest.mark.parametrize(
    ("wanted", "codes"),
    [
        ("DUPONT Camille", ["P-22222222"]),
        ("Camille Dupont", ["P-22222222"]),
        ("dupont  camille ", ["P-22222222"]),
        ("Dupont", ["P-22222222", "P-33333333"]),
        ("DUPONT ZOE", ["P-33333333"]),
        ("dupont martin camille", ["P-44444444"]),
        ("d’almeida jean noel", ["P-GVVP6HBM"]),
        ("Dalmeida", ["P-GVVP6HBM"]),
        ("Oedipe LEGOFF", ["P-66666666"]),
        ("Camille", ["P-77777777"]),
        ("P-GVVP6HBM", ["P-GVVP6HBM"]),
        (" p-gvvp6hbm", ["P-GVVP6HBM"]),
    ],
)
def test_person_is_found_by_name_or_code(wanted: str, codes: list[str]) -> None:
    assert selected(wanted) == codes


def test_several_are_selected_each_once() -> None:
    """Also when the same person is asked for in two ways."""
    assert selected("Dupont", "Zoé Dupont", "P-33333333", "Le Goff") == [
        "P-22222222",
        "P-33333333",
        "P-66666666",
    ]


@pytest.mark.parametrize(
    ("wanted", "meant"),
    [
        ("Dupond Camile", "DUPONT Camille"),
        ("Camile Dupond", "DUPONT Camille"),
        ("Le Gof", "Le Goff"),
        ("dalmeda jean noel", "D'Almeida Jean-Noël"),
        ("P-GVVP6HBN", "P-GVVP6HBM"),
        ("Goff", "Le Goff"),
        ("Almeda", "D'Almeida"),
        ("Martin", "Dupont-Martin"),
    ],
)
def test_near_miss_is_refused_with_who_may_have_been_meant(wanted: str, meant: str) -> None:
    with pytest.raises(SelectionError) as refused:
        selected(wanted, "Dupont")
    assert str(refused.value) == (
        f'--only: {wanted!r}: no such name or code in the batch. Did you mean "{meant}"?'
    )


def test_all_that_is_missing_is_said_at_once() -> None:
    with pytest.raises(SelectionError) as refused:
        selected("Le Gof", "Dupont", "Nowhere Nobody")
    assert refused.value.problem == "'Le Gof', 'Nowhere Nobody': no such name or code in the batch"
    assert refused.value.hint == "Did you mean \"Le Goff\" for 'Le Gof'?"


def test_name_like_no_other_gets_no_guess() -> None:
    with pytest.raises(SelectionError, match="Check the spelling"):
        selected("Nowhere Nobody")


def test_people_are_read_again_only_when_someone_is_missing() -> None:
    def unread() -> Iterator[tuple[str, str, str]]:
        pytest.fail("read without need")
        yield PEOPLE[0]

    selection = Selection(["Dupont"])
    assert selection.selects(*PEOPLE[0])
    selection.refuse_missing(unread())


@pytest.mark.parametrize("wanted", ["", "  ", "-", "'"])
def test_selector_without_a_letter_is_refused(wanted: str) -> None:
    with pytest.raises(SelectionError, match="neither a name nor a code"):
        Selection(["Dupont", wanted])


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        ("3", [3]),
        ("12-17", [12, 13, 14, 15, 16, 17]),
        ("1-3,8", [1, 2, 3, 8]),
        ("18-", [18, 19, 20]),
        (" 8 , 1 - 3 ", [1, 2, 3, 8]),
        ("1–3", [1, 2, 3]),
        ("2-4,3-5,5,6", [2, 3, 4, 5, 6]),
        ("20", [20]),
        ("7-7", [7]),
    ],
)
def test_pages_are_those_asked_for_ascending(text: str, pages: list[int]) -> None:
    assert [page for span in Pages(text).of(20) for page in span] == pages


def test_pages_that_touch_are_one_range() -> None:
    assert Pages("5,2-4,8").of(20) == (range(2, 6), range(8, 9))


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 10)), min_size=1, max_size=8))
def test_every_page_asked_for_comes_once(asked: list[tuple[int, int]]) -> None:
    text = ",".join(f"{first}-{first + more}" for first, more in asked)
    pages = [page for span in Pages(text).of(40) for page in span]
    wanted = {page for first, more in asked for page in range(first, first + more + 1)}
    assert pages == sorted(wanted)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0", "--pages: there is no page 0. The first page is 1."),
        ("0-3", "--pages: there is no page 0. The first page is 1."),
        ("17-12", "--pages: '17-12' runs backwards. Did you mean 12-17?"),
        ("3-0", "--pages: '3-0' runs backwards. The first page is 1."),
        ("21", "--pages: there is no page 21. The last page is 20."),
        ("18-25", "--pages: there is no page 25. The last page is 20."),
        ("21-", "--pages: there is no page 21. The last page is 20."),
        ("1,25,3", "--pages: there is no page 25. The last page is 20."),
    ],
)
def test_page_that_is_not_there_is_refused(text: str, message: str) -> None:
    with pytest.raises(SelectionError) as refused:
        Pages(text).of(20)
    assert str(refused.value) == message


@pytest.mark.parametrize("text", ["", "a", "1-2-3", "-5", "1,,2", "1,", "1..3", "²", "9" * 5000])
def test_what_is_no_page_is_refused(text: str) -> None:
    with pytest.raises(SelectionError, match="neither a page nor a range of pages"):
        Pages(text)
