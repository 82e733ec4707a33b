"""Passphrase → an issuer's key for seals, encrypted in a file, and its public half in a JWKS.

The private key is Ed25519 in PKCS#8 PEM; the set of public keys is a JWKS (RFC 7517, RFC 8037). A
private key can't be pickled, so that it reaches no other process.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from pixattest.errors import IssuerError, OutputError, PixattestError
from pixattest.output import write_file

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

    PublicKeys = Mapping[bytes, Ed25519PublicKey]
    """Public keys by their ids."""

# Name of the set of public keys, beside the private key and beside the verification page.
PUBLIC_KEYS_FILE = "keys.json"

# A new key's passphrase has 16 characters at least.
SHORTEST_PASSPHRASE = 16

# A file of keys has 1 MiB at most.
_LARGEST_FILE = 1 << 20

# The id of a key is the first 8 bytes of its thumbprint.
_KID_SIZE = 8


class SealKey:
    """An issuer's private key for seals.

    Attributes:
        kid: its id, the first 8 bytes of the public key's thumbprint (RFC 7638, SHA-256).
        sign: the function that signs bytes; the signature has 64 bytes, and is always the same.
    """

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.sign = private.sign
        self._x = private.public_key().public_bytes_raw()
        self.kid = kid_of(self._x)

    @property
    def public(self) -> dict[str, str]:
        """The public key as a JWK."""
        return {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": to_base64url(self._x),
            "kid": to_base64url(self.kid),
            "alg": "EdDSA",
            "use": "sig",
        }

    def __repr__(self) -> str:
        return f"<SealKey {to_base64url(self.kid)}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a private key is not pickled")


def kid_of(x: bytes) -> bytes:
    """Return the id of a public key: the first 8 bytes of its thumbprint (RFC 7638, SHA-256)."""
    said = f'{{"crv":"Ed25519","kty":"OKP","x":"{to_base64url(x)}"}}'
    return hashlib.sha256(said.encode()).digest()[:_KID_SIZE]


def generate_key() -> SealKey:
    """Make a new key from the system's randomness."""
    return SealKey(_ed25519().Ed25519PrivateKey.generate())


def refuse_taken(path: Path) -> None:
    """Refuse to replace a key's file, before a passphrase is asked for.

    Raises:
        OutputError: the file exists.
    """
    if os.path.lexists(path):
        hint = "Choose another file; a key that is replaced is lost."
        raise OutputError("exists already and was kept", source=str(path), hint=hint)


def refuse_missing(path: Path) -> None:
    """Refuse a key's file that is not there, before a passphrase is asked for.

    Raises:
        IssuerError: the file is not there.
    """
    try:
        path.stat()  # not opened, because the content of a pipe can be read only once
    except OSError as reason:
        problem = f"can't be read: {reason.strerror}"
        hint = "Make a key with `pixattest keygen`, or correct its path."
        raise IssuerError(problem, source=str(path), hint=hint) from None


def write_key(key: SealKey, path: Path, passphrase: str) -> None:
    """Write a key, encrypted, to a new file that only its owner may read.

    Raises:
        IssuerError: the passphrase is too short.
        OutputError: the file exists, or can't be written.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise IssuerError(
            f"the passphrase has fewer than {SHORTEST_PASSPHRASE} characters",
            hint="Take five words that have nothing to do with each other.",
        )
    refuse_taken(path)
    from cryptography.hazmat.primitives import serialization

    pem = key._private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode()),
    )
    try:
        with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
    except OSError as reason:
        problem = f"can't be written: {reason.strerror}"
        raise OutputError(problem, source=str(path), hint="Choose another.") from None


def read_key(path: Path, passphrase: str) -> SealKey:
    """Read an encrypted key.

    Raises:
        IssuerError: the file can't be read, it is not an encrypted Ed25519 key, or the passphrase
            is wrong.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    def refuse(problem: str, hint: str) -> NoReturn:
        raise IssuerError(problem, source=str(path), hint=hint) from None

    pem = _read(path)
    new = "Make one with `pixattest keygen`."
    if b"BEGIN ENCRYPTED PRIVATE KEY" not in pem:
        refuse("is not an encrypted private key in PKCS#8 PEM", new)
    try:
        private = serialization.load_pem_private_key(pem, passphrase.encode())
    except UnsupportedAlgorithm:
        refuse("is encrypted in a way that is not known here", new)
    except (ValueError, TypeError):
        refuse("does not open: the passphrase is wrong, or the file damaged", "Try it again.")
    if not isinstance(private, _ed25519().Ed25519PrivateKey):
        refuse("is not an Ed25519 key", new)
    return SealKey(private)


