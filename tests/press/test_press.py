"""The press: whose records it prints, and whose it refuses."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import cache, partial
from pathlib import Path
from threading import Barrier
from typing import Any

import msgspec
import pytest
from keys import SEAL_KEY
from support import EXAMPLES

from pixattest import (
    InputError,
    IssuerError,
    OutputError,
    PixattestError,
    Press,
    Record,
    RecordError,
)
from pixattest.ledger import Draft, certification_key, open_ledger
from pixattest.ledger.register import Register
from pixattest.model import assets
from pixattest.model.framework import crcn
from pixattest.model.issuer import Validity, default_issuer
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


@pytest.mark.slow
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


# What is mixed up, and what a press says of itself.


MIXED_UP: dict[str, tuple[Callable[[Press, Record], object], str]] = {
    "a record to write": (lambda p, r: p.write(r, io.BytesIO()), "this is one record"),
    "a mapping to write": (lambda p, _: p.write({}, io.BytesIO()), "this is one record"),
    "a record to write_cover": (lambda p, r: p.write_cover(r, io.BytesIO()), "one record"),
    "a record to stream": (lambda p, r: p.stream(r), "this is one record"),
    "a record to digests": (lambda p, r: next(p.digests(r)), "this is one record"),
    "a record to room": (lambda p, r: p.room(r, 1), "this is one record"),
    "swapped": (lambda p, r: p.write(Path("a.pdf"), [r]), "Give records first"),
    "swapped texts": (lambda p, r: p.write("a.pdf", [r]), "records can't be of the type str"),
    "bytes": (lambda p, _: p.write(b"{}", io.BytesIO()), "records can't be of the type bytes"),
    "nothing": (lambda p, _: p.write(None, io.BytesIO()), "records can't be of the type NoneType"),
    "no target": (lambda p, r: p.write([r], None), "target can't be of the type NoneType"),
    "a cover into records": (lambda p, r: p.write_cover([r], [r]), "target can't be .* list"),
    "a count as executor": (lambda p, r: p.write([r], io.BytesIO(), executor=4), "Executor"),
    "a path as signer": (lambda p, r: p.render(r, signer="k.p12"), "signer can't be of .* str"),
    "a path signs": (lambda p, r: p.write([r], io.BytesIO(), signer="k.p12"), "signer can't be"),
    "an issuer as template": (lambda p, _: Press(p.issuer), "template can't be .* Issuer"),
    "a framework as issuer": (lambda p, _: Press(issuer=p.framework), "issuer can't be"),
    "an issuer as framework": (lambda p, _: Press(framework=p.issuer), "framework can't be"),
    "a number as language": (lambda _, __: Press(language=3), "language can't be .* int"),
    "a path as key": (lambda _, __: Press(key="key.pem"), "key can't be of the type str"),
}


@pytest.mark.parametrize("mixed", MIXED_UP)
def test_what_is_mixed_up_is_told(
    press: Press, example: Mapping[str, Any], tmp_path: Path, mixed: str
) -> None:
    """An error of pixattest's says what to give, at once, and nothing of the person."""
    call, said = MIXED_UP[mixed]
    with pytest.raises(InputError, match=f"(?i){said}") as caught:
        call(press, press.read(example))
    assert caught.value.hint
    assert example["last_name"] not in str(caught.value)
    target = tmp_path / "class.pdf"
    with pytest.raises(InputError, match=r"(?i)this is one record"):
        press.write(example, target)
    assert not [*tmp_path.iterdir()]


def test_a_press_says_what_it_prints_with(press_for: Callable[..., Press]) -> None:
    """And nothing of who signs."""
    press = press_for()
    assert repr(press) == (
        f"Press(template='attestation', issuer={press.issuer.name!r}, language='fr', "
        "framework='crcn')"
    )
    sealed = repr(press_for("en", specimen=True, sealed=True, template="landscape"))
    assert sealed.startswith("Press(template='landscape'")
    assert sealed.endswith(f", specimen=True, kid={SEAL_KEY.kid!r})")
    own = Press(assets.template_path("attestation"))
    assert repr(own).startswith(f"Press(template={str(own.template)!r}, ")


@pytest.mark.parametrize(
    ("delivered", "years", "last"),
    [
        ("2024-02-09", 3, "2027-02-09"),
        ("2024-02-29", 3, "2027-02-28"),
        ("2024-02-29", 4, "2028-02-29"),
    ],
)
def test_a_press_tells_the_last_day_of_validity(
    example: Mapping[str, Any], delivered: str, years: int, last: str
) -> None:
    """Of a record and of a mapping; of a day that no validity holds on, what to add."""
    since = date.fromisoformat(delivered)
    issuer = msgspec.structs.replace(default_issuer(), validity=(Validity(years, since),))
    press = Press(issuer=issuer)
    raw = {**example, "delivered_on": delivered}
    assert press.valid_through(raw) == date.fromisoformat(last)
    assert press.valid_through(press.read(raw)) == date.fromisoformat(last)
    before = {**example, "delivered_on": (since - timedelta(1)).isoformat()}
    with pytest.raises(IssuerError, match="no validity holds on"):
        press.valid_through(before)


def test_a_pickled_press_prints_the_same(press: Press, example: Mapping[str, Any]) -> None:
    """Elsewhere, too, where a shipped template is known by its name."""
    again = pickle.loads(pickle.dumps(press))
    assert again.render(example) == press.render(example)
    assert repr(again) == repr(press)


def test_a_press_without_its_key_does_not_seal(
    press_for: Callable[..., Press], example: Mapping[str, Any]
) -> None:
    """The key reaches no other process: what is printed there comes with its seal."""
    again = pickle.loads(pickle.dumps(press_for(sealed=True)))
    assert again.kid == SEAL_KEY.kid
    with pytest.raises(PixattestError, match="came from another process"):
        again.render(example)


def test_threads_that_meet_a_kind_first_share_one_printer(example: Mapping[str, Any]) -> None:
    """A page of one thread may be planned by another one's kind."""
    press = Press()
    record = press.read(example)
    barrier = Barrier(4)

    def kind(_: int) -> object:
        barrier.wait()
        return press._plates.printer(record)

    with ThreadPoolExecutor(4) as threads:
        assert len({*map(id, threads.map(kind, range(4)))}) == 1
    tomorrow = msgspec.structs.replace(record, delivered_on=record.delivered_on + timedelta(1))
    assert press._plates.printer(tomorrow) is press._plates.printer(record)
    assert press._plates.printer(record, shared=False) is not press._plates.printer(record)
