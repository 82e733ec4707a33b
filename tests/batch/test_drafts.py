"""Drafts of a batch: who is asked together, and what a ledger said."""

from __future__ import annotations

from pathlib import Path

import pytest

from pixattest import Fault
from pixattest.batch.drafts import Drafts
from pixattest.batch.rows import Origin
from pixattest.batch.spool import Spool
from pixattest.ledger import Issued

from .conftest import person

CODES = ("P-GVVP6HBB", "P-GVVP6HBC", "P-GVVP6HBD", "P-GVVP6HBF", "P-GVVP6HBG")


def drafts_of(folder: Path, *rows: tuple[str, int, bool]) -> tuple[Spool, Drafts]:
    """Drafts of records by key, index of the code, and whether it was drawn."""
    spool = Spool(folder / "rows", new=True)
    for number, (key, code, drawn) in enumerate(rows, 1):
        record = person(f"T1 Nom{number} Ada", CODES[code])
        spool.add(Origin(0, number, number), record, drawn=drawn, key=key)
    spool.finish()
    return spool, Drafts(spool)


def turns(drafts: Drafts, most: int) -> list[list[int]]:
    return [[one.id for one in asked] for asked in drafts.asked(most)]


def test_rows_of_one_key_are_asked_together_and_others_at_most_so_many(tmp_path: Path) -> None:
    rows = (("b", 1, False), ("a", 0, False), ("c", 2, False), ("c", 2, False), ("d", 3, False))
    _, drafts = drafts_of(tmp_path, *rows)
    assert turns(drafts, 1) == [[1], [0], [2, 3], [4]]
    assert turns(drafts, 2) == [[1, 0], [2, 3], [4]]
    assert turns(drafts, 3) == [[1, 0, 2, 3], [4]]
    assert turns(drafts, 5) == [[1, 0, 2, 3, 4]]


@pytest.mark.parametrize(
    "tangled",
    [
        pytest.param((("y", 0, False), ("z", 0, False)), id="one code, two keys"),
        pytest.param((("z", 0, False), ("z", 4, False)), id="one key, two codes"),
        pytest.param((("z", 0, False), ("z", 4, True)), id="one key, a code and none"),
    ],
)
def test_rows_that_may_contradict_each_other_come_first_and_together(
    tmp_path: Path, tangled: tuple[tuple[str, int, bool], ...]
) -> None:
    _, drafts = drafts_of(tmp_path, ("a", 1, False), *tangled, ("b", 2, True))
    assert turns(drafts, 1) == [[1, 2], [0], [3]]


@pytest.mark.parametrize(
    ("drawn", "both"),
    [((), False), ((0,), True), ((0, 1), True), ((0, 1, 2), False)],
)
def test_it_is_known_whether_only_some_codes_were_drawn(
    tmp_path: Path, drawn: tuple[int, ...], both: bool
) -> None:
    rows = ((str(number), number, number in drawn) for number in range(3))
    _, drafts = drafts_of(tmp_path, *rows)
    assert drafts.has_both() is both
    assert [[one.id for one in asked] for asked in drafts.drawn(2)] == [
        [*drawn[at : at + 2]] for at in range(0, len(drawn), 2)
    ]


def test_no_draft_has_no_codes(tmp_path: Path) -> None:
    _, drafts = drafts_of(tmp_path)
    assert not drafts.has_both()
    assert drafts.states() == {}
    assert turns(drafts, 1) == []


def test_what_the_ledger_said_is_kept(tmp_path: Path) -> None:
    """The code of who is issued or revoked; none of a drawn one in conflict."""
    rows = [(str(number), number, True) for number in range(4)]
    spool, drafts = drafts_of(tmp_path, *rows)
    (asked,) = drafts.asked(9)
    fault = Fault("verification_code", None, "is taken", "Give another.")
    said = (
        Issued(person("T1 Neu Ada", CODES[4]), 1, "new"),
        Issued(asked[1].record, 3, "corrected"),
        Issued(asked[2].record, 2, "revoked", fault),
        Issued(asked[3].record, 0, "conflict", fault),
    )
    drafts.issue(zip(asked, said, strict=True))
    assert drafts.states() == {"new": 1, "corrected": 1, "revoked": 1, "conflict": 1}
    assert drafts.revisions([1, 0]) == [(CODES[1], 3), (CODES[4], 1)]
    assert [(origin.row, record, revision) for origin, record, revision in drafts.corrected()] == [
        (2, asked[1].record, 3)
    ]
    spool.place([])
    assert [(row.code, row.state) for row in spool.listed()] == [
        (CODES[4], "new"),
        (CODES[1], "corrected"),
        (CODES[2], "revoked"),
        (None, "conflict"),
    ]
    names = {stored.record.last_name for stored in spool.records([0])}
    assert names == {"Neu", "Nom2", "Nom3", "Nom4"}
