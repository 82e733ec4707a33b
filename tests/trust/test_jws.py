"""Claims + key → a JWS; its parts, and whose signature it has."""

from __future__ import annotations

import base64
import json

import pytest
from keys import PUBLIC_KEYS, SEAL_KEY

from pixattest import generate_key
from pixattest.trust.jws import read_jws, sign_jws
from pixattest.trust.keys import to_base64url

HEADER: dict[str, str] = {"alg": "EdDSA", "typ": "JWT", "kid": to_base64url(SEAL_KEY.kid)}
PUBLIC = PUBLIC_KEYS[SEAL_KEY.kid]


def text_of(header: object, body: str = "e30", signature: str = "AA") -> str:
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    return f"{head}.{body}.{signature}"


def test_what_is_signed_is_read() -> None:
    """With the key's id, and the claims as they were written."""
    found = read_jws(sign_jws(HEADER, {"a": "é"}, SEAL_KEY), "JWT")
    assert (found.kid, found.payload) == (SEAL_KEY.kid, '{"a":"é"}'.encode())
    assert found.is_signed_by(PUBLIC)
    assert sign_jws(HEADER, {"a": "é"}, SEAL_KEY) == sign_jws(HEADER, {"a": "é"}, SEAL_KEY)


def test_another_signature_does_not_hold() -> None:
    """That of another key, that of other claims, one of another length."""
    assert not read_jws(sign_jws(HEADER, {}, generate_key()), "JWT").is_signed_by(PUBLIC)
    head, _, signature = sign_jws(HEADER, {"a": 1}, SEAL_KEY).split(".")
    assert not read_jws(f"{head}.e30.{signature}", "JWT").is_signed_by(PUBLIC)
    assert not read_jws(f"{head}.e30.AA", "JWT").is_signed_by(PUBLIC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "e30.e30",
        text_of(HEADER) + ".AA",
        text_of({}),
        text_of([]),
        text_of(HEADER | {"alg": "none"}),
        text_of(HEADER | {"typ": "JWS"}),
        text_of({**HEADER, "kid": None}),
        text_of(HEADER | {"kid": "A"}),
        text_of(HEADER | {"crit": "b64"}),
        text_of({name: HEADER[name] for name in ("alg", "typ")}),
        text_of(HEADER, body="="),
        text_of(HEADER, signature="A"),
        "e30." * 2 + "é",
    ],
)
def test_what_is_no_jws_of_that_type_is_refused(text: str) -> None:
    """Above all one that says how it wants to be checked."""
    with pytest.raises(ValueError, match=r"\w"):
        read_jws(text, "JWT")
