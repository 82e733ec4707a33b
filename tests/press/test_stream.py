"""The file of many: piece by piece (`Press.stream`), and how many it has room for."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pixattest import InputError, OutputError, Press
from pixattest.pdf.block import PAGES_IN_BLOCK


def people(example: Mapping[str, Any], count: int) -> Iterator[dict[str, Any]]:
    """Some that differ by their names."""
    return ({**example, "first_name": f"Ada {chr(65 + n % 26)}"} for n in range(count))


def test_pieces_are_the_file_that_write_makes(press: Press, example: Mapping[str, Any]) -> None:
    count, file = 2 * PAGES_IN_BLOCK + 1, io.BytesIO()
    press.write(people(example, count), file, title="All")
    with ThreadPoolExecutor(2) as executor:
        for options in ({}, {"executor": executor}):
            pieces = [*press.stream(people(example, count), title="All", **options)]
            assert b"".join(pieces) == file.getvalue()
            assert all(pieces)
            assert len(pieces) == 4


@pytest.mark.slow
def test_first_piece_comes_while_there_are_records_to_read(
    press: Press, example: Mapping[str, Any]
) -> None:
    """A block is printed once the next one is known, and hardly more is read."""
    read = 0

    def counted() -> Iterator[dict[str, Any]]:
        nonlocal read
        for record in people(example, 10 * PAGES_IN_BLOCK):
            read += 1
            yield record

    pieces = press.stream(counted())
    assert next(pieces).startswith(b"%PDF-1.7")
    assert read < 3 * PAGES_IN_BLOCK
    pieces.close()
    assert read < 3 * PAGES_IN_BLOCK


def test_nobody_is_refused_before_the_first_piece(press: Press) -> None:
    with pytest.raises(InputError, match="no record"):
        next(press.stream([]))


@pytest.mark.slow
@pytest.mark.parametrize("template", ["attestation", "detailed"])
@pytest.mark.parametrize("options", [{}, {"cover": True, "blank_versos": True}], ids=str)
def test_file_holds_what_there_is_said_to_be_room_for(
    example: Mapping[str, Any],
    template: str,
    options: dict[str, bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And hardly more."""
    monkeypatch.setattr("pixattest.pdf.writer._MOST_OBJECTS", 60_000)
    press = Press(template)
    size = 1000
    room = press.room(people(example, size), size, **options)
    assert press.room(people(example, room), room, **options) == room
    assert press.write(people(example, room), io.BytesIO(), **options) >= room
    with pytest.raises(OutputError, match="60,000 objects"):
        press.write(people(example, room + 2 * PAGES_IN_BLOCK), io.BytesIO(), **options)


def test_room_is_found_without_looking_at_all(press: Press, example: Mapping[str, Any]) -> None:
    looked_at = people(example, 10_000)
    assert press.room(looked_at, 10_000) == 10_000
    assert next(looked_at, None)
