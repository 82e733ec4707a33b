"""The signed list of revoked codes: what it says, and what is not believed."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from jwt import api_jws

from pixattest import InputError, OutputError, SealError
from pixattest.trust.keys import SealKey, public_keys
from pixattest.trust.revocations import (
    publish_revocations,
    read_revocations,
    read_revocations_file,
    remember_revocations,
    sign_revocations,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CODE, OTHER = "P-GVVP6HBM", "P-22222222"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32)
KEY = SealKey(PRIVATE)
OTHER_KEY = SealKey(Ed25519PrivateKey.from_private_bytes(bytes([2]) * 32))
KEYS = public_keys(json.dumps({"keys": [KEY.public]}))


def test_list_is_a_jws_that_others_check() -> None:
    """PyJWT reads it, and finds hashes of the codes alone."""
    jws = sign_revocations([OTHER, CODE, CODE], KEY, NOW, days=7)
    found = api_jws.decode_complete(jws.strip(), PRIVATE.public_key(), algorithms=["EdDSA"])
    assert found["header"] == {
        "alg": "EdDSA",
        "kid": KEY.public["kid"],
        "typ": "pixattest-revocations+jwt",
    }
    hashes = [
        base64.urlsafe_b64encode(sha256(code.encode()).digest()[:16]).rstrip(b"=").decode()
        for code in (CODE, OTHER)
    ]
    iat = int(NOW.timestamp())
    assert json.loads(found["payload"]) == {
        "iat": iat,
        "exp": iat + 7 * 86400,
        "seq": 2,
        "revoked": sorted(hashes),
    }
    assert CODE.encode() not in found["payload"]


def test_list_says_which_codes_are_revoked() -> None:
    found = read_revocations(sign_revocations([CODE], KEY, NOW), KEYS)
    assert CODE in found
    assert OTHER not in found
    assert (found.issued, found.expires) == (NOW, NOW + timedelta(days=30))


def test_same_codes_at_the_same_time_give_the_same_bytes() -> None:
    assert sign_revocations([CODE, OTHER], KEY, NOW) == sign_revocations([OTHER, CODE], KEY, NOW)


def refused(jws: bytes) -> str:
    with pytest.raises(SealError) as error:
        read_revocations(jws, KEYS)
    return error.value.reason


def test_list_of_another_key_is_refused() -> None:
    assert refused(sign_revocations([], OTHER_KEY, NOW)) == "unknown_key"


def test_altered_list_is_refused() -> None:
    """The claims of a list without the code, under the signature of the one that has it."""
    head, _, signature = sign_revocations([CODE], KEY, NOW).split(b".")
    claims = sign_revocations([], KEY, NOW).split(b".")[1]
    assert refused(b".".join((head, claims, signature))) == "altered"


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "HS256"}, {"typ": "JWT"}, {"b64": 0}])
def test_other_kinds_of_jws_are_refused(header: dict[str, object]) -> None:
    """What signs for another use, or says how it wants to be checked."""
    head = {"alg": "EdDSA", "kid": KEY.public["kid"], "typ": "pixattest-revocations+jwt"} | header
    claims = sign_revocations([], KEY, NOW).split(b".")[1]
    said = base64.urlsafe_b64encode(json.dumps(head).encode()).rstrip(b"=") + b"." + claims
    signature = base64.urlsafe_b64encode(PRIVATE.sign(said)).rstrip(b"=")
    assert refused(said + b"." + signature) == "malformed"


@given(
    st.one_of(st.binary(max_size=300), st.text(alphabet="eyJ.-_0{}", max_size=90).map(str.encode))
)
def test_any_other_bytes_are_malformed(content: bytes) -> None:
    assert refused(content) == "malformed"


# Publishing.


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a list of NOW lies that revokes OTHER."""
    publish_revocations(tmp_path / "revoked.jws", [OTHER], KEY, KEYS, NOW)
    return tmp_path / "revoked.jws"


