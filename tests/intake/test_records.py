"""File of records → its rows, each checked."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pixattest import InputError, Rules, read_record, read_records
from pixattest.model.framework import crcn

RECORD: dict[str, Any] = {
    "first_name": "Camille",
    "last_name": "Martin",
    "birth_date": "2003-01-12",
    "centre": "LP De Bougainville",
    "delivered_on": "2024-02-09",
    "verification_code": "P-GVVP6HBM",
    "levels": {"1.1": 2, "3.2": 1},
}


def lines(*records: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in RECORD.items() if key != name}


def test_rows_come_in_order_each_a_record_or_faults(tmp_path: Path) -> None:
    path = tmp_path / "class.jsonl"
    path.write_bytes(lines(RECORD, RECORD | {"last_name": ""}, RECORD | {"group": "TCAP1"}))
    found = read_records(path)
    assert [(row.row.number, row.row.line, bool(row.record)) for row in found] == [
        (1, 1, True),
        (2, 2, False),
        (3, 3, True),
    ]
    assert found.records == [read_record(RECORD), read_record(RECORD | {"group": "TCAP1"})]
    [fault] = found.faults
    assert (fault.source, fault.row, fault.field) == (str(path), 2, "last_name")
    assert [bool(row.faults) for row in found] == [False, True, False]
    assert (found.name, found.kind, found.notices) == (str(path), "JSON lines", ())
    assert repr(found) == f"<Records of {path}, JSON lines>"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (lines(RECORD, RECORD), "JSON lines"),
        (json.dumps([RECORD, RECORD]).encode(), "JSON"),
        (json.dumps({"records": [RECORD, RECORD]}).encode(), "JSON"),
    ],
)
def test_bytes_are_read_as_a_file_is(data: bytes, kind: str) -> None:
    found = read_records(data)
    assert (found.kind, found.name) == (kind, "records")
    assert found.records == [read_record(RECORD)] * 2
    assert [row.record for row in found] == found.records


def test_the_name_of_bytes_is_in_messages_and_may_hold_the_class() -> None:
    name = "exports/20240209_resultats_TCAP1.csv"
    found = read_records(lines(RECORD, without("levels")), name=name)
    assert found.records[0].group == "TCAP1"
    assert [fault.source for fault in found.faults] == [name]
    with pytest.raises(InputError, match=r"^upload: is empty"):
        read_records(b"", name="upload")
    [row] = read_records(b"[" + json.dumps(RECORD).encode() + b"]\n", name="a.ndjson")
    assert row.faults[0].field == "record"  # a line is an array, and no record


def test_what_is_given_once_fills_rows_that_say_nothing_themselves() -> None:
    own = RECORD | {"max_level": 5}
    bare = without("centre")
    del bare["delivered_on"]
    given: dict[str, Any] = {"delivered_on": date(2024, 3, 1), "centre": "Elsewhere"}
    said, filled = read_records(lines(own, bare), max_level=7, **given).records
    assert (said.centre, said.delivered_on, said.max_level) == (
        *("LP De Bougainville", date(2024, 2, 9)),
        5,
    )
    assert (filled.centre, filled.delivered_on, filled.max_level) == (
        *("Elsewhere", date(2024, 3, 1)),
        7,
    )


def test_codes_are_taken_from_a_second_file_and_drawn_once(tmp_path: Path) -> None:
    codes = tmp_path / "codes.csv"
    codes.write_text(
        "last_name,first_name,birth_date,verification_code\nMartin,Camille,2003-01-12,P-22222222\n"
    )
    bare = without("verification_code")
    data = lines(bare, bare | {"first_name": "Zoé"}, RECORD)
    found = read_records(data, codes=codes, new_codes=True)
    first = [row.record.verification_code for row in found if row.record]
    assert first[0] == "P-22222222"
    assert first[2] == "P-GVVP6HBM"
    assert [row.drawn for row in found] == [False, True, False]
    assert [record.verification_code for record in found.records] == first
    [fault] = read_records(data, codes=codes).faults
    assert (fault.row, fault.field) == (2, "verification_code")


def test_records_are_held_against_the_rules_given() -> None:
    other = Rules.of(msgspec.structs.replace(crcn(), id="other"))
    assert read_records(lines(RECORD), rules=other).records[0].framework == "other"


def test_ignored_keys_are_passed_over() -> None:
    data = lines(RECORD | {"mail": "x"})
    assert [fault.field for fault in read_records(data).faults] == ["mail"]
    assert read_records(data, ignored=["mail"]).records == [read_record(RECORD)]


def test_a_file_without_any_record_is_refused() -> None:
    with pytest.raises(InputError, match="has no record in it"):
        list(read_records(b"[]"))
    with pytest.raises(InputError, match="can't be read"):
        read_records("not-there.csv")


PIX = (
    "Numéro de certification;Prénom;Nom;Date de naissance;Statut;Centre de certification;"
    "Date de passage de la certification;" + ";".join(crcn().competences) + "\n"
)
ROW = "{};Camille;Martin;12/01/2003;{};LP De Bougainville;09/02/2024;" + ";".join(["1"] * 16) + "\n"


def test_rows_of_pix_that_are_not_to_be_printed_say_why() -> None:
    data = PIX + ROW.format(1, "Validée") + ROW.format(2, "Annulée")
    found = [*read_records(data.encode(), new_codes=True, delivered_on=date(2024, 3, 1))]
    assert [row.row.not_printable for row in found] == [None, 'its status is "Annulée"']
    assert found[0].record is not None
    assert found[0].record.delivered_on == date(2024, 3, 1)
    assert found[0].tested_on == date(2024, 2, 9)
    assert found[0].row.certification == "1"
    assert found[1].record is None
    assert found[1].faults == ()


def test_a_field_that_is_not_understood_has_one_fault_and_the_others_theirs() -> None:
    data = PIX + ROW.format(1, "Validée").replace("12/01/2003", "01/12/03").replace(";1\n", ";9\n")
    found = read_records(data.encode(), new_codes=True)
    assert [fault.field for fault in found.faults] == ["birth_date", "levels.5.2"]
    assert found.records == []
