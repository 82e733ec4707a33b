"""The press: whose records it prints, and whose it refuses."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support import EXAMPLES

from pixattest import OutputError, Press, Record, RecordError
from pixattest.ledger import Draft, certification_key, open_ledger
from pixattest.ledger.register import Register
from pixattest.model import assets
from pixattest.model.framework import crcn
from pixattest.trust.signing import Signer

DOORS: dict[str, Callable[[Press, Record], object]] = {
    "render": lambda press, record: press.render(record),
    "write": lambda press, record: press.write([record], io.BytesIO()),
    "write_cover": lambda press, record: press.write_cover([record], io.BytesIO()),
    "stream": lambda press, record: next(press.stream([record])),
    "digests": lambda press, record: next(press.digests([record])),
    "room": lambda press, record: press.room([record], 1),
}


@cache
def kitchen(template: str) -> Press:
    """Of a framework whose levels have names."""
    return Press(template, framework=EXAMPLES / "framework.toml", language="en")


# Records of another framework.


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("template", ["attestation", "landscape"])
def test_a_record_of_another_framework_is_refused(
    press: Press, example: Mapping[str, Any], template: str, door: str
) -> None:
    """At every door, before and after a pickle; its levels would stand under foreign names."""
    record = press.read(example)
    for one in (record, pickle.loads(pickle.dumps(record))):
        with pytest.raises(RecordError, match=r"is crcn, .* not kitchen") as caught:
            DOORS[door](kitchen(template), one)
        assert caught.value.field == "framework"
        assert caught.value.row == (None if door in ("render", "digests") else 1)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"domains": crcn().domains[1:]}, "has no competence 1.1"),
        ({"levels": 5, "max_level": 5}, "of 5 levels, and max_level is 6"),
    ],
    ids=["competence", "level"],
)
@pytest.mark.parametrize("door", DOORS)
def test_a_record_of_another_state_of_the_framework_is_refused(
    press: Press, example: Mapping[str, Any], changes: dict[str, Any], problem: str, door: str
) -> None:
    """Of the same id, but without what the record has."""
    other = msgspec.structs.replace(crcn(), descriptions={}, bands=(), **changes)
    with pytest.raises(RecordError, match=problem):
        DOORS[door](Press(framework=other), press.read(example))


def test_a_record_of_another_framework_is_not_issued(
    press: Press, example: Mapping[str, Any], tmp_path: Path
) -> None:
    """A draft of one register given to another: no edition would have its page."""
    record = press.read(example)
    draft = Draft(certification_key(record), record, drawn=False)
    with open_ledger(str(tmp_path / "issued.db")) as ledger:
        with pytest.raises(RecordError, match="is crcn"):
            Register(ledger, kitchen("attestation")).issue([draft])
        assert ledger.find(record.verification_code) is None


def test_digests_may_be_of_mappings(press: Press, example: Mapping[str, Any]) -> None:
    """As of everything else that prints."""
    assert [*press.digests([example])] == [*press.digests([press.read(example)])]


# Where a file goes.


class Raw(io.RawIOBase):
    """A stream that takes few bytes at a time, as a socket may; after some, what it is told."""

    def __init__(self, most: int, then: int | None = None, *, after: int = 1 << 30) -> None:
        self.most, self.then, self.after, self.got = most, then, after, bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int | None:
        if len(self.got) >= self.after:
            return self.then
        self.got += data[: self.most]
        return min(self.most, len(data))


def test_a_stream_that_takes_few_bytes_at_a_time_gets_all(
    press: Press, example: Mapping[str, Any], signer: Signer
) -> None:
    """Of a file, of a signed one and of covers."""
    whole = io.BytesIO()
    press.write([example], whole)
    raw = Raw(1000)
    press.write([example], raw)
    assert bytes(raw.got) == whole.getvalue()
    for write in (partial(press.write, signer=signer), press.write_cover):
        raw = Raw(1000)
        write([example], raw)
        assert raw.got.endswith(b"%%EOF\n")


@pytest.mark.parametrize("then", [None, 0])
def test_a_stream_that_does_not_wait_is_told(
    press: Press, example: Mapping[str, Any], then: int | None
) -> None:
    """Never is a truncated file said to be written."""
    with pytest.raises(OutputError, match="not whole"):
        press.write([example], Raw(1000, then, after=5000))


def test_what_takes_bytes_need_not_count_them(press: Press, example: Mapping[str, Any]) -> None:
    """An object of an application's own returns what it likes."""

    class Parts(list[bytes]):
        def write(self, data: bytes, /) -> None:
            self.append(data)

    whole, parts = io.BytesIO(), Parts()
    press.write([example], whole)
    press.write([example], parts)
    assert b"".join(parts) == whole.getvalue()


def test_folders_may_be_texts(example: Mapping[str, Any], tmp_path: Path) -> None:
    """As every other path may."""
    cache = tmp_path / "cache"
    assert Press(fonts=str(assets.FONTS), cache=str(cache)).render(example)
    assert [*cache.iterdir()]
