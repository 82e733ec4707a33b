"""Folder + wanted name → a file name that Windows, macOS, Linux and ZIP all take, given once."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixattest.batch.names import LONGEST, Names

DEVICES = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"} | {
    device + number for device in ("COM", "LPT") for number in "0123456789¹²³"
}
TROUBLE = 'aAéÉe\u0301ßsſSıiIİK\u212aﬁ<>:"/\\|?*~\x00\n.- ()2\u200d\u202e_😀'
WANTED = st.text(max_size=200) | st.text(st.sampled_from(TROUBLE), max_size=6)
MARKS = st.none() | st.text(max_size=8)


def caseless(name: str) -> str:
    """The Unicode Standard's canonical caseless matching, D145."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", name).casefold())


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("TCAP1", "TCAP1.pdf"),
        ("MARTIN Camille", "MARTIN Camille.pdf"),
        ("Ó Súilleabháin Œdipe", "Ó Súilleabháin Œdipe.pdf"),
        ("D'Almeida Jean-Noël", "D'Almeida Jean-Noël.pdf"),
        ("E\u0301tienne", "Étienne.pdf"),
        ("3e/B : groupe 1?", "3e-B - groupe 1-.pdf"),
        ("  6e \u00a0 1\t ", "6e 1.pdf"),
        ("M. Martin Jr.", "M. Martin Jr.pdf"),
        ("..hidden", "hidden.pdf"),
        ("--option", "option.pdf"),
        ("con", "_con.pdf"),
        ("COM¹.x", "_COM¹.x.pdf"),
        ("Nul .", "_Nul.pdf"),
        ("Conrad", "Conrad.pdf"),
        ("MARTIN~1", "MARTIN-1.pdf"),
        ("a\u202eb\u200dc\ue000", "abc.pdf"),
        ("...", "_.pdf"),
        ("", "_.pdf"),
    ],
)
def test_name_is_legible_and_legal(wanted: str, name: str) -> None:
    assert Names().give("", wanted) == name


def test_folder_has_no_suffix_and_no_final_point() -> None:
    assert Names().give("", "2nde gr. A.", suffix="") == "2nde gr. A"
    assert Names().give("", "aux", suffix="") == "_aux"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Martin Camille", "Martin Camille"),
        ("MARTIN Camille", "Martin CAMILLE"),
        ("Étienne", "E\u0301tienne"),
        ("3e/B", "3e:B"),
        ("3e B", "3e  B."),
        ("Straße", "STRASSE"),
        ("Straße", "STRAẞE"),
        ("Ilgaz", "ılgaz"),
    ],
)
def test_names_that_some_system_takes_for_one_get_two_files(first: str, second: str) -> None:
    names = Names()
    names.give("", first)
    assert names.give("", second).endswith(" (2).pdf")
    assert " (2)" not in names.give("", second, suffix=".zip")
    assert " (2)" not in names.give("other", second)


def test_homonym_bears_its_code() -> None:
    names = Names()
    assert names.give("3eB", "MARTIN Camille", mark="P-22222222") == "MARTIN Camille.pdf"
    second = names.give("3eB", "Martin Camille", mark="P-33333333")
    assert second == "Martin Camille (P-33333333).pdf"


def test_homonym_without_a_code_bears_a_number() -> None:
    names = Names()
    assert [names.give("", "TCAP1") for _ in range(3)] == [
        "TCAP1.pdf",
        "TCAP1 (2).pdf",
        "TCAP1 (3).pdf",
    ]


def test_same_code_twice_still_gets_two_files() -> None:
    names = Names()
    given = [names.give("", "MARTIN Camille", mark="P-22222222") for _ in range(3)]
    assert given[1:] == ["MARTIN Camille (P-22222222).pdf", "MARTIN Camille (P-22222222) (2).pdf"]


def test_announced_homonyms_all_bear_their_code_in_any_order() -> None:
    """So a file's name does not pass to another person when a third one is added before them."""
    people = [("MARTIN Camille", "P-22222222"), ("Martin Camille", "P-33333333")]

    def files(batch: list[tuple[str, str]]) -> dict[str, str]:
        names = Names()
        for wanted, _ in batch:
            names.expect("3eB", wanted)
        return {code: names.give("3eB", wanted, mark=code) for wanted, code in batch}

    alone = files([*people, ("DURAND Zoé", "P-44444444")])
    assert alone["P-22222222"] == "MARTIN Camille (P-22222222).pdf"
    assert alone["P-33333333"] == "Martin Camille (P-33333333).pdf"
    assert alone["P-44444444"] == "DURAND Zoé.pdf"
    later = files([("martin camille", "P-66666666"), *reversed(people)])
    assert alone.items() & later.items() == {(code, alone[code]) for _, code in people}


@pytest.mark.parametrize("letter", ["n", "é", "ễ", "漢", "😀"])
def test_long_names_are_cut_and_keep_what_tells_them_apart(letter: str, tmp_path: Path) -> None:
    names = Names()
    given = [names.give("", letter * 240, mark=f"P-{n}") for n in (1, 2)]
    given += [names.give("", letter * 240 + "z", mark="x" * 300)]
    assert given[1].endswith(f"{letter} (P-2).pdf")
    for name in given:
        assert LONGEST - 8 < len(name.encode()) <= LONGEST
        (tmp_path / name).touch()
    assert len(list(tmp_path.iterdir())) == 3


@given(st.lists(st.tuples(st.sampled_from(["", "a", "A"]), WANTED, MARKS), max_size=12))
def test_every_name_is_legal_and_none_is_given_twice(
    asked: list[tuple[str, str, str | None]],
) -> None:
    names = Names()
    given = []
    for folder, wanted, mark in asked:
        name = names.give(folder, wanted, mark=mark)
        given.append((caseless(folder), caseless(name)))
        assert name == unicodedata.normalize("NFC", name)
        assert len(name.encode()) <= LONGEST
        assert not set(name) & set('<>:"/\\|?*~')
        assert all(unicodedata.category(c)[0] != "C" for c in name)
        stem = name.removesuffix(".pdf")
        assert stem == stem.strip()
        assert stem[0] not in ".-"
        assert not stem.endswith(".")
        assert name.split(".")[0].rstrip(" ").upper() not in DEVICES
    assert len(set(given)) == len(given)


@given(st.lists(WANTED, max_size=8))
def test_same_names_in_the_same_order_get_the_same_files(asked: list[str]) -> None:
    first, second = Names(), Names()
    assert [first.give("", name) for name in asked] == [second.give("", name) for name in asked]
