"""Record → the bytes it is sorted by: class, last name, first name, as a French speaker looks."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyuca import Collator

from pixattest.batch import order
from pixattest.batch.order import letters, particles_of, sort_key, words
from pixattest.model.record import Record, read_record

NAMES = st.text(st.sampled_from("aàeéœæßøłıİzAÉZ0129 -'’ʼ\u0301"), min_size=1, max_size=8).filter(
    lambda text: any(c.isalnum() for c in text)
)


@pytest.fixture
def person(example: Mapping[str, Any]) -> Any:
    """Makes the example's record under another name, class, birth date or code."""

    def make(last: str = "Martin", first: str = "Camille", **other: Any) -> Record:
        return read_record({**example, "last_name": last, "first_name": first, **other})

    return make


def in_order(records: list[Record], particles: Iterable[str] = ()) -> list[Record]:
    rows = list(enumerate(records))
    random.Random(4).shuffle(rows)
    late = particles_of(particles)
    rows.sort(key=lambda row: sort_key(row[1], row[0], particles=late))
    return [record for _, record in rows]


@pytest.mark.parametrize(
    "classes",
    [
        ["3eA", "3eB", "3eJ"],
        ["T1", "T2", "T02", "T3", "T10"],
        ["6e 1", "6e 2", "6e 10"],
        ["2nde 9", "10e", "CAP1", "TCAP1", "TCAP2"],
        ["1ère 3", "1ERE 4"],
        ["3e B", "3eb", "3eB", None],
    ],
)
def test_classes_stand_in_natural_order(person: Any, classes: list[str | None]) -> None:
    found = in_order([person(group=name) for name in classes])
    assert [record.group for record in found] == classes


def test_classes_that_look_alike_do_not_mix(person: Any) -> None:
    """Each class is in one piece, though 3eB, 3e B and 3eb have the same letters."""
    classes = ["3eB", "3e B", "3eb", "3e-B"]
    found = in_order([person(last, group=name) for last in "ABC" for name in classes])
    kept = list(dict.fromkeys(record.group for record in found))
    assert [record.group for record in found] == [name for name in kept for _ in "ABC"]


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(["Eber", "Écalle", "Étienne", "Evrard"], id="É with E"),
        pytest.param(["Odon", "Œdipe", "Oeuvrard", "Ofer"], id="œ as oe"),
        pytest.param(["Strasser", "Straßer", "Strast"], id="ß as ss"),
        pytest.param(["Dalma", "D'Almeida", "Dalmeida", "Dalton"], id="apostrophe"),
        pytest.param(["Lefèvre", "Legac", "Le Goff", "Legoff", "Legrand"], id="article"),
        pytest.param(["De La Tour", "Delattre", "De Souza", "Detour"], id="particle"),
        pytest.param(["Jean-Marie", "Jeanne", "Jean-Pierre"], id="hyphen"),
        pytest.param(["Martin", "Martin-Dupont", "Martine", "Martin Zola"], id="compound"),
        pytest.param(["Bjorn", "Bjørn", "Bjorne"], id="Nordic"),
        pytest.param(["Ilgaz", "İnan", "Iris"], id="Turkish"),
        pytest.param(["le goff", "Le Goff", "LE GOFF", "legoff"], id="case last"),
        pytest.param(
            [
                "Zola",
                "Żółć",
                "Παπαδοπούλου",
                "Иванов",
                "Հակոբյան",
                "לוי",
                "محمد",
                "शर्मा",
                "ไทย",
                "王",
            ],
            id="other scripts",
        ),
    ],
)
def test_names_stand_as_a_french_speaker_sorts(person: Any, names: list[str]) -> None:
    assert [record.last_name for record in in_order([person(name) for name in names])] == names


DUTCH = ["van den", "van der", "van de", "van", "de", "den", "ten", "'t", "in 't", "d'"]


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(["Berg", "van den Berg", "van Bergen", "Bergman"], id="name first"),
        pytest.param(["Heuvel", "van Heuvel", "van den Heuvel", "Heuvelink"], id="then particle"),
        pytest.param(["’t Hart", "d’Hondt", "de Hoop", "VAN HOORN", "Huls"], id="written"),
        pytest.param(["van De", "Van", "de Van"], id="nothing else"),
        pytest.param(["ter Veld", "in 't Veld", "Vermeer", "van Wijk"], id="unlisted"),
    ],
)
def test_particles_of_an_issuer_count_after_the_last_name(person: Any, names: list[str]) -> None:
    """In any case, with any apostrophe; not what is not listed, nor a name of nothing else."""
    assert [r.last_name for r in in_order([person(name) for name in names], DUTCH)] == names


