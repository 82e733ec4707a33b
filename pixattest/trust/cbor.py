"""Values ↔ deterministic CBOR (RFC 8949, 4.2.1): integers, bytes, texts, lists, maps and null.

It reads what it writes and nothing else: no tags, no floats, no indefinite lengths, no number or
length in a longer form than it needs, no keys out of order. So bytes that were read have one form.
"""

from __future__ import annotations

from typing import TypeAlias

Value: TypeAlias = "int | bytes | str | list[Value] | dict[int, Value] | None"

_DEEPEST = 4
"""Lists and maps within each other."""

_INTEGER, _NEGATIVE, _BYTES, _TEXT, _LIST, _MAP = range(0, 0xC0, 0x20)
"""Major types, in the upper three bits of a head."""

_NULL = b"\xf6"

_SHORT = [bytes([head]) for head in range(256)]
"""Heads of one byte."""

_FORMS = ((24, 1), (25, 2), (26, 4), (27, 8))
"""What the lower five bits of a head say when the number follows in so many bytes."""


def encode(value: Value) -> bytes:
    """A value's bytes; maps have integers as keys, and are written in their order in CBOR."""
    if isinstance(value, str):
        text = value.encode()
        return _head(_TEXT, len(text)) + text
    if isinstance(value, int):
        return _head(_INTEGER, value) if value >= 0 else _head(_NEGATIVE, -1 - value)
    if isinstance(value, bytes):
        return _head(_BYTES, len(value)) + value
    if value is None:
        return _NULL
    if isinstance(value, list):
        return _head(_LIST, len(value)) + b"".join([encode(item) for item in value])
    items = sorted([(encode(key), encode(below)) for key, below in value.items()])
    return _head(_MAP, len(items)) + b"".join([key + below for key, below in items])


def _head(kind: int, number: int) -> bytes:
    if number < 24:
        return _SHORT[kind | number]
    for form, size in _FORMS:
        if number < 1 << 8 * size:
            return _SHORT[kind | form] + number.to_bytes(size, "big")
    raise OverflowError("CBOR has integers of 64 bits")


def decode(data: bytes) -> Value:
    """The value of some bytes.

    Raises:
        ValueError: they are not one whole value in its deterministic form.
    """
    value, end = _read(data, 0, 0)
    if end != len(data):
        raise ValueError("bytes after the value")
    return value


def _read(data: bytes, at: int, depth: int) -> tuple[Value, int]:
    """The value at a place, and where it ends."""
    if data[at : at + 1] == _NULL:
        return None, at + 1
    kind, number, at = _read_head(data, at)
    if kind == _INTEGER:
        return number, at
    if kind == _NEGATIVE:
        return -1 - number, at
    if kind in (_BYTES, _TEXT):
        content = data[at : at + number]
        if len(content) < number:
            raise ValueError("ends within a text")
        return content if kind == _BYTES else content.decode(), at + number
    if depth == _DEEPEST:
        raise ValueError("nested too deeply")
    # Each item has a byte at least, so no loop is longer than what is there.
    if kind == _LIST:
        items: list[Value] = []
        for _ in range(number):
            item, at = _read(data, at, depth + 1)
            items.append(item)
        return items, at
    if kind == _MAP:
        found: dict[int, Value] = {}
        before = b""
        for _ in range(number):
            begin = at
            key, at = _read(data, at, depth + 1)
            if not isinstance(key, int) or data[begin:at] <= before:
                raise ValueError("keys that are no integers, or out of order")
            before = data[begin:at]
            found[key], at = _read(data, at, depth + 1)
        return found, at
    raise ValueError("a type that is not used here")


def _read_head(data: bytes, at: int) -> tuple[int, int, int]:
    """Major type, number, and where the head ends."""
    if at >= len(data):
        raise ValueError("ends too early")
    kind, number = data[at] & 0xE0, data[at] & 0x1F
    at += 1
    if number < 24:
        return kind, number, at
    if number > 27:
        raise ValueError("a length that is not given")
    size = 1 << number - 24
    long = data[at : at + size]
    number = int.from_bytes(long, "big")
    if len(long) < size or number < (24 if size == 1 else 1 << 4 * size):
        raise ValueError("ends within a number, or has a longer one than it needs")
    return kind, number, at + size
