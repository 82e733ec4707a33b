"""Table, from CSV or a sheet → Source of its rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from typing import Protocol

from pixattest.intake.columns import Columns, tells_of_shape
from pixattest.intake.source import CORRECTION, Content, Line, Row, Source
from pixattest.model.framework import Framework


class Table(Protocol):
    """Headings and rows, in whatever format; see `CsvTable` for the attributes."""

    content: Content
    form: str
    separator: str
    end: str
    headings: list[str]
    notices: tuple[str, ...]

    def rows(self) -> Iterator[Line]:
        """The rows below the headings; blank ones are passed over."""


class TableSource(Source):
    """The records of a table, its columns recognised by their headings."""

    _rejects_suffix = ".csv"

    def __init__(self, table: Table, framework: Framework, ignored: Collection[str] = ()) -> None:
        self._table = table
        columns = Columns(table.headings, framework, table.content.name, ignored)
        self._columns = columns
        super().__init__(
            table.content,
            f"{columns.kind} ({table.form})",
            columns.fields,
            notices=table.notices,
            date_is_of_test=columns.date_is_of_test,
        )

    def origins(self) -> Iterator[Line]:
        """Its lines below the headings."""
        return self._table.rows()

    def row(self, number: int, origin: Line) -> Row:
        """The row that a line is, by its headings."""
        if origin.cells is None:
            problem = "has a quotation mark that is not closed, or not doubled within a text"
            hint = "Close it, double it, or remove it."
            return self._columns.faulty(number, origin, problem, hint)
        return self._columns.row(number, origin)

    def rejects_head(self) -> str:
        """The headings, and one more for what to correct."""
        return self._line([*self._kept(self._table.headings), CORRECTION])

    def rejects_line(self, origin: Line, correction: str) -> str:
        """The row as it came, and what to correct.

        That stands in the last column, or where a row with too few cells ends: were such a row
        filled up, it would be taken for whole when it comes back as it was.
        """
        if origin.cells is None:
            return self._line([(origin.text or "").rstrip("\r\n"), correction])
        kept = self._kept(origin.cells)
        if origin.text is None or kept is not origin.cells:
            return self._line([*kept, correction])
        return origin.text.rstrip("\r\n") + self._table.separator + self._line([correction])

    def _kept(self, cells: list[str]) -> list[str]:
        """Cells without what an earlier rejects file said."""
        told = self._columns.correction
        if told is None:
            return cells
        return [c for index, c in enumerate(cells) if index != told and not tells_of_shape(c)]

    def _line(self, cells: Sequence[str]) -> str:
        line = io.StringIO()
        # Its own end of line, so that either character of it is put in quotes.
        csv.writer(line, delimiter=self._table.separator, lineterminator="\r\n").writerow(cells)
        return line.getvalue()[:-2] + self._table.end