def test_particles_weigh_more_than_the_first_name(person: Any) -> None:
    people = [("Berg", "Zoë"), ("van den Berg", "Anne"), ("van den Berg", "Bram")]
    found = in_order([person(last, first) for last, first in people], DUTCH)
    assert [(record.last_name, record.first_name) for record in found] == people


def test_first_name_weighs_more_than_an_accent_or_capitals_in_the_last(person: Any) -> None:
    people = [("LEFEVRE", "Anne"), ("Lefèvre", "Bruno"), ("lefevre", "Chloé"), ("Lefèvre", "Zoé")]
    found = in_order([person(last, first) for last, first in people])
    assert [(record.last_name, record.first_name) for record in found] == people


def test_shorter_last_name_stands_before_a_longer_one(person: Any) -> None:
    """Whatever the first names: the last name ends before they count."""
    people = [("Le", "Zoé"), ("Lea", "Anne"), ("Leaz", "Anne")]
    found = in_order([person(last, first) for last, first in people])
    assert [record.last_name for record in found] == ["Le", "Lea", "Leaz"]


def test_homonyms_stand_by_birth_date_then_code_then_row(person: Any) -> None:
    old = person(birth_date="2005-12-31", verification_code="P-ZZZZZZZZ")
    young = person(birth_date="2006-01-01", verification_code="P-22222222")
    younger = person(birth_date="2006-01-01", verification_code="P-33333333")
    assert in_order([younger, young, old]) == [old, young, younger]
    assert sort_key(old, 2) < sort_key(old, 10) < sort_key(old, 70_000)


def bare(last: str, first: str) -> Any:
    """What the order asks of a record, with names that no page would take."""
    return SimpleNamespace(
        last_name=last,
        first_name=first,
        group=None,
        birth_date=date(2006, 1, 1),
        verification_code="P-22222222",
    )


@given(st.lists(st.tuples(NAMES, NAMES), min_size=2, max_size=12))
def test_database_sorts_as_python_does(names: list[tuple[str, str]]) -> None:
    """The keys are compared byte by byte in a BLOB column; letters come first in either."""
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE batch (key BLOB PRIMARY KEY) WITHOUT ROWID")
        keys = [sort_key(bare(last, first), row) for row, (last, first) in enumerate(names)]
        database.executemany("INSERT INTO batch VALUES (?)", [(key,) for key in keys])
        found = [key for (key,) in database.execute("SELECT key FROM batch ORDER BY key")]
    database.close()
    assert found == sorted(keys)
    rows = [int.from_bytes(key[-8:], "big") for key in found]
    spelt = [tuple(map(letters, names[row])) for row in rows]
    assert spelt == sorted(spelt)


@pytest.mark.parametrize(
    "texts",
    [
        ["D'Almeida", "D’ALMEIDA", "d almeida", "Dalmeida", "DʼAlmeida"],
        ["Éléonore", "E\u0301le\u0301onore", "ELEONORE"],
        ["Jean-Pierre", "JEAN PIERRE", "jean\u2011pierre", "Jean\xa0Pierre"],
        ["Œdipe", "OEDIPE"],
        ["Straße", "STRASSE"],
    ],
)
def test_texts_that_sound_alike_have_the_same_letters(texts: list[str]) -> None:
    assert len(set(map(letters, texts))) == 1


def test_letters_of_other_names_differ() -> None:
    assert len(set(map(letters, ["Dupont", "Dupond", "Dupon", "Dupont2", ""]))) == 5


def test_vowel_signs_belong_to_their_word() -> None:
    """Marks are no punctuation: a Hindi name is not torn apart."""
    assert words("नरेन्द्र O'Brien-Smith_2") == ["नरेन्द्र", "O", "Brien", "Smith", "2"]


@pytest.fixture(scope="module")
def whole_table() -> Collator:
    """What has read all of the table."""
    return Collator()


@pytest.mark.parametrize("base", ["", "e", "L", "Ø", "ʘ", "λ", "ж"])
def test_usual_texts_have_the_weights_of_the_whole_table(whole_table: Collator, base: str) -> None:
    """Every Latin, Greek and Cyrillic letter and accent, after another and before some."""
    for point in range(0x500):
        for text in (base + chr(point), chr(point) + base + "\u0327\u0301·"):
            assert order._collated(text) == whole_table.sort_key(text)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=8))
@example("Vũ Thị Ngọc")
@example("Ǆ ŀ ŉ ǅ ﬁ Ａ K Å")
@example("á\u0374\u0345")
def test_any_text_has_the_weights_of_the_whole_table(whole_table: Collator, text: str) -> None:
    assert order._collated(text) == whole_table.sort_key(text)


def test_usual_texts_need_no_other_rows(whole_table: Collator) -> None:
    """The table takes longer to read than a class to print."""
    assert order._collator(whole=False).sort_key("ש") != whole_table.sort_key("ש")
