"""Record + key → digits of a seal; digits + public keys → facts, or why not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import cbor2
import cwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from pixattest import Band, FrameworkError, LayoutError, Rules, SealError, read_record
from pixattest.model.framework import crcn
from pixattest.model.issuer import DEFAULT_FIELDS
from pixattest.trust import cbor
from pixattest.trust.keys import SealKey, public_keys
from pixattest.trust.seal import (
    FIELDS,
    MOST_DIGITS,
    open_seal,
    refuse_too_long,
    seal_record,
)

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


def test_facts_stay_as_they_were_sealed() -> None:
    """Nobody who has them can change them, nor tells a person's data by showing them."""
    facts = open_seal(VECTORS["genuine"][0]["digits"], KEYS)
    with pytest.raises(AttributeError):
        facts.max_level = 8  # type: ignore[misc]
    assert repr(facts) == f"<SealedFacts crcn {facts.code}, delivered on {facts.delivered_on}>"


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


# Seals that only a key's holder can make.


def minted(claims: Any, *, header: Any = None, unprotected: Any = None, parts: int = 4) -> str:
    """The digits of something that was signed with the issuer's key."""
    protected = cbor2.dumps({1: -8, 4: KEY.kid} if header is None else header, canonical=True)
    payload = claims if isinstance(claims, bytes) else cbor.encode(claims)
    signature = KEY.sign(cbor2.dumps(["Signature1", protected, b"", payload]))
    sealed = [protected, unprotected or {}, payload, signature][:parts]
    return str(int.from_bytes(cbor2.dumps(sealed), "big"))


def claims_of(case: dict[str, Any]) -> dict[int, Any]:
    """The claims of a genuine seal."""
    found: Any = cbor2.loads(cbor2.loads(to_bytes(case["digits"]))[2])
    return dict(found)


@pytest.fixture
def claims() -> dict[int, Any]:
    return claims_of(VECTORS["genuine"][0])


def refusal(digits: str) -> str:
    """What is said of a seal that is malformed."""
    with pytest.raises(SealError) as caught:
        open_seal(digits, KEYS)
    assert caught.value.reason == "malformed"
    return caught.value.problem


def test_a_minted_seal_is_read(claims: dict[int, Any]) -> None:
    """So that the following tests find what they change, and nothing else."""
    assert open_seal(minted(claims), KEYS) == open_seal(VECTORS["genuine"][0]["digits"], KEYS)


@pytest.mark.parametrize("claim", [5, 7, -65537])
def test_a_missing_claim_is_refused(claims: dict[int, Any], claim: int) -> None:
    del claims[claim]
    assert "it lacks claims" in refusal(minted(claims))


@pytest.mark.parametrize("claim", [0, 1, 6, -65538])
def test_an_unknown_claim_is_refused(claims: dict[int, Any], claim: int) -> None:
    """It may say that the others hold no more."""
    assert "claims that are not known" in refusal(minted(claims | {claim: 0}))


@pytest.mark.parametrize("said", [None, [], 7, "x"])
def test_claims_that_are_no_map_are_refused(said: Any) -> None:
    assert "it lacks claims" in refusal(minted(said))


@pytest.mark.parametrize(
    "change",
    [
        lambda facts: [2, *facts[1:]],
        lambda facts: [0, *facts[1:]],
        lambda facts: ["1", *facts[1:]],
        lambda facts: facts[:-1],
        lambda facts: [*facts, None],
        lambda _: [],
        lambda _: None,
        lambda facts: dict(enumerate(facts)),
    ],
)
def test_another_version_is_refused(claims: dict[int, Any], change: Any) -> None:
    """Facts of another number or length are those of a format that is not known here."""
    claims[-65537] = change(claims[-65537])
    assert "another version of the format" in refusal(minted(claims))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (1, None),  # framework
        (1, b"crcn"),
        (2, 7),  # first name
        (3, b"Martin"),  # last name
        (4, "2003-01-12"),  # date of birth
        (4, 10**9),
        (4, -(10**6)),
        (4, 2**63),
        (5, 7),  # place of birth
        (6, []),  # centre
        (7, "142"),  # score
        (8, None),  # highest level
        (8, "6"),
        (9, None),  # levels
        (9, "21"),
    ],
)
def test_a_fact_of_another_type_is_refused(claims: dict[int, Any], place: int, value: Any) -> None:
    """Nor is a day read that no calendar has."""
    claims[-65537][place] = value
    assert "a value in it is not what it should be" in refusal(minted(claims))


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        (4, "x"),
        (4, 86399),
        (4, -(10**14)),
        (5, None),
        (5, 86401),
        (5, 2**63),
        (7, "P-GVVP6HBM"),
        (7, b"\xff"),
    ],
)
def test_a_claim_of_another_type_is_refused(claims: dict[int, Any], claim: int, value: Any) -> None:
    """Times are whole days; a code is UTF-8 in bytes."""
    claims[claim] = value
    assert "a value in it is not what it should be" in refusal(minted(claims))


def test_days_of_any_year_are_read(claims: dict[int, Any]) -> None:
    """The last day of the last year as well as one before 1970."""
    last = (date.max.toordinal() - date(1970, 1, 1).toordinal() + 1) * 86400
    facts = open_seal(minted(claims | {4: last, 5: -86400}), KEYS)
    assert (facts.valid_through, facts.delivered_on) == (date.max, date(1969, 12, 31))
    claims[-65537][4] = -1
    assert open_seal(minted(claims), KEYS).birth_date == date(1969, 12, 31)
    del claims[4]
    assert open_seal(minted(claims), KEYS).valid_through is None


