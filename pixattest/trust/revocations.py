"""Revoked codes + key → the signed list that lies beside the verification page; list → codes.

The list is a compact JWS (RFC 7515), signed with Ed25519 (RFC 8037). It holds hashes, not codes,
and the time at which it expires. docs/verification-page.md has its format.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from pixattest.errors import InputError, OutputError, SealError
from pixattest.output import write_file
from pixattest.trust.jws import read_jws, sign_jws
from pixattest.trust.keys import to_base64url

if TYPE_CHECKING:
    from pixattest.trust.keys import PublicKeys, SealKey

# Name of the list beside the public keys and the verification page.
REVOCATIONS_FILE = "revoked.jws"

# A list expires after 30 days unless another number is asked for.
DAYS = 30

_TYPE = "pixattest-revocations+jwt"

# Of the SHA-256 of a code, the first 16 bytes are listed.
_HASH_SIZE = 16

# A list has 64 MiB at most, which is two million codes.
_LARGEST = 64 << 20

_Seconds = Annotated[int, Meta(ge=0, lt=1 << 36)]
_Hash = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{22}\Z")]


class _Claims(msgspec.Struct, forbid_unknown_fields=True):
    iat: _Seconds
    exp: _Seconds
    seq: Annotated[int, Meta(ge=0)]
    revoked: list[_Hash]


@dataclass(frozen=True, slots=True, repr=False)
class RevocationList:
    """What a list says whose signature was checked.

    Attributes:
        issued: moment at which the list was made, in UTC.
        expires: moment from which it says nothing of the codes that it does not hold, in UTC.
        seq: number of the codes in it. It never falls, because a code is revoked for ever.
        hashes: hashes of the revoked codes.
    """

    issued: datetime
    expires: datetime
    seq: int
    hashes: frozenset[str]

    def __contains__(self, code: str) -> bool:
        return _hash(code) in self.hashes

    def is_older_than(self, other: RevocationList) -> bool:
        """Whether it was made before another list, which it must then not replace."""
        return self.seq < other.seq or self.issued < other.issued

    def __repr__(self) -> str:
        return f"<RevocationList of {self.issued:%Y-%m-%d}: {len(self.hashes)} codes>"


def sign_revocations(
    codes: Iterable[str], key: SealKey, now: datetime, *, days: int = DAYS
) -> bytes:
    """Make a signed list of revoked codes.

    Args:
        codes: all codes that were ever revoked, in any order.
        key: the key that signs.
        now: the present moment, with its time zone.
        days: number of days after which the list expires.
    """
    hashes = sorted({_hash(code) for code in codes})
    iat = int(now.timestamp())
    header = {"alg": "EdDSA", "kid": to_base64url(key.kid), "typ": _TYPE}
    exp = iat + int(timedelta(days=days).total_seconds())
    claims = {"iat": iat, "exp": exp, "seq": len(hashes), "revoked": hashes}
    return f"{sign_jws(header, claims, key)}\n".encode()


def read_revocations(data: bytes, keys: PublicKeys) -> RevocationList:
    """Read a list, and check its signature.

    The caller has to ask whether it has expired (`expires`), and whether a newer one was seen
    before (`is_older_than`).

    Raises:
        SealError: the list does not hold; `reason` says why.
    """
    malformed = SealError(
        "this is not a list of revocations",
        reason="malformed",
        hint="`pixattest revocations` writes one.",
    )
    try:
        if len(data) > _LARGEST:
            raise malformed
        jws = read_jws(data.decode("ascii").strip(), _TYPE)
    except ValueError:
        raise malformed from None
    if jws.kid not in keys:
        raise SealError(
            f"the list of revocations is signed with the key {to_base64url(jws.kid)}, which is"
            " none of the issuer's",
            reason="unknown_key",
            hint="Is this the set of keys of the issuer, and up to date?",
        )
    if not jws.is_signed_by(keys[jws.kid]):
        raise SealError(
            "the list of revocations was altered after it was signed",
            reason="altered",
            hint="Fetch it anew from its issuer.",
        )
    try:
        claims = msgspec.json.decode(jws.payload, type=_Claims)
    except msgspec.DecodeError:
        raise malformed from None
    return RevocationList(
        issued=datetime.fromtimestamp(claims.iat, UTC),
        expires=datetime.fromtimestamp(claims.exp, UTC),
        seq=claims.seq,
        hashes=frozenset(claims.revoked),
    )


def read_revocations_file(path: Path, keys: PublicKeys) -> RevocationList:
    """Read a list from its file.

    Raises:
        InputError: the file can't be read.
        SealError: the list does not hold; `reason` says why.
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
    """Return a list, or the newest one that was seen before if that is newer; remember it.

    So whoever controls the web space gains nothing by putting an older list there.

    Args:
        path: file of the list.
        memory: file with a copy of the newest list that was seen; it is made if it is not there.
        keys: the issuer's public keys.

    Raises:
        InputError: one of the files can't be read.
        SealError: one of the lists does not hold.
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
    """Write a list, in the place of the former one if there is one.

    Args:
        path: file of the list.
        codes: all codes that were ever revoked.
        key: the key that signs.
        keys: the public keys that are published beside the list.
        now: the present moment, with its time zone.
        days: number of days after which the list expires.

    Raises:
        OutputError: the verification page would not believe the list, or the former one has codes
            that it lacks.
        SealError: the former list does not hold.
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
