"""Values ↔ deterministic CBOR."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cbor2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixattest.trust import cbor

INTEGERS = st.integers(-(2**64), 2**64 - 1)
VALUES: st.SearchStrategy[Any] = st.recursive(
    INTEGERS | st.binary(max_size=300) | st.text(max_size=300) | st.none(),
    lambda below: st.lists(below, max_size=30) | st.dictionaries(INTEGERS, below, max_size=30),
    max_leaves=30,
).filter(lambda value: depth(value) <= 4)


def depth(value: object) -> int:
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


def in_order(value: Any) -> Any:
    """Maps with their keys in bytewise order, which the other writer keeps."""
    if isinstance(value, list):
        return [in_order(below) for below in value]
    if not isinstance(value, dict):
        return value
    return {key: in_order(value[key]) for key in sorted(value, key=cbor2.dumps)}


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(VALUES)
def test_bytes_are_those_of_another_writer(value: Any) -> None:
    """And what is read back is what was written."""
    data = cbor.encode(value)
    assert data == cbor2.dumps(in_order(value))
    assert cbor.decode(data) == value


@pytest.mark.parametrize(
    ("number", "head"),
    [
        (0, "00"),
        (23, "17"),
        (24, "1818"),
        (255, "18ff"),
        (256, "190100"),
        (65535, "19ffff"),
        (65536, "1a00010000"),
        (2**32 - 1, "1affffffff"),
        (2**32, "1b0000000100000000"),
        (2**64 - 1, "1bffffffffffffffff"),
        (-1, "20"),
        (-24, "37"),
        (-25, "3818"),
        (-256, "38ff"),
        (-257, "390100"),
        (-65536, "39ffff"),
        (-65537, "3a00010000"),
        (-(2**64), "3bffffffffffffffff"),
    ],
)
def test_numbers_have_their_shortest_heads(number: int, head: str) -> None:
    """On both sides of each length that a head may have (RFC 8949, 3)."""
    assert cbor.encode(number).hex() == head
    assert cbor.decode(bytes.fromhex(head)) == number


@pytest.mark.parametrize("length", [0, 23, 24, 255, 256, 65535, 65536])
@pytest.mark.parametrize(
    ("kind", "make"),
    [
        (0x40, lambda n: b"x" * n),
        (0x60, lambda n: "x" * n),
        (0x80, lambda n: [None] * n),
        (0xA0, lambda n: dict.fromkeys(range(n))),
    ],
    ids=["bytes", "text", "list", "map"],
)
def test_lengths_have_their_shortest_heads(
    kind: int, make: Callable[[int], Any], length: int
) -> None:
    """As a number of that size has; the length of a text is that of its bytes."""
    value = make(length)
    data = cbor.encode(value)
    head = cbor.encode(length)
    assert data.startswith(bytes([kind | head[0]]) + head[1:])
    assert data == cbor2.dumps(value)
    assert cbor.decode(data) == value


@pytest.mark.parametrize(
    "data", ["1817", "1900ff", "1a0000ffff", "1b00000000ffffffff", "3817", "5817" + "00" * 23]
)
def test_a_longer_head_than_needed_is_refused(data: str) -> None:
    """The largest number that would have had room in the head before."""
    with pytest.raises(ValueError, match="longer one than it needs"):
        cbor.decode(bytes.fromhex(data))


def test_lists_and_maps_stand_four_deep_at_most() -> None:
    """The fourth may be there, and a fifth not, whether it is a list or a map."""
    assert cbor.decode(bytes.fromhex("8181818100")) == [[[[0]]]]
    assert cbor.decode(bytes.fromhex("81a100818100")) == [{0: [[0]]}]
    for data in ("818181818100", "a100a100a100a100a10000", "8181818180", "81818181a0"):
        with pytest.raises(ValueError, match="nested too deeply"):
            cbor.decode(bytes.fromhex(data))


def test_a_whole_value_and_nothing_after_it_is_read() -> None:
    """A text may end the data, and may not go on beyond it."""
    assert cbor.decode(b"\x42ab") == b"ab"
    for data, problem in (
        (b"\x42a", "ends within a text"),
        (b"\x42abc", "bytes after"),
        (b"\xf6\xf6", "bytes after"),
    ):
        with pytest.raises(ValueError, match=problem):
            cbor.decode(data)


def test_keys_are_written_in_the_order_of_their_bytes() -> None:
    """Positive ones before negative ones, whatever order they were given in."""
    value = {-65537: 1, 4: 2, -1: 3, 24: 4, 7: 5}
    assert list(cbor.decode(cbor.encode(value)) or ()) == [4, 7, 24, -1, -65537]


@given(st.binary(max_size=60))
def test_any_bytes_are_refused_or_have_one_form(data: bytes) -> None:
    """No two texts of bytes are read as the same value, so nothing can be hidden in their form."""
    try:
        value = cbor.decode(data)
    except ValueError:
        return
    assert cbor.encode(value) == data


@pytest.mark.parametrize(
    "data",
    [
        "",
        "1800",
        "190001",
        "1a00000001",
        "1b0000000000000001",
        "18",
        "5bffffffffffffffff00",
        "7affffffff",
        "9bffffffffffffffff",
        "bbffffffffffffffff",
        "9f00ff",
        "c249010000000000000000",
        "f90000",
        "f5",
        "61ff",
        "a201000100",
        "a202000100",
        "a1410000",
        "818181818100",
        "0000",
    ],
)
def test_what_is_not_deterministic_is_refused(data: str) -> None:
    """Long forms, missing bytes, huge lengths, tags, floats, booleans, keys twice, depths."""
    with pytest.raises(ValueError, match=r"\w"):
        cbor.decode(bytes.fromhex(data))


def test_number_beyond_64_bits_is_not_written() -> None:
    """CBOR would need a tag for it."""
    with pytest.raises(OverflowError):
        cbor.encode(2**64)