def test_renewed_list_takes_the_place_of_the_former(path: Path) -> None:
    former = read_revocations(path.read_bytes(), KEYS)
    later = NOW + timedelta(days=1)
    made = publish_revocations(path, [OTHER, CODE], KEY, KEYS, later)
    assert read_revocations(path.read_bytes(), KEYS) == made
    assert former.is_older_than(made)
    assert not made.is_older_than(former)


def test_list_that_forgets_is_not_published(path: Path) -> None:
    """Of the wrong ledger, or of one from an old backup."""
    kept = path.read_bytes()
    with pytest.raises(OutputError, match="1 revoked codes that the ledger does not"):
        publish_revocations(path, [CODE], KEY, KEYS, NOW + timedelta(days=1))
    assert path.read_bytes() == kept


def test_list_older_than_the_published_one_is_not_published(path: Path) -> None:
    """Pages that have seen the published one would not believe it."""
    with pytest.raises(OutputError, match="still to come"):
        publish_revocations(path, [OTHER], KEY, KEYS, NOW - timedelta(days=1))


def test_list_whose_key_is_not_published_is_not_published(path: Path) -> None:
    with pytest.raises(OutputError, match="not published beside"):
        publish_revocations(path, [OTHER], OTHER_KEY, KEYS, NOW)


def test_what_is_no_list_is_not_replaced(path: Path) -> None:
    path.write_bytes(b"something else")
    with pytest.raises(SealError, match="not a list"):
        publish_revocations(path, [OTHER], KEY, KEYS, NOW)
    assert path.read_bytes() == b"something else"


def test_list_of_a_withdrawn_key_must_be_deleted_first(path: Path) -> None:
    """Nobody can tell what a thief wrote on it."""
    others = public_keys(json.dumps({"keys": [OTHER_KEY.public]}))
    with pytest.raises(SealError, match="none of the issuer's") as error:
        publish_revocations(path, [OTHER], OTHER_KEY, others, NOW)
    assert "delete the file" in str(error.value)
    path.unlink()
    assert OTHER in publish_revocations(path, [OTHER], OTHER_KEY, others, NOW)


# Files, and what was seen before.


def put(path: Path, *codes: str, made: datetime = NOW, key: SealKey = KEY) -> Path:
    path.write_bytes(sign_revocations(codes, key, made))
    return path


def test_a_list_is_read_from_its_file(tmp_path: Path) -> None:
    """An error names the file."""
    path = put(tmp_path / "revoked.jws", CODE)
    assert CODE in read_revocations_file(path, KEYS)
    with pytest.raises(InputError, match="No such file") as missing:
        read_revocations_file(tmp_path / "none.jws", KEYS)
    assert missing.value.source == str(tmp_path / "none.jws")
    put(path, key=OTHER_KEY)
    with pytest.raises(SealError, match="none of the issuer's") as unknown:
        read_revocations_file(path, KEYS)
    assert (unknown.value.source, unknown.value.reason) == (str(path), "unknown_key")


def test_the_newest_list_is_remembered(tmp_path: Path) -> None:
    """The first one that is seen, and each newer one in its place."""
    path, memory = tmp_path / "revoked.jws", tmp_path / "seen.jws"
    for made, codes in ((NOW, [OTHER]), (NOW + timedelta(1), [OTHER, CODE])):
        put(path, *codes, made=made)
        found = remember_revocations(path, memory, KEYS)
        assert (found.issued, found.seq) == (made, len(codes))
        assert memory.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("codes", "made"),
    [([OTHER], NOW + timedelta(1)), ([OTHER, CODE], NOW - timedelta(seconds=1)), ([], NOW)],
)
def test_an_older_list_is_passed_by(tmp_path: Path, codes: list[str], made: datetime) -> None:
    """One that was made before, or that forgets a code; the memory stays as it is."""
    path, memory = tmp_path / "revoked.jws", put(tmp_path / "seen.jws", OTHER, CODE)
    before = memory.read_bytes()
    put(path, *codes, made=made)
    assert CODE in remember_revocations(path, memory, KEYS)
    assert memory.read_bytes() == before


