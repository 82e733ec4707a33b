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

from pixattest import OutputError, SealError
from pixattest.trust.keys import SealKey, public_keys
from pixattest.trust.revocations import publish_revocations, read_revocations, sign_revocations

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
