"""Revoked codes + key → the signed list that lies beside the verification page, and back.

The list is a compact JWS (RFC 7515), signed with Ed25519 (RFC 8037). It holds hashes, not codes,
and the time until which it speaks. docs/verification-page.md has its format.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Meta

from pixattest.errors import InputError, OutputError, SealError
from pixattest.output import write_file
from pixattest.trust.keys import from_base64url, to_base64url

if TYPE_CHECKING:
    from pixattest.trust.keys import PublicKeys, SealKey

# Name of the list beside the public keys and the verification page.
REVOCATIONS_FILE = "revoked.jws"

# A list speaks for 30 days unless another number is asked for.
DAYS = 30

_TYPE = "pixattest-revocations+jwt"
_HASH_SIZE = 16
_LARGEST = 64 << 20
"""Bytes of a list, at most: two million codes."""

_Seconds = Annotated[int, Meta(ge=0, lt=1 << 36)]
_Hash = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{22}\Z")]


class _Header(msgspec.Struct, forbid_unknown_fields=True):
    alg: Literal["EdDSA"]
    kid: str
    typ: Literal["pixattest-revocations+jwt"]


class _Claims(msgspec.Struct, forbid_unknown_fields=True):
    iat: _Seconds
    exp: _Seconds
    seq: Annotated[int, Meta(ge=0)]
    revoked: list[_Hash]


@dataclass(frozen=True, slots=True)
class RevocationList:
    """What a list says whose signature holds.

    Attributes:
        issued: when it was made, in UTC.
        expires: from when on it says nothing of codes that it does not hold, in UTC.
        seq: its number: that of the codes in it. Revoked is for ever, so it never falls.
        hashes: of the revoked codes.
    """

    issued: datetime
    expires: datetime
    seq: int
    hashes: frozenset[str]

    def __contains__(self, code: str) -> bool:
        return _hash(code) in self.hashes

    def is_older_than(self, other: RevocationList) -> bool:
        """Whether it was made before another one; who puts it in that one's place replays it."""
        return self.seq < other.seq or self.issued < other.issued


def sign_revocations(
    codes: Iterable[str], key: SealKey, now: datetime, *, days: int = DAYS
) -> bytes:
    """A signed list of revoked codes.

    Args:
        codes: all that were ever revoked, in any order.
        key: signs it.
        now: when it is made, with its zone.
        days: for how long it speaks.
    """
    hashes = sorted({_hash(code) for code in codes})
    iat = int(now.timestamp())
    header = {"alg": "EdDSA", "kid": to_base64url(key.kid), "typ": _TYPE}
    exp = iat + int(timedelta(days=days).total_seconds())
    claims = {"iat": iat, "exp": exp, "seq": len(hashes), "revoked": hashes}
    said = ".".join(
        to_base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims)
    )
    return f"{said}.{to_base64url(key.sign(said.encode()))}\n".encode()


def read_revocations(jws: bytes, keys: PublicKeys) -> RevocationList:
    """A list, once its signature is found to be that of a known key.

    Whether it still speaks (`expires`), and whether a newer one was seen before
    (`is_older_than`), is for the caller to ask.

    Raises:
        SealError: it does not hold; `reason` says why.
    """
    try:
        if len(jws) > _LARGEST:
            raise ValueError("too long")
        said, _, signature = jws.decode("ascii").strip().rpartition(".")
        head, _, payload = said.partition(".")
        header = msgspec.json.decode(from_base64url(head), type=_Header)
        claims = msgspec.json.decode(from_base64url(payload), type=_Claims)
        kid, signed = from_base64url(header.kid), from_base64url(signature)
    except (ValueError, msgspec.DecodeError):
        raise SealError(
            "this is not a list of revocations",
            reason="malformed",
            hint="`pixattest revocations` writes one.",
        ) from None
    if kid not in keys:
        raise SealError(
            f"the list of revocations is signed with the key {header.kid}, which is none of the"
            " issuer's",
            reason="unknown_key",
            hint="Is this the set of keys of the issuer, and up to date?",
        )
    from cryptography.exceptions import InvalidSignature

    try:
        keys[kid].verify(signed, said.encode())
    except InvalidSignature:
        raise SealError(
            "the list of revocations was altered after it was signed",
            reason="altered",
            hint="Fetch it anew from its issuer.",
        ) from None
    return RevocationList(
        issued=datetime.fromtimestamp(claims.iat, UTC),
        expires=datetime.fromtimestamp(claims.exp, UTC),
        seq=claims.seq,
        hashes=frozenset(claims.revoked),
    )


def read_revocations_file(path: Path, keys: PublicKeys) -> RevocationList:
    """A list from its file.

    Raises:
        InputError: it can't be read.
        SealError: it does not hold; `reason` says why.
    """
    try:
        with path.open("rb") as file:
            return read_revocations(file.read(_LARGEST + 1), keys)
    except OSError as reason:
        problem = f"can't be read: {reason.strerror}"
        raise InputError(problem, source=str(path), hint="Check its path.") from None
    except SealError as error:
        error.source = str(path)
        raise


def remember_revocations(path: Path, memory: Path, keys: PublicKeys) -> RevocationList:
    """The newer one of a list and of the newest that was seen before.

    So an older list that is put in its place by who controls the web space is of no use.

    Args:
        path: of the list.
        memory: a copy of the newest list that was seen; none yet: it is made.
        keys: those of the issuer.

    Raises:
        InputError: one of them can't be read.
        SealError: one of them does not hold.
        OutputError: the memory can't be written.
    """
    found = read_revocations_file(path, keys)
    known = read_revocations_file(memory, keys) if memory.exists() else None
    if known and found.is_older_than(known):
        return known
    write_file(memory, path.read_bytes(), force=True)
    return found


def publish_revocations(
    path: Path,
    codes: Iterable[str],
    key: SealKey,
    keys: PublicKeys,
    now: datetime,
    *,
    days: int = DAYS,
) -> RevocationList:
    """Write the list that replaces the one of that path, if there is one.

    Args:
        path: of the list.
        codes: all that were ever revoked.
        key: signs it.
        keys: those published beside it.
        now: when it is made, with its zone.
        days: for how long it speaks.

    Raises:
        OutputError: the page would not believe it, or it would forget what the list there says.
        SealError: the list there does not hold.
    """

    def refuse(problem: str, hint: str) -> OutputError:
        return OutputError(problem, source=str(path), hint=hint)

    if key.kid not in keys:
        raise refuse(
            f"would be signed with the key {to_base64url(key.kid)}, which is not published beside",
            "Add its public half to keys.json, or take another key.",
        )
    jws = sign_revocations(codes, key, now, days=days)
    made = read_revocations(jws, keys)
    try:
        former = read_revocations(path.read_bytes(), keys) if path.exists() else None
    except OSError as reason:
        raise refuse(f"can't be read: {reason.strerror}", "Check its path.") from None
    except SealError as error:
        error.source = str(path)
        error.hint = "If its key was withdrawn, delete the file and run the command again."
        raise
    if former and not former.hashes <= made.hashes:
        raise refuse(
            f"names {len(former.hashes - made.hashes)} revoked codes that the ledger does not",
            "Is it the right ledger, and whole?",
        )
    if former and made.is_older_than(former):
        raise refuse(
            f"is of {former.issued:%Y-%m-%d %H:%M:%S} UTC, which is still to come",
            "Set this machine's clock.",
        )
    write_file(path, jws, force=True)
    return made


def _hash(code: str) -> str:
    return to_base64url(hashlib.sha256(code.encode()).digest()[:_HASH_SIZE])