def test_the_same_list_is_no_older_one(tmp_path: Path) -> None:
    made = read_revocations(sign_revocations([CODE], KEY, NOW), KEYS)
    assert not made.is_older_than(made)
    path = put(tmp_path / "revoked.jws", CODE)
    assert remember_revocations(path, put(tmp_path / "seen.jws", CODE), KEYS) == made


def test_a_spoilt_memory_is_told(tmp_path: Path) -> None:
    """It is not taken for none."""
    path, memory = put(tmp_path / "revoked.jws", CODE), tmp_path / "seen.jws"
    memory.write_bytes(b"spoilt")
    with pytest.raises(SealError, match="not a list") as caught:
        remember_revocations(path, memory, KEYS)
    assert caught.value.source == str(memory)


def test_a_list_of_the_same_moment_is_published_again(path: Path) -> None:
    """With no other code, or one more."""
    assert publish_revocations(path, [OTHER], KEY, KEYS, NOW).seq == 1
    made = publish_revocations(path, [OTHER, CODE], KEY, KEYS, NOW, days=1)
    assert made.expires == NOW + timedelta(1)


def test_a_former_list_that_can_not_be_read_is_kept(path: Path) -> None:
    path.unlink()
    path.mkdir()
    with pytest.raises(OutputError, match="can't be read"):
        publish_revocations(path, [OTHER], KEY, KEYS, NOW)


def test_a_list_shows_how_many_codes_it_has() -> None:
    """And not their hashes, of which there may be a million."""
    found = read_revocations(sign_revocations([CODE, OTHER], KEY, NOW), KEYS)
    assert repr(found) == "<RevocationList of 2026-03-01: 2 codes>"


def signed(claims: object) -> bytes:
    """A list with any claims, signed with the issuer's key."""
    header = {"alg": "EdDSA", "kid": KEY.public["kid"], "typ": "pixattest-revocations+jwt"}
    parts = (json.dumps(part).encode() for part in (header, claims))
    said = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    return said + b"." + base64.urlsafe_b64encode(PRIVATE.sign(said)).rstrip(b"=")


CLAIMS: dict[str, object] = {"iat": 0, "exp": 1, "seq": 1, "revoked": ["A" * 22]}


def test_claims_of_any_time_are_read() -> None:
    """From 1970 on, for two thousand years."""
    found = read_revocations(signed(CLAIMS | {"exp": (1 << 36) - 1}), KEYS)
    assert (found.issued, found.seq) == (datetime(1970, 1, 1, tzinfo=UTC), 1)
    assert found.hashes == {"A" * 22}
    assert read_revocations(b" \n" + signed(CLAIMS | {"seq": 0}) + b"\n\n", KEYS).seq == 0


@pytest.mark.parametrize(
    "change",
    [
        {"iat": -1},
        {"exp": 1 << 36},
        {"seq": -1},
        {"seq": "1"},
        {"revoked": ["A" * 21]},
        {"revoked": ["A" * 23]},
        {"revoked": ["A" * 22 + "\n"]},
        {"revoked": ["=" * 22]},
        {"revoked": None},
        {"more": 1},
    ],
)
def test_claims_that_only_a_keys_holder_can_sign_are_checked(change: dict[str, object]) -> None:
    """A list of another form is none, though its signature holds."""
    assert refused(signed(CLAIMS | change)) == "malformed"


@pytest.mark.parametrize("claim", ["iat", "exp", "seq", "revoked"])
def test_each_claim_is_needed(claim: str) -> None:
    claims = dict(CLAIMS)
    del claims[claim]
    assert refused(signed(claims)) == "malformed"
    assert refused(signed([])) == "malformed"


def test_a_list_that_is_too_long_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """However it was signed; one of the largest size is."""
    jws = sign_revocations([CODE], KEY, NOW)
    monkeypatch.setattr("pixattest.trust.revocations._LARGEST", len(jws))
    assert CODE in read_revocations(jws, KEYS)
    assert refused(jws + b"\n") == "malformed"
