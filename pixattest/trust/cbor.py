"""Values ↔ deterministic CBOR (RFC 8949, 4.2.1): integers, bytes, texts, lists, maps and null.

Only what `encode` writes can be decoded: no tags, no floats, no indefinite lengths, no number or
length in a longer form than it needs, no keys out of order. So a value has one form in bytes, and
nothing can be hidden in another form. Libraries of CBOR read all of it; the tests hold this module
against one of them.
"""

from __future__ import annotations

from typing import TypeAlias

Value: TypeAlias = "int | bytes | str | list[Value] | dict[int, Value] | None"

# Lists and maps may stand within each other four deep.
_DEEPEST = 4

# Major types stand in the upper three bits of a head.
_INTEGER, _NEGATIVE, _BYTES, _TEXT, _LIST, _MAP = range(0, 0xC0, 0x20)

_NULL = b"\xf6"

# All heads of one byte, made once.
_SHORT = [bytes([head]) for head in range(256)]

# The lower five bits of a head are 24 if the number follows in one byte, and so on.
_FORMS = ((24, 1), (25, 2), (26, 4), (27, 8))


def encode(value: Value) -> bytes:
    """Write a value. The keys of a map are integers, written in the order of their bytes."""
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
    """Write a major type and a number: the value of an integer, or the length of another type."""
    if number < 24:
        return _SHORT[kind | number]
    for form, size in _FORMS:
        if number < 1 << 8 * size:
            return _SHORT[kind | form] + number.to_bytes(size, "big")
    raise OverflowError("CBOR has integers of 64 bits")


def decode(data: bytes) -> Value:
    """Read a value.

    Raises:
        ValueError: the bytes are not one whole value in its deterministic form.
    """
    value, end = _read(data, 0, 0)
    if end != len(data):
        raise ValueError("bytes after the value")
    return value


def _read(data: bytes, at: int, depth: int) -> tuple[Value, int]:
    """Return the value that begins at a place, and the place where it ends."""
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
    # Each item has one byte at least, so that a false length ends at the end of the data.
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
    """Return the major type and the number of a head, and the place where the head ends."""
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
