"""Bytes of a CSV file → its headings, and the cells of each row with the text that they were."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from typing import IO

from pixattest.errors import InputError
from pixattest.intake.columns import recognised
from pixattest.intake.source import Content, Line
from pixattest.model.framework import Framework

_SEPARATORS = (";", ",", "\t")
_CHUNK = 1 << 20

# Bytes that Windows-1252 has no character for.
_NOT_WINDOWS = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")

# An accented letter in UTF-8; in Windows-1252 it would be Ã and a sign, which no name has.
_UTF8_LETTER = re.compile(rb"\xc3[\x80-\xbf]")


class CsvTable:
    """A table in a text file.

    Args:
        content: its bytes.
        framework: whose headings tell the separator.

    Attributes:
        form: what it is, in words.
        separator: between its cells.
        end: of its lines.
        headings: the cells of its first row.
        notices: what one should know about it.

    Raises:
        InputError: it is not text, or empty.
    """

    form = "CSV"

    def __init__(self, content: Content, framework: Framework) -> None:
        self.content = content
        self._encoding, self.notices = _encoding(content)
        with content.opened() as file:
            text = self._text(file)
            begin = text.readline()
            while begin and not begin.strip():
                begin = text.readline()
            text.detach()
        self.end = "\r\n" if begin.endswith("\r\n") else "\n"

        def fit(separator: str) -> tuple[int, int]:
            cells = next(csv.reader([begin], delimiter=separator), [])
            return recognised(cells, framework), len(cells)

        try:
            self.separator = max(_SEPARATORS, key=fit)
        except csv.Error:
            raise InputError(
                "has headings of endless length", source=content.name, hint="Correct them."
            ) from None
        first = next(self._lines(), None) if begin else None
        if first is None:
            raise InputError(
                "is empty", source=content.name, hint="Give a file with headings and records."
            )
        if first.cells is None:
            raise InputError(
                "has headings whose quotation marks can't be understood",
                source=content.name,
                line=first.number,
                hint="Close each quotation mark, and double it within a text.",
            )
        self.headings = first.cells

    def rows(self) -> Iterator[Line]:
        """The rows below the headings; blank ones are passed over."""
        lines = self._lines()
        next(lines)
        return lines

    def _text(self, file: IO[bytes]) -> io.TextIOWrapper:
        return io.TextIOWrapper(file, self._encoding, newline="")

    def _lines(self) -> Iterator[Line]:
        with self.content.opened() as file:
            text = self._text(file)
            try:
                yield from parse(text, self.separator)
            finally:
                text.detach()  # the file is not the wrapper's to close


def parse(text: Iterator[str], separator: str) -> Iterator[Line]:
    """Rows of CSV, each with the text that it was; blank ones are passed over.

    Where quotation marks can't be understood, one line is given up, and what follows is read
    again from the next line: a mark that is never closed costs no other row.
    """
    taken: list[str] = []
    again: deque[str] = deque()

    def lines() -> Iterator[str]:
        while True:
            if again:
                line = again.popleft()
            else:
                read = next(text, None)
                if read is None:
                    return
                line = read
            taken.append(line)
            yield line

    number = 1
    while True:
        reader = csv.reader(lines(), delimiter=separator, strict=True)
        try:
            for cells in reader:
                if len(taken) == 1:
                    if any(cells):
                        yield Line(number, cells, taken[0])
                    number += 1
                else:
                    yield Line(number, cells, "".join(taken))
                    number += len(taken)
                taken.clear()
            return
        except csv.Error:
            again.extendleft(reversed(taken[1:]))
            yield Line(number, None, taken[0])
            number += 1
            taken.clear()


def _encoding(content: Content) -> tuple[str, tuple[str, ...]]:
    """Return the encoding that a whole file is in, and what the user should know about it.

    Raises:
        InputError: there is none of those that are known.
    """
    with content.opened() as file:
        begin = file.read(4)
    wide = begin.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encoding = "utf-16" if wide else "utf-8-sig"
    fault = _first_fault(content, encoding)
    if fault is None:
        return encoding, ()
    if not wide and not begin.startswith(codecs.BOM_UTF8):
        with content.opened() as file:
            chunks = iter(lambda: file.read(_CHUNK), b"")
            if not any(_NOT_WINDOWS.search(c) or _UTF8_LETTER.search(c) for c in chunks):
                return "cp1252", ("was read as Windows-1252, for it is not UTF-8",)
    raise InputError(
        f"is not {'UTF-16' if wide else 'UTF-8'} text throughout",
        source=content.name,
        line=fault,
        hint="Save it as CSV UTF-8 again, from what it was made of.",
    )


def _first_fault(content: Content, encoding: str) -> int | None:
    """Return the first line with bytes that an encoding does not have; None for no such line."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with content.opened() as file:
        while True:
            chunk = file.read(_CHUNK)
            try:
                line += decoder.decode(chunk, final=not chunk).count("\n")
            except UnicodeDecodeError as reason:
                return line + reason.object[: reason.start].count(b"\n")
            if not chunk:
                return None
