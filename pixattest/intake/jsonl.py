"""File of JSON lines → a row a line, read as they are asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import msgspec

from pixattest.errors import Fault, InputError
from pixattest.intake.json import read_json, rejected, row_of
from pixattest.intake.source import CORRECTION, Content, Row, Source
from pixattest.model.record import FIELDS

SUFFIXES = (".jsonl", ".ndjson")

# A line that has only these bytes, among them those of the byte order mark, is blank.
BLANK = b" \t\r\n\xef\xbb\xbf"

_Line = tuple[int, bytes]

_decode = msgspec.json.Decoder().decode


class JsonLinesSource(Source):
    """The records of a file with one a line, read as they are asked for.

    Args:
        content: the file.
        ignored: keys that are passed over.
    """

    def __init__(self, content: Content, ignored: Collection[str] = ()) -> None:
        super().__init__(content, "JSON lines", FIELDS)
        self._passed_over = {CORRECTION, *ignored}

    def origins(self) -> Iterator[_Line]:
        """Its lines that are not blank, each after its number in the file from 1."""
        with self.content.opened() as lines:
            for place, line in enumerate(lines, 1):
                if line.strip(BLANK):
                    yield place, line

    def row(self, number: int, origin: _Line) -> Row:
        """The row that a line is; one that is not JSON is a faulty row."""
        place, line = origin
        value = _plain_record(line)
        if value is not None and self._passed_over.isdisjoint(value):
            return Row(number=number, line=place, fields=value)
        try:
            value = read_json(line, self.name)
            return row_of(value, number, place, self.name, self._passed_over)
        except InputError as error:
            hint = error.hint or "Correct it."
            fault = Fault("record", _text(line), error.problem, hint, self.name, number)
            return Row(number=number, line=place, fields={}, faults=(fault,))

    def rejects_line(self, origin: _Line, correction: str) -> str:
        """The record as it came, with what to correct; a line that is not JSON as a text."""
        _, line = origin
        try:
            value = read_json(line, self.name)
        except InputError:
            value = _text(line)
        return rejected(value, correction)


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").strip()


def _plain_record(line: bytes) -> dict[str, Any] | None:
    """The object of a line in which no key can stand twice; None when `read_json` must look.

    Each key has a colon, so with as many colons as there are different keys, each stands once.
    """
    try:
        value = _decode(line)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    below = value.get("levels"), value.get("extra")
    keys = len(value) + sum(len(found) for found in below if isinstance(found, dict))
    return value if line.count(b":") == keys else None