@pytest.mark.parametrize(
    ("header", "unprotected"),
    [
        ({1: -7, 4: KEY.kid}, None),
        ({1: -8}, None),
        ({1: -8, 4: "kid"}, None),
        ({1: -8, 4: KEY.kid, 3: 0}, None),
        ([], None),
        (None, {4: KEY.kid}),
    ],
)
def test_another_header_is_refused(claims: dict[int, Any], header: Any, unprotected: Any) -> None:
    """Words that are not understood may say how the seal wants to be checked."""
    digits = minted(claims, header=header, unprotected=unprotected)
    assert "not that of an Ed25519 signature" in refusal(digits)


def test_a_seal_of_other_parts_is_refused(claims: dict[int, Any]) -> None:
    assert "the four parts" in refusal(minted(claims, parts=3))
    assert "deterministic CBOR" in refusal(minted(b"\x18\x01"))
    parts = cbor2.loads(to_bytes(minted(claims)))
    for signature in (parts[3][:-1], parts[3] + b"x"):
        digits = str(int.from_bytes(cbor2.dumps([*parts[:3], signature]), "big"))
        assert "another length than Ed25519's" in refusal(digits)


def test_a_seal_has_a_largest_size(claims: dict[int, Any]) -> None:
    """1200 digits are read, and one more is not."""
    assert "deterministic CBOR" in refusal("9" * MOST_DIGITS)
    assert "at most 1200 digits" in refusal("9" * (MOST_DIGITS + 1))
    assert "at most 1200 digits" in refusal("0" + minted(claims))


PAYLOADS = st.recursive(
    st.integers(-(2**64), 2**64 - 1) | st.binary(max_size=9) | st.text(max_size=9) | st.none(),
    lambda below: st.lists(below, min_size=10, max_size=10),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([4, 5, 7, -65537, 0]), PAYLOADS))
def test_signed_nonsense_is_malformed(claims: dict[int, Any]) -> None:
    """A key that signs something else makes no seal of it, nor another error."""
    refusal(minted(cbor2.dumps(claims, canonical=True)))


def test_no_key_no_seal() -> None:
    """Without any known key every seal is of an unknown one."""
    with pytest.raises(SealError) as caught:
        open_seal(VECTORS["genuine"][0]["digits"], {})
    assert caught.value.reason == "unknown_key"


def test_more_levels_than_a_seal_holds_are_refused(record: dict[str, Any]) -> None:
    """Half a byte a level: 15 at most."""
    framework = msgspec.structs.replace(crcn(), levels=16)
    with pytest.raises(FrameworkError, match="16 levels"):
        seal_record(read_record(record), framework, DEFAULT_FIELDS, None, KEY)


def test_facts_of_another_framework_are_not_read_as_this_one() -> None:
    """Levels have no numbers in a seal, so only their own framework can name them."""
    facts = open_seal(VECTORS["genuine"][0]["digits"], KEYS)
    with pytest.raises(SealError, match="framework"):
        facts.levels_in(msgspec.structs.replace(crcn(), id="other"))


# What can be sealed.


def test_the_highest_level_has_half_a_byte(record: dict[str, Any]) -> None:
    """15 is sealed as it is."""
    bands = (*crcn().bands[:-1], Band(15, "All above"))
    framework = msgspec.structs.replace(crcn(), levels=15, score=None, bands=bands)
    levels = dict.fromkeys(framework.competences, 15)
    given = record | {"levels": levels, "score": None, "max_level": 15}
    read = read_record(given, rules=Rules.of(framework))
    facts = open_seal(seal_record(read, framework, DEFAULT_FIELDS, None, KEY), KEYS)
    assert facts.levels_in(framework) == levels


@pytest.mark.parametrize("odd", [0, 1])
def test_an_odd_number_of_levels_has_one_more(record: dict[str, Any], odd: int) -> None:
    """Which is 0, and no competence's."""
    facts = open_seal(VECTORS["genuine"][0]["digits"], KEYS)
    levels = facts.levels[: len(crcn().competences)]
    more = replace(facts, levels=(*levels, *[0] * odd))
    assert more.levels_in(crcn()) == dict(read_record(record).levels)
    for wrong in (levels[:-1], (*levels, 0, 0)):
        with pytest.raises(SealError, match="framework"):
            replace(facts, levels=wrong).levels_in(crcn())


def test_texts_that_are_too_long_together_are_refused(record: dict[str, Any]) -> None:
    """The longest of them is named, in bytes; nothing else of the page is at fault."""
    texts = {"first_name": "é" * 60, "last_name": "x" * 100, "centre": "ж" * 120}
    long = read_record(record | texts)
    with pytest.raises(LayoutError) as caught:
        seal_record(long, crcn(), FIELDS, None, KEY)
    assert [fault.field for fault in caught.value.faults] == ["centre"]
    digits = seal_record(long, crcn(), ("first_name",), None, KEY)
    assert open_seal(digits, KEYS).first_name == "é" * 60
    with pytest.raises(LayoutError, match="centre"):
        refuse_too_long(long, 16, digits)


def test_a_seal_fits_its_qr_code_or_is_refused(record: dict[str, Any]) -> None:
    """Version 15 holds it; phones read a larger one badly."""
    read = read_record(record)
    refuse_too_long(read, 15, "1")
    for version, digits in ((16, "1"), (15, "")):
        with pytest.raises(LayoutError):
            refuse_too_long(read, version, digits)
