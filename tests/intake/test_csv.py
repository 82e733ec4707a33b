"""Bytes of a CSV file → its headings, and the cells of each row with the text that they were."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixattest.errors import InputError
from pixattest.intake.csv import CsvTable, parse
from pixattest.intake.source import Content, Line
from pixattest.model.framework import crcn

HEADINGS = ["Prénom", "Nom", "Date de naissance"]


def table(data: bytes, folder: Path) -> CsvTable:
    path = folder / "class.csv"
    path.write_bytes(data)
    return CsvTable(Content(path), crcn())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encoding_and_separator_are_recognised(
    encoding: str, separator: str, end: str, tmp_path: Path
) -> None:
    lines = [HEADINGS, ["Zoé", "D’Hautefeuille; fille, aînée", "30/08/2008"]]
    text = "".join(separator.join(f'"{c}"' for c in cells) + end for cells in lines)
    found = table(text.encode(encoding), tmp_path)
    assert (found.separator, found.end, found.headings) == (separator, end, HEADINGS)
    assert [line.cells for line in found.rows()] == lines[1:]
    told = ("was read as Windows-1252, for it is not UTF-8",) if encoding == "cp1252" else ()
    assert found.notices == told


@pytest.mark.parametrize(
    "data",
    [
        b"Nom\nZo\xc3\xa9\nZo\xe9\n",
        b"\xef\xbb\xbfNom\nZoe\nZo\xe9\n",
        b"Nom\nZoe\nZo\x81\n",
        b"Nom\nZo\xc3\xa9\nZo\xc3",
    ],
)
def test_text_in_no_encoding_throughout_is_refused(data: bytes, tmp_path: Path) -> None:
    """Rather than printing ZoÃ©: UTF-8 with another byte in it, or a byte of neither."""
    with pytest.raises(InputError) as caught:
        table(data, tmp_path)
    assert caught.value.problem == "is not UTF-8 text throughout"
    assert caught.value.line == 3


def test_half_a_character_of_utf16_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not UTF-16 text throughout"):
        table("Nom\nZoé".encode("utf-16") + b"\0", tmp_path)


def test_a_row_is_found_where_the_editor_shows_it(tmp_path: Path) -> None:
    """Blank lines are passed over and counted; a text may go over several lines."""
    data = '\nNom;Prénom\n\na;"1\n2"\n;\nb;3\n"c\r\n";4'
    found = list(table(data.encode(), tmp_path).rows())
    assert found == [
        Line(4, ["a", "1\n2"], 'a;"1\n2"\n'),
        Line(7, ["b", "3"], "b;3\n"),
        Line(8, ["c\r\n", "4"], '"c\r\n";4'),
    ]


@pytest.mark.parametrize("broken", ['a;"b', '"a"b;c', 'a;"b" ;c', '"' + "a" * 200_000 + '"'])
@pytest.mark.parametrize("after", [["c;d\n"] * 3, ['"c";"d"\n'] * 3, []])
def test_a_quotation_mark_out_of_place_costs_no_other_row(broken: str, after: list[str]) -> None:
    """Never closed, or closed too early, or around more than a cell may hold."""
    found = list(parse(iter(["a;b\n", f"{broken}\n", *after]), ";"))
    assert found[0] == Line(1, ["a", "b"], "a;b\n")
    assert found[1] == Line(2, None, f"{broken}\n")
    assert [line.cells for line in found[2:]] == [["c", "d"]] * len(after)
    assert [line.number for line in found] == list(range(1, len(after) + 3))


def test_headings_with_a_mark_that_is_never_closed_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        table(b'Nom;"Pr\xc3\xa9nom\na;b\n', tmp_path)
    assert "quotation marks" in caught.value.problem
    assert caught.value.line == 1


@given(st.lists(st.lists(st.text(max_size=5), min_size=2, max_size=3), max_size=5))
def test_what_was_written_is_read(rows: list[list[str]]) -> None:
    """Any cells, as the standard library writes them, and the text of every row."""
    written = io.StringIO()
    csv.writer(written, delimiter=";").writerows(rows)
    text = io.StringIO(written.getvalue(), newline="")
    found = list(parse(text, ";"))
    assert [line.cells for line in found] == [row for row in rows if any(row)]
