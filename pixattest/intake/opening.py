"""Path, or standard input → the Source or Table that reads it, by its content."""

from __future__ import annotations

import codecs
from collections.abc import Collection
from pathlib import Path

from pixattest.errors import InputError
from pixattest.intake.csv import CsvTable
from pixattest.intake.json import JsonSource, holds_records, read_json
from pixattest.intake.jsonl import BLANK, SUFFIXES, JsonLinesSource
from pixattest.intake.sheet import SheetTable
from pixattest.intake.source import Content, Source
from pixattest.intake.table import Table, TableSource
from pixattest.model.framework import Framework

# The format is recognised in so many bytes at the beginning of the file.
_LOOKED_AT = 4096

_ZIP = b"PK\x03\x04"
_OLD_EXCEL = bytes.fromhex("D0CF11E0A1B11AE1")


def open_source(
    source: Path | bytes,
    *,
    framework: Framework,
    ignored: Collection[str] = (),
    name: str | None = None,
) -> Source:
    """Open a file of records: JSON, JSON lines, CSV, XLSX or ODS.

    Args:
        source: path of the file, or its bytes; `-` is standard input.
        framework: whose competences and fields the columns are.
        ignored: columns or keys that are passed over.
        name: what messages call it; see `Content`.

    Raises:
        InputError: it can't be read, is in no format that is known, or has not the columns.
        FrameworkError: a field of it is called as another column.
    """
    content = Content(source, name)
    begin = _begin(content)
    if begin[:1] == b"{" and _is_lines(content):
        return JsonLinesSource(content, ignored)
    if begin[:1] in (b"{", b"["):
        is_lines = begin[:1] == b"[" and _is_named_lines(content)
        return (JsonLinesSource if is_lines else JsonSource)(content, ignored)
    return TableSource(open_table(content, framework), framework, ignored)


def open_table(content: Content, framework: Framework) -> Table:
    """Open a table: CSV, XLSX or ODS.

    Raises:
        InputError: it can't be read, or is none of them.
    """
    begin = _begin(content)
    if begin.startswith(_ZIP):
        return SheetTable(content)
    if begin.startswith(_OLD_EXCEL):
        raise InputError(
            "is an old workbook of Excel (.xls), or one with a password",
            source=content.name,
            hint="Save it as XLSX, without a password.",
        )
    marked = begin.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not marked and b"\0" in begin.partition(b"\n")[0]:
        raise InputError(
            "is neither text nor a workbook",
            source=content.name,
            hint="Give a file of CSV, XLSX, ODS, JSON or JSON lines.",
        )
    return CsvTable(content, framework)


def _begin(content: Content) -> bytes:
    """Return the beginning of a file, without byte order mark and white space."""
    with content.opened() as file:
        return file.read(_LOOKED_AT).removeprefix(codecs.BOM_UTF8).lstrip()


def _is_named_lines(content: Content) -> bool:
    return content.name.lower().endswith(SUFFIXES)


def _is_lines(content: Content) -> bool:
    """Whether a file that begins with an object has one a line."""
    with content.opened() as file:
        first = next(line for line in file if line.strip(BLANK))
    try:
        return not holds_records(read_json(first, content.name))
    except InputError:
        return _is_named_lines(content)
