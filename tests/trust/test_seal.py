"""Record + key → digits of a seal; digits + public keys → facts, or why not."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import cbor2
import cwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from pixattest import FrameworkError, SealError, read_record
from pixattest.model.framework import crcn
from pixattest.model.issuer import DEFAULT_FIELDS
from pixattest.trust.keys import SealKey, public_keys
from pixattest.trust.seal import FIELDS, MOST_DIGITS, open_seal, seal_record

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "docs" / "seal-vectors.json").read_text(encoding="utf-8")
)
KEY = SealKey(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(VECTORS["private_key_seed"])))
KEYS = public_keys(json.dumps(VECTORS["jwks"]))
GENUINE = pytest.mark.parametrize("case", VECTORS["genuine"], ids=lambda case: case["name"])


def to_bytes(digits: str) -> bytes:
    number = int(digits)
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def through(case: dict[str, Any]) -> date | None:
    day = case["valid_through"]
    return date.fromisoformat(day) if day else None


@GENUINE
def test_seal_is_the_published_one(case: dict[str, Any]) -> None:
    """The same record and key give the digits of docs/seal-vectors.json, on any day."""
    record = read_record(case["record"])
    digits = seal_record(record, crcn(), tuple(case["fields"]), through(case), KEY)
    assert digits == case["digits"]
    assert to_bytes(digits).hex() == case["cose_sign1"]


@GENUINE
def test_facts_are_those_of_the_record(case: dict[str, Any]) -> None:
    """What the issuer seals is there, and nothing else of the person."""
    record = read_record(case["record"])
    facts = open_seal(case["digits"], KEYS)
    assert {name: getattr(facts, name) for name in FIELDS} == {
        name: getattr(record, name) if name in case["fields"] else None for name in FIELDS
    }
    assert (facts.code, facts.delivered_on) == (record.verification_code, record.delivered_on)
    assert (facts.valid_through, facts.max_level) == (through(case), record.max_level)
    assert facts.levels_in(crcn()) == dict(record.levels)
    assert (facts.kid, facts.framework) == (KEY.kid, "crcn")


@GENUINE
def test_other_implementation_reads_the_seal(case: dict[str, Any]) -> None:
    """A CWT library that knows nothing of pixattest checks the signature and the claims."""
    (x,) = (key.public_bytes_raw() for key in KEYS.values())
    key = cwt.COSEKey.new({1: 1, 2: KEY.kid, 3: -8, -1: 6, -2: x})
    tagged = cbor2.dumps(cbor2.CBORTag(18, cbor2.loads(to_bytes(case["digits"]))))
    _, _, payload = cwt.COSE.new().decode_with_headers(tagged, key)
    claims = cbor2.loads(payload)
    assert cbor2.dumps(claims, canonical=True) == payload
    record = read_record(case["record"])
    assert claims[7].decode() == record.verification_code
    assert date.fromordinal(claims[5] // 86400 + date(1970, 1, 1).toordinal()) == (
        record.delivered_on
    )
    version, framework, *held, levels = claims[-65537]
    assert (version, framework, held[-1]) == (1, "crcn", record.max_level)
    assert list(levels.hex()) == [str(record.levels.get(n, 0)) for n in crcn().competences]


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["name"])
def test_attack_is_caught(case: dict[str, Any]) -> None:
    """Each with its reason, and never as anything but a SealError."""
    with pytest.raises(SealError) as caught:
        open_seal(case["digits"], KEYS)
    assert caught.value.reason == case["reason"]
    assert caught.value.hint


@given(st.binary(min_size=1, max_size=600), st.booleans())
def test_any_payload_is_refused(data: bytes, begins_well: bool) -> None:
    """Malformed and oversize payloads raise a SealError and nothing else."""
    prefix = bytes.fromhex(VECTORS["genuine"][0]["cose_sign1"])[:40] if begins_well else b""
    with pytest.raises(SealError):
        open_seal(str(int.from_bytes(prefix + data, "big")), KEYS)


@given(st.text(max_size=MOST_DIGITS + 10))
def test_any_text_is_refused(text: str) -> None:
    """What is no number at all too."""
    with pytest.raises(SealError):
        open_seal(text, KEYS)


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_any_changed_byte_is_caught(place: int, byte: int) -> None:
    """No byte of a seal can be another one."""
    sealed = bytearray.fromhex(VECTORS["genuine"][0]["cose_sign1"])
    place %= len(sealed)
    if sealed[place] == byte:
        return
    sealed[place] = byte
    with pytest.raises(SealError):
        open_seal(str(int.from_bytes(sealed, "big")), KEYS)


PAYLOADS = st.recursive(
    st.integers(-(2**64), 2**64 - 1) | st.binary(max_size=9) | st.text(max_size=9) | st.none(),
    lambda below: st.lists(below, min_size=10, max_size=10),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([4, 5, 7, -65537, 0]), PAYLOADS))
def test_signed_nonsense_is_malformed(claims: dict[int, Any]) -> None:
    """A key that signs something else makes no seal of it, nor another error."""
    protected = cbor2.dumps({1: -8, 4: KEY.kid}, canonical=True)
    payload = cbor2.dumps(claims, canonical=True)
    signature = KEY.sign(cbor2.dumps(["Signature1", protected, b"", payload]))
    sealed = cbor2.dumps([protected, {}, payload, signature])
    with pytest.raises(SealError) as caught:
        open_seal(str(int.from_bytes(sealed, "big")), KEYS)
    assert caught.value.reason == "malformed"


def test_no_key_no_seal() -> None:
    """Without any known key every seal is of an unknown one."""
    with pytest.raises(SealError) as caught:
        open_seal(VECTORS["genuine"][0]["digits"], {})
    assert caught.value.reason == "unknown_key"


def test_more_levels_than_a_seal_holds_are_refused(record: dict[str, Any]) -> None:
    """Half a byte a level: 15 at most."""
    import msgspec

    framework = msgspec.structs.replace(crcn(), levels=16)
    with pytest.raises(FrameworkError, match="16 levels"):
        seal_record(read_record(record), framework, DEFAULT_FIELDS, None, KEY)


def test_facts_of_another_framework_are_not_read_as_this_one() -> None:
    """Levels have no numbers in a seal, so only their own framework can name them."""
    import msgspec

    facts = open_seal(VECTORS["genuine"][0]["digits"], KEYS)
    with pytest.raises(SealError, match="framework"):
        facts.levels_in(msgspec.structs.replace(crcn(), id="other"))