def read_published_key(path: Path, jwks: Path, passphrase: str) -> SealKey:
    """Read a key whose public half is in a JWKS file; without that nobody could check its seals.

    Raises:
        IssuerError: one of the files can't be read, or the public half is not there.
    """
    key = read_key(path, passphrase)
    if key.kid not in read_public_keys(jwks):
        raise IssuerError(
            f"the public half of {path} is not in it: nobody could check its seals",
            source=str(jwks),
            hint="Name the JWKS that `pixattest keygen` wrote, or a key that is in it.",
        )
    return key


def published(key: SealKey, path: Path) -> bytes:
    """Return the content of a JWKS file, with a key's public half added.

    Raises:
        IssuerError: the file is there, and is not a set of public keys.
    """
    said: dict[str, Any] = {"keys": []}
    if path.exists():
        read_public_keys(path)
        said = json.loads(_read(path))
    if key.public not in said["keys"]:
        said["keys"].append(key.public)
    return json.dumps(said, indent=2).encode() + b"\n"


def publish_key(key: SealKey, path: Path) -> None:
    """Add a key's public half to a JWKS file, which is made if it is not there.

    Raises:
        IssuerError: the file is there, and is not a set of public keys.
        OutputError: the file can't be written.
    """
    write_file(path, published(key, path), force=True)


def read_public_keys(path: Path) -> PublicKeys:
    """Read the public keys of a JWKS file, by their ids.

    Raises:
        IssuerError: the file can't be read, or is not a set of public keys.
    """
    try:
        return public_keys(_read(path))
    except IssuerError as error:
        error.source = str(path)
        raise


def public_keys(jwks: bytes | str) -> PublicKeys:
    """Return the Ed25519 keys of a JWKS by their ids; other kinds are left out (RFC 7517, 5).

    Raises:
        IssuerError: it is not a set of public keys, or a key in it has the id of another one.
    """

    def refuse(problem: str) -> NoReturn:
        hint = "`pixattest keygen` writes such a file."
        raise IssuerError(problem, source="public keys", hint=hint) from None

    try:
        said: Any = json.loads(jwks)
    except (ValueError, RecursionError):
        refuse("this is not JSON")
    keys = said.get("keys") if isinstance(said, dict) else None
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        refuse("this is not a set of keys (RFC 7517)")
    found = {}
    for key in keys:
        if "d" in key or "k" in key:
            refuse("there is a private key in the set of public keys; take it for stolen")
        if (key.get("kty"), key.get("crv")) != ("OKP", "Ed25519"):
            continue
        try:
            x = from_base64url(key.get("x"))
            kid = from_base64url(key.get("kid"))
            public = _ed25519().Ed25519PublicKey.from_public_bytes(x)
        except ValueError:
            refuse("a key's x or kid is not what Ed25519 has")
        if kid != kid_of(x):
            refuse(f"the key {to_base64url(kid_of(x))} has the id {to_base64url(kid)}")
        found[kid] = public
    return found


def has_signed(key: Ed25519PublicKey, signature: bytes, data: bytes) -> bool:
    """Whether a signature of some data was made with the private half of a key."""
    from cryptography.exceptions import InvalidSignature

    try:
        key.verify(signature, data)
    except InvalidSignature:
        return False
    return True


def to_base64url(data: bytes) -> str:
    """Write bytes in base64url without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: object) -> bytes:
    """Return the bytes of a text in base64url without padding.

    Raises:
        ValueError: it is not such a text, or one that `to_base64url` would write otherwise.
    """
    if not isinstance(text, str) or not text.isascii():
        raise ValueError("not a text in base64url")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError("not base64url") from None
    if to_base64url(data) != text:
        raise ValueError("not base64url in its one form")
    return data


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_FILE + 1)
    except OSError as reason:
        problem = f"can't be read: {reason.strerror}"
        raise IssuerError(problem, source=str(path), hint="Check its path.") from None
    if len(data) > _LARGEST_FILE:
        raise IssuerError("is too large for keys", source=str(path), hint="Check its path.")
    return data


def _ed25519() -> Any:
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError:
        raise PixattestError(
            "cryptography is not installed", hint="Run pip install 'pixattest[seal]'."
        ) from None
    return ed25519
