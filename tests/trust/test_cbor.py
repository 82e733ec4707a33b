"""Values ↔ deterministic CBOR."""

from __future__ import annotations

from typing import Any

import cbor2
import pytest
from hypothesis import given
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


@given(VALUES)
def test_bytes_are_those_of_another_writer(value: Any) -> None:
    """And what is read back is what was written."""
    data = cbor.encode(value)
    assert data == cbor2.dumps(in_order(value))
    assert cbor.decode(data) == value


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
