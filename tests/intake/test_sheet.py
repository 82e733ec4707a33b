"""Bytes of an XLSX or ODS workbook → headings and rows of its one sheet, every cell a text."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from pixattest.errors import InputError
from pixattest.intake.opening import open_source
from pixattest.intake.sheet import SheetTable
from pixattest.intake.source import Content, Line
from pixattest.model.framework import crcn
from pixattest.model.record import read_record

COMPETENCES = list(crcn().competences)


def workbook(path: Path, **sheets: list[list[object]]) -> Path:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_cells_become_the_texts_that_one_would_write(tmp_path: Path) -> None:
    """Whole numbers, dates at any hour; blank rows are passed over, and counted."""
    rows = [
        ["Nom", 1.1, "x"],
        [None, None, None],
        ["Zoé", 3.0, date(2008, 8, 30)],
        [12, 2.5, datetime(2008, 8, 30, 10, 30)],
        [True, "-", "30/08/2008"],
    ]
    table = SheetTable(Content(workbook(tmp_path / "a.xlsx", Feuil1=rows)))
    assert table.headings == ["Nom", "1.1", "x"]
    assert list(table.rows()) == [
        Line(3, ["Zoé", "3", "2008-08-30"], None),
        Line(4, ["12", "2.5", "2008-08-30"], None),
        Line(5, ["True", "-", "30/08/2008"], None),
    ]


@pytest.mark.parametrize("number", [float, str])
def test_a_workbook_becomes_records(number: type, tmp_path: Path) -> None:
    """Headings as numbers or as texts; a day as a date or a text; a class that is a number."""
    rows = [
        ["Prénom", "Nom", "Date de naissance", "centre", "delivered_on", "group"]
        + [number(n) for n in COMPETENCES],
        ["Zoé", "Le Goff", date(2008, 8, 30), "LP", "09/02/2024", 302, *([2] * 16)],
    ]
    source = open_source(workbook(tmp_path / "a.xlsx", Feuil1=rows), framework=crcn())
    assert source.kind == 'table with a column for each field (sheet "Feuil1")'
    [row] = source.rows()
    assert (row.number, row.line, row.faults) == (1, 2, ())
    record = read_record(row.fields, new_codes=True)
    assert (record.birth_date, record.delivered_on) == (date(2008, 8, 30), date(2024, 2, 9))
    assert record.group == "302"
    assert record.levels == dict.fromkeys(COMPETENCES, 2)


def test_ods_is_read() -> None:
    source = open_source(Path(__file__).parent / "data" / "class.ods", framework=crcn())
    assert source.kind == 'table with a column for each field (sheet "Résultats")'
    assert [read_record(row.fields, new_codes=True).birth_date for row in source.rows()] == [
        date(2008, 11, 3),
        date(2009, 2, 21),
    ]


def test_a_number_in_a_column_of_dates_is_refused(tmp_path: Path) -> None:
    rows = [["Prénom", "Nom", "Date de naissance", *COMPETENCES], ["Z", "L", 39690, *([2] * 16)]]
    source = open_source(workbook(tmp_path / "a.xlsx", Feuil1=rows), framework=crcn())
    [fault] = next(source.rows()).faults
    assert fault.problem == "'39690' is a number, not a date"
    assert fault.hint.startswith("Give the cell of the sheet a date's format.")


def test_empty_sheets_are_passed_over_and_two_in_use_are_refused(tmp_path: Path) -> None:
    """Nothing is left out silently."""
    rows: list[list[object]] = [["Nom"], ["Le Goff"]]
    table = SheetTable(Content(workbook(tmp_path / "a.xlsx", Feuil1=[], Feuil2=rows)))
    assert table.form == 'sheet "Feuil2"'
    with pytest.raises(InputError) as caught:
        SheetTable(Content(workbook(tmp_path / "b.xlsx", Feuil1=rows, Feuil2=rows)))
    assert caught.value.problem == 'has 2 sheets that are in use: "Feuil1", "Feuil2"'


def test_a_workbook_with_nothing_in_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is empty"):
        SheetTable(Content(workbook(tmp_path / "a.xlsx", Feuil1=[])))


def test_a_duration_that_python_has_no_value_for_is_refused(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.worksheets[0]["A1"] = 1e15
    book.worksheets[0]["A1"].number_format = "[h]:mm"
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(InputError, match="is not a workbook that can be read"):
        SheetTable(Content(tmp_path / "a.xlsx"))
