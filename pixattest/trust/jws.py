"""Header and claims + key → a compact JWS (RFC 7515); a JWS → its parts, to be checked.

Signatures are Ed25519 (RFC 8037). Badges and lists of revocations are such texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from pixattest.trust.keys import from_base64url, has_signed, to_base64url

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from pixattest.trust.keys import SealKey


class Jws(NamedTuple):
    """A JWS whose signature has not been checked yet.

    Attributes:
        kid: id of the key that has signed it, as it says itself.
        payload: bytes of the claims, in JSON.
        signed: bytes that the signature covers.
        signature: the signature.
    """

    kid: bytes
    payload: bytes
    signed: bytes
    signature: bytes

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether the signature was made with the private half of a key."""
        return has_signed(key, self.signature, self.signed)


def sign_jws(header: Mapping[str, str], claims: Mapping[str, Any], key: SealKey) -> str:
    """Sign claims; the same claims and key give the same text.

    Args:
        header: the type of the text (`typ`), and whatever else its kind has.
        claims: the content.
        key: the key that signs.
    """
    signed = ".".join(to_base64url(msgspec.json.encode(part)) for part in (header, claims))
    return f"{signed}.{to_base64url(key.sign(signed.encode()))}"


def read_jws(text: str, typ: str) -> Jws:
    """Take a JWS apart.

    Whatever its header says, Ed25519 is what is checked; a header with other words is refused.

    Args:
        text: the JWS.
        typ: the type that its header must name.

    Raises:
        ValueError: the text is not a JWS of that type.
    """
    head, body, signature = text.split(".")
    try:
        header = msgspec.json.decode(from_base64url(head), type=dict[str, str])
    except (msgspec.MsgspecError, RecursionError):
        raise ValueError("the header is not JSON, or says things that are not texts") from None
    if header != {"alg": "EdDSA", "typ": typ, "kid": header.get("kid")}:
        raise ValueError("the header is that of another kind of JWS")
    return Jws(
        from_base64url(header["kid"]),
        from_base64url(body),
        f"{head}.{body}".encode(),
        from_base64url(signature),
    )
