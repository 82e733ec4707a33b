"""File of JSON lines → a row a line, read as they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from pixattest.errors import Fault, InputError
from pixattest.intake.json import read_json, rejected, row_of
from pixattest.intake.source import CORRECTION, Content, Row, Source, no_record
from pixattest.record import FIELDS

SUFFIXES = (".jsonl", ".ndjson")
BLANK = b" \t\r\n\xef\xbb\xbf"
"""Bytes that a line without any value may have, those of the byte order mark among them."""


_decode = msgspec.json.Decoder().decode


class JsonLinesSource(Source):
    """The records of a file with one a line, read as they are asked for."""

    def __init__(self, content: Content) -> None:
        super().__init__(content, "JSON lines", FIELDS)

    def rows(self) -> Iterator[Row]:
        """Its rows from the first; a line that is not JSON is a faulty row."""
        number = 0
        with self.content.opened() as lines:
            for place, line in enumerate(lines, 1):
                if line.strip(BLANK):
                    number += 1
                    yield self._row(line, number, place)
        if not number:
            raise no_record(self.name)

    def rejects_line(self, row: Row, correction: str) -> str:
        """The record as it came, with what to correct."""
        value = row.origin if not isinstance(row.origin, bytes) else _decode(row.origin)
        return rejected(value, correction)

    def _row(self, line: bytes, number: int, place: int) -> Row:
        if (value := _plain_record(line)) is not None:
            return Row(number=number, line=place, fields=value, origin=line)
        try:
            return row_of(read_json(line, self.name), number, place, self.name)
        except InputError as error:
            text = line.decode("utf-8", "replace").strip()
            hint = error.hint or "Correct it."
            fault = Fault("record", text, error.problem, hint, self.name, number)
            return Row(number=number, line=place, fields={}, origin=text, faults=(fault,))


def _plain_record(line: bytes) -> dict[str, Any] | None:
    """The object of a line in which no key can stand twice; None when `read_json` must look.

    Each key has a colon, so with as many colons as there are different keys, each stands once.
    """
    try:
        value = _decode(line)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or CORRECTION in value:
        return None
    levels = value.get("levels")
    keys = len(value) + (len(levels) if isinstance(levels, dict) else 0)
    return value if line.count(b":") == keys else None
