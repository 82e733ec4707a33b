"""Bytes of an XLSX or ODS workbook → headings and rows of its one sheet, every cell a text."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from pixattest.errors import InputError, visible
from pixattest.intake.source import Content, Line

_Cell = str | float | bool | datetime.date | datetime.datetime | datetime.time | datetime.timedelta


class SheetTable:
    """The one sheet of a workbook that something is written in.

    Attributes:
        form: what it is, in words.
        separator: between the cells of its rejects, which are CSV.
        end: of their lines.
        headings: the cells of its first row.
        notices: what one should know about it.

    Raises:
        InputError: it can't be read as a workbook, is empty, or has several sheets in use.
    """

    separator = ";"
    end = "\r\n"
    notices: tuple[str, ...] = ()

    def __init__(self, content: Content) -> None:
        self.content = content
        name, rows = _only_sheet(content)
        self.form = f'sheet "{visible(name)}"'
        self._lines = [
            Line(number, cells, None)
            for number, row in enumerate(rows, 1)
            if any(cells := [_text(cell) for cell in row])
        ]
        if not self._lines:
            raise _empty(content.name)
        self.headings = self._lines[0].cells or []

    def rows(self) -> Iterator[Line]:
        """The rows below the headings; blank ones are passed over."""
        return iter(self._lines[1:])


def _only_sheet(content: Content) -> tuple[str, list[list[_Cell]]]:
    """Name and cells of the sheet that something is written in."""
    # Here, because most files are CSV and need no reader of workbooks.
    from python_calamine import CalamineError, CalamineWorkbook, XmlError, ZipError

    with content.opened() as file:
        try:
            workbook = CalamineWorkbook.from_filelike(file)
            sheets = [workbook.get_sheet_by_name(name) for name in workbook.sheet_names]
            used = [sheet for sheet in sheets if sheet.end is not None]
            rows = used[0].to_python(skip_empty_area=False) if len(used) == 1 else []
        # The last two: a damaged date or duration that Python has no value for.
        except (CalamineError, XmlError, ZipError, OverflowError, ValueError):
            raise InputError(
                "is not a workbook that can be read",
                source=content.name,
                hint="Save it as XLSX or ODS, without a password.",
            ) from None
    if not used:
        raise _empty(content.name)
    if len(used) > 1:
        names = ", ".join(f'"{visible(sheet.name)}"' for sheet in used)
        raise InputError(
            f"has {len(used)} sheets that are in use: {names}",
            source=content.name,
            hint="Keep the one with the records, or save each as a file of its own.",
        )
    return used[0].name, rows


def _text(cell: _Cell) -> str:
    """A cell as one would write it: 3 for the number 3.0, 2024-02-09 for a day at any hour."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _empty(name: str) -> InputError:
    return InputError("is empty", source=name, hint="Give a file with headings and records.")
