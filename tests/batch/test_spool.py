"""Rows in, records out: by class, in order, as they were, in little memory."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import msgspec
import pytest

from pixattest import Fault, OutputError, Rules, read_record
from pixattest.batch.rows import Counts, Origin
from pixattest.batch.spool import Spool
from pixattest.model.framework import crcn

from .conftest import person, spool_of

PEOPLE = ("T10 Zola Zoé", "T2 Martin Hugo", "- Abel Ali", "T2 Écalle Anaïs", "T10 Eber Ève")


def test_classes_stand_in_their_order(tmp_path: Path) -> None:
    """T2 before T10, who has none at the end; with the number of their records."""
    found = spool_of(tmp_path, *PEOPLE).classes()
    assert [(one.name, one.size) for one in found] == [("T2", 2), ("T10", 2), (None, 1)]


def test_records_come_back_in_order_and_as_they_were(tmp_path: Path) -> None:
    """Class after class; equal to what was put in, to another process too."""
    spool = spool_of(tmp_path, *PEOPLE)
    other = Spool(spool.database.path, new=False)
    for reader in (spool, other):
        found = [*reader.records(one.id for one in spool.classes())]
        assert [stored.id for stored in found] == [3, 1, 4, 0, 2]
        assert [stored.record for stored in found] == [person(PEOPLE[i]) for i in (3, 1, 4, 0, 2)]


def test_records_come_back_with_their_framework(tmp_path: Path) -> None:
    """Which no field of them says."""
    rules = Rules.of(msgspec.structs.replace(crcn(), id="other"))
    spool = Spool(tmp_path / "rows", new=True)
    record = read_record(person("A M H").as_mapping(), rules=rules)
    spool.add(Origin(0, 1, 1), record)
    spool.finish()
    ((_, found, _),) = spool.records([0])
    assert found == record
    assert found.framework == "other"


def test_the_frozen_form_tells_a_change(tmp_path: Path) -> None:
    """Same records, same bytes; another first name, others."""
    frozen = [
        stored.frozen for stored in spool_of(tmp_path, "A M H", "A M H", "A M J").records([0])
    ]
    assert frozen[0] == frozen[1] != frozen[2]


def test_pages_are_those_of_the_whole_batch(tmp_path: Path) -> None:
    """Counted through all classes from 1; the others stay, unwanted."""
    spool = spool_of(tmp_path, *PEOPLE)
    spool.keep_pages((range(2, 3), range(4, 6)))
    found = [stored.id for stored in spool.records(one.id for one in spool.classes())]
    assert found == [1, 0, 2]
    assert spool.count() == Counts(5, 3, 0, 0, 2)


def test_rows_that_are_not_printed_are_kept_with_their_reason(tmp_path: Path) -> None:
    """Between the records, with what is wrong with them, in the order of reading."""
    spool = Spool(tmp_path / "rows", new=True)
    fault = Fault("last_name", "", "is empty", "Fill it in.", "a.csv", 1)
    spool.set_aside(Origin(0, 1, 2), "Zoé", None, [fault])
    spool.add(Origin(0, 2, 3), person("T2 Martin Hugo"))
    spool.set_aside(Origin(1, 1, 2), "Ali Abel", "it is void")
    spool.finish()
    assert spool.count() == Counts(3, 1, 1, 1, 0)
    (faulty,) = spool.asides(faulty=True)
    assert (faulty.id, faulty.who, faulty.faults) == (0, "Zoé", (fault,))
    assert [aside.reason for aside in spool.asides(faulty=False)] == ["it is void"]
    assert [*spool.asides(1, faulty=True)] == []
    spool.place([(1, "T2.pdf", 1)])
    listed = [*spool.listed()]
    assert [row.origin for row in listed] == [(0, 1, 2), (0, 2, 3), (1, 1, 2)]
    assert [row.file for row in listed] == [None, "T2.pdf", None]


def test_a_record_that_no_page_can_hold_is_set_aside(tmp_path: Path) -> None:
    """Its faults say where it stands."""
    spool = spool_of(tmp_path, *PEOPLE)
    spool.refuse(3, [Fault("first_name", "漢", "has no glyph", "Change it.")], ["a.csv"])
    (aside,) = spool.asides(faulty=True)
    assert (aside.faults[0].source, aside.faults[0].row) == ("a.csv", 4)
    assert aside.who == "Anaïs Écalle"
    assert spool.count() == Counts(5, 4, 0, 1, 0)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    """Writing, and reading back in order, holds a few rows at a time."""

    def peak(name: str, count: int) -> int:
        record = person("T2 Martin Hugo")
        tracemalloc.reset_peak()
        spool = Spool(tmp_path / name, new=True)
        for row in range(count):
            spool.add(Origin(0, row, row), record)
        spool.finish()
        assert sum(1 for _ in spool.records([0])) == count
        spool.close()
        return tracemalloc.get_traced_memory()[1]

    tracemalloc.start()
    try:
        peak("warm", 2000)
        few, many = peak("few", 2000), peak("many", 12_000)
    finally:
        tracemalloc.stop()
    assert many < 1.2 * few


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """As an error with a hint, not the database's own."""
    with pytest.raises(OutputError, match="can't keep the rows"):
        Spool(tmp_path / "nowhere" / "rows", new=True)
