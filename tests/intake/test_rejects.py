"""Rows with their faults → a file beside the input, to be corrected and fed back."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from pixattest.errors import Fault
from pixattest.intake.opening import open_source
from pixattest.intake.rejects import Rejects
from pixattest.model.framework import crcn

COMPETENCES = list(crcn().competences)
HEAD = '"Prénom";Nom;Date de naissance;' + ";".join(COMPETENCES)
GOOD = '"Zoé";"D""Arc";30/08/2008' + ";1" * 16
BAD = '"Zoé";"D""Arc";1 feb 2008' + ";1" * 16
WRONG = (
    "\"birth_date: '1 feb 2008' is not a date in a form that is known. "
    'Write it as 09/02/2024, 9-2-2024 or 9.2.2024 (day, month, year), or as 2024-02-09."'
)


def reject(path: Path) -> Path:
    """Reject the faulty rows of a file."""
    source = open_source(path, framework=crcn())
    with Rejects(source) as rejects:
        for number, origin in enumerate(source.origins(), 1):
            if faults := source.row(number, origin).faults:
                rejects.add(origin, faults)
    return rejects.path


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_row_of_csv_stands_there_as_it_came(encoding: str, end: str, tmp_path: Path) -> None:
    """Its quotation marks too; the file is UTF-8 with a mark, as Excel likes it."""
    path = tmp_path / "class.csv"
    path.write_bytes(end.join([HEAD, GOOD, BAD, GOOD]).encode(encoding))
    rejected = reject(path).read_bytes()
    head = HEAD.replace('"', "")
    assert rejected.decode("utf-8-sig") == f"{head};what_to_correct{end}{BAD};{WRONG}{end}".replace(
        WRONG, WRONG.strip('"')
    )
    assert rejected.startswith(b"\xef\xbb\xbf")


def test_a_corrected_rejects_file_is_read_as_the_input_would_be(tmp_path: Path) -> None:
    """What was said about a row is passed over, and not said twice when it is rejected again."""
    path = tmp_path / "class.csv"
    path.write_text("\n".join([HEAD, BAD, BAD]), encoding="utf-8")
    rejected = reject(path)
    text = rejected.read_text(encoding="utf-8-sig")
    rejected.write_text(text.replace("1 feb 2008", "01/02/2008", 1), encoding="utf-8-sig")
    again = open_source(rejected, framework=crcn())
    assert [bool(row.faults) for row in again.rows()] == [False, True]
    with reject(rejected).open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.reader(file, delimiter=";"))
    assert [row.count("what_to_correct") for row in found] == [1, 0]
    assert [len(row) for row in found] == [20, 20]
    assert found[1][:3] == ["Zoé", 'D"Arc', "1 feb 2008"]


@pytest.mark.parametrize(
    ("row", "cells", "problem"),
    [
        ("a;b", ["a", "b"], "row: has 2 cells, where the headings are 19."),
        (GOOD.removesuffix(";1"), None, "row: has 18 cells, where the headings are 19."),
        (GOOD + ";x", None, "row: has 20 cells, where the headings are 19."),
        ('"a;b', ['"a;b'], "row: has a quotation mark that is not closed,"),
    ],
)
def test_a_row_of_another_shape_is_not_taken_for_whole_when_it_comes_back(
    row: str, cells: list[str] | None, problem: str, tmp_path: Path
) -> None:
    """As it was, nor after a spreadsheet has filled it up; and it is once it is corrected."""
    path = tmp_path / "class.csv"
    path.write_text("\n".join([HEAD, row, GOOD]), encoding="utf-8")
    rejected = reject(path)
    with rejected.open(encoding="utf-8-sig", newline="") as file:
        head, found = csv.reader(file, delimiter=";", strict=True)
    assert head[-1] == "what_to_correct"
    assert found[-1].startswith(problem)
    assert cells in (None, found[:-1])
    for again in (found, found + [""] * (len(head) - len(found))):
        with rejected.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file, delimiter=";").writerows([head, again])
        [read] = open_source(rejected, framework=crcn()).rows()
        assert read.faults
        with reject(rejected).open(encoding="utf-8-sig", newline="") as file:
            assert len(list(csv.reader(file, delimiter=";"))[1]) <= max(len(again), len(found))
    rejected.write_text(f"{HEAD};what_to_correct\n{GOOD};{found[-1]!r}", encoding="utf-8-sig")
    [read] = open_source(rejected, framework=crcn()).rows()
    assert read.faults == ()


def test_rows_of_a_sheet_become_csv(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.worksheets[0].append(["Prénom", "Nom", "Date de naissance", *map(float, COMPETENCES)])
    book.worksheets[0].append(["Zoé", "D;Arc", 39690, *[1] * 16])
    path = tmp_path / "20240209_resultats_3eB.xlsx"
    book.save(path)
    rejected = reject(path)
    assert rejected.name == "20240209_resultats_3eB.xlsx.rejected.csv"
    text = rejected.read_text(encoding="utf-8-sig")
    assert text.splitlines()[1].startswith('Zoé;"D;Arc";39690;1;1;')
    rejected.write_text(text.replace("39690", "30/08/2008"), encoding="utf-8-sig")
    source = open_source(rejected, framework=crcn())
    [row] = source.rows()
    assert (row.faults, source.group) == ((), "3eB")


@pytest.mark.parametrize("indent", [None, 1])
def test_json_becomes_json_lines_with_one_more_key(indent: int | None, tmp_path: Path) -> None:
    """From JSON and from JSON lines; back again, the key is passed over."""
    record = {"first_name": "Zoé \ud800", "levels": {"1.1": 2.0}}
    path = tmp_path / "class.json"
    path.write_text(json.dumps(record, indent=indent), encoding="utf-8")
    source = open_source(path, framework=crcn())
    with Rejects(source) as rejects:
        for origin in source.origins():
            rejects.add(origin, [Fault("last_name", None, "is missing", "Give it as a text.")])
    assert rejects.path.name == "class.json.rejected.jsonl"
    [line] = rejects.path.read_text(encoding="utf-8").splitlines()
    told = "last_name: is missing. Give it as a text."
    assert json.loads(line) == record | {"what_to_correct": told}
    [row] = open_source(rejects.path, framework=crcn()).rows()
    assert row.fields == record


def test_a_line_that_is_not_json_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "class.jsonl"
    path.write_bytes(
        b'{"first_name": "Zo\xc3\xa9"}\n{"first_name": \n{"a": 1, "a": 2}\n[1]\n\xff\n'
    )
    found = [json.loads(line) for line in reject(path).read_text(encoding="utf-8").splitlines()]
    assert [line["record"] for line in found] == [
        '{"first_name":',
        '{"a": 1, "a": 2}',
        [1],
        "\ufffd",
    ]
    assert [line["what_to_correct"].split(":")[0] for line in found] == ["record"] * 4


def test_without_rejects_there_is_no_file(tmp_path: Path) -> None:
    path = tmp_path / "class.csv"
    path.write_text(f"{HEAD}\n{GOOD}", encoding="utf-8")
    assert not reject(path).exists()


def test_the_file_of_an_earlier_run_is_replaced_and_kept_on_an_error(tmp_path: Path) -> None:
    path = tmp_path / "class.csv"
    path.write_text(f"{HEAD}\n{BAD}", encoding="utf-8")
    rejected = reject(path)
    rejected.write_text("earlier")
    source = open_source(path, framework=crcn())

    def fail() -> None:
        with Rejects(source) as rejects:
            for number, origin in enumerate(source.origins(), 1):
                rejects.add(origin, source.row(number, origin).faults)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert rejected.read_text() == "earlier"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["class.csv", rejected.name]
    reject(path)
    assert "what_to_correct" in rejected.read_text(encoding="utf-8-sig")
