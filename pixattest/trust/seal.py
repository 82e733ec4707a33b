"""Record + key → the digits of its seal; digits + public keys → the facts that were sealed.

A seal is a COSE_Sign1 (RFC 9052) of CWT claims (RFC 8392) in deterministic CBOR, signed with
Ed25519, and written as one decimal number, which QR codes hold best. docs/trust.md has the format
and its test vectors.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pixattest.errors import Fault, FrameworkError, LayoutError, SealError
from pixattest.model.fields import Kind
from pixattest.model.framework import Framework
from pixattest.model.record import FIELDS as RECORD_FIELDS
from pixattest.model.record import Record
from pixattest.pdf.qr import LARGEST_SEAL
from pixattest.trust import cbor
from pixattest.trust.keys import has_signed

if TYPE_CHECKING:
    from pixattest.trust.keys import PublicKeys, SealKey

# Fields that an issuer may leave out of a seal, in the order in which the payload has them. One
# more makes another version of the format.
FIELDS = tuple(name for name, field in RECORD_FIELDS.items() if field.sealed)

# A seal has 1200 digits at most; a longer text is not read.
MOST_DIGITS = 1200

# 498 bytes can always be written with MOST_DIGITS.
_MOST_BYTES = 498

# Version of the format; a seal of another version is refused.
_VERSION = 1

# Header parameters of COSE (RFC 9052, 3.1), and the algorithm (RFC 9053, 2.2).
_ALGORITHM, _KID = 1, 4
_EDDSA = -8

# Claims of CWT (RFC 8392, 4): exp, nbf and cti.
_EXPIRY, _NOT_BEFORE, _CODE = 4, 5, 7

# This claim, of a number for private use, holds what was certified.
_FACTS = -65537

# Two levels share a byte, so that 15 is the highest.
_HIGHEST_LEVEL = 15

# A day has 86400 seconds; times are counted in seconds since 1970-01-01.
_DAY = 86400
_EPOCH = date(1970, 1, 1).toordinal()

# A signature of Ed25519 has 64 bytes.
_SIGNATURE_SIZE = 64


class Reason(StrEnum):
    """Why a seal does not hold."""

    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown_key"
    ALTERED = "altered"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SealedFacts:
    """What a seal says. A field that its issuer left out is None.

    Attributes:
        kid: id of the key that has signed the seal.
        framework: id of the framework, such as `crcn`.
        code: verification code.
        delivered_on: the first day of validity.
        valid_through: the last day of validity, the whole day; None if the certification does not
            expire.
        max_level: the highest level that could be reached when it was delivered.
        levels: levels in the framework's order, 0 for a competence that was not acquired. An odd
            number of them is followed by one more 0.
    """

    kid: bytes
    framework: str
    code: str
    delivered_on: date
    valid_through: date | None
    first_name: str | None
    last_name: str | None
    birth_date: date | None
    birth_place: str | None
    centre: str | None
    score: int | None
    max_level: int
    levels: tuple[int, ...]

    def levels_in(self, framework: Framework) -> dict[str, int]:
        """Return the acquired levels by competence number.

        Raises:
            SealError: the levels are not those of this framework.
        """
        numbers = list(framework.competences)
        if framework.id != self.framework or len(self.levels) - len(numbers) not in (0, 1):
            raise SealError(
                f"the seal is of the framework {self.framework!r}, not {framework.id!r}",
                reason=Reason.MALFORMED,
                hint="Give the framework that was certified.",
            )
        return {number: level for number, level in zip(numbers, self.levels, strict=False) if level}

    def __repr__(self) -> str:
        """Name the code, and nothing else of a person."""
        return f"<SealedFacts {self.framework} {self.code}, delivered on {self.delivered_on}>"


# Sealing.


def seal_record(
    record: Record,
    framework: Framework,
    fields: Collection[str],
    valid_through: date | None,
    key: SealKey,
) -> str:
    """Seal a record; return the seal's digits, which are the same for the same record and key.

    Args:
        record: the record to seal.
        framework: the framework whose competences the record has.
        fields: those of FIELDS that go into the seal.
        valid_through: the last day of validity; None if the certification does not expire.
        key: the key that signs.

    Raises:
        FrameworkError: the framework has levels that a seal can't hold.
        LayoutError: the record's texts are too long together.
    """
    if framework.levels > _HIGHEST_LEVEL:
        raise FrameworkError(
            f"has {framework.levels} levels, and a seal holds {_HIGHEST_LEVEL} at most",
            source=framework.id,
            hint="Print without a seal.",
        )
    facts: list[cbor.Value] = [_VERSION, framework.id]
    for name in FIELDS:
        value = getattr(record, name) if name in fields else None
        facts.append(_days(value) if isinstance(value, date) else value)
    facts += [record.max_level, _pack(record.levels, framework)]
    claims: dict[int, cbor.Value] = {
        _NOT_BEFORE: _days(record.delivered_on) * _DAY,
        _CODE: record.verification_code.encode(),
        _FACTS: facts,
    }
    if valid_through:
        claims[_EXPIRY] = (_days(valid_through) + 1) * _DAY
    payload = cbor.encode(claims)
    protected = _protected(key.kid)
    signature = key.sign(_signed(protected, payload))
    sealed = cbor.encode([protected, {}, payload, signature])
    if len(sealed) > _MOST_BYTES:
        raise LayoutError([_too_long(record)])
    return str(int.from_bytes(sealed, "big"))


def refuse_too_long(record: Record, version: int, digits: str) -> None:
    """Refuse a seal that phones would not read well.

    Args:
        record: the sealed record.
        version: the version of the QR code.
        digits: the seal; empty if it was too long to be made.

    Raises:
        LayoutError: the QR code would have a version beyond LARGEST_SEAL.
    """
    if not digits or version > LARGEST_SEAL:
        raise LayoutError([_too_long(record)])


def _too_long(record: Record) -> Fault:
    names = (name for name in FIELDS if RECORD_FIELDS[name].kind is Kind.TEXT)
    texts = {name: getattr(record, name) or "" for name in names}
    longest = max(texts, key=lambda name: len(texts[name].encode()))
    return Fault(
        longest,
        texts[longest],
        "is one of the texts that together are too long for the seal's QR code",
        "Shorten it, or leave it out of the fields of the issuer's [seal].",
    )


@lru_cache(maxsize=16)
def _protected(kid: bytes) -> bytes:
    return cbor.encode({_ALGORITHM: _EDDSA, _KID: kid})


def _signed(protected: bytes, payload: bytes) -> bytes:
    """Return the bytes that the signature covers: Sig_structure (RFC 9052, 4.4)."""
    return cbor.encode(["Signature1", protected, b"", payload])


def _pack(levels: Mapping[str, int], framework: Framework) -> bytes:
    """Write two levels a byte, in the framework's order."""
    digits = "".join([f"{levels.get(number, 0):x}" for number in framework.competences])
    return bytes.fromhex(digits + "0" * (len(digits) % 2))


def _days(day: date) -> int:
    """Count the days since 1970-01-01."""
    return day.toordinal() - _EPOCH


# Opening.


def open_seal(digits: str, keys: PublicKeys) -> SealedFacts:
    """Check the signature of a seal; return what the seal says.

    Args:
        digits: content of the QR code after `#`.
        keys: the issuer's public keys by their ids.

    Raises:
        SealError: the seal does not hold; `reason` says why.
    """
    protected, kid, payload, signature = _read_envelope(digits)
    if kid not in keys:
        raise SealError(
            f"the seal is signed with the key {kid.hex()}, which is none of the issuer's",
            reason=Reason.UNKNOWN_KEY,
            hint="Is this the set of keys of the issuer, and up to date?",
        )
    if not has_signed(keys[kid], signature, _signed(protected, payload)):
        raise SealError(
            "the signature is not that of what is sealed: something in it was altered",
            reason=Reason.ALTERED,
            hint="Do not trust what is printed beside it.",
        )
    return _read_facts(kid, payload)


def _malformed(what: str) -> SealError:
    hint = "Is it the whole of what the QR code holds?"
    return SealError(f"this is not a seal: {what}", reason=Reason.MALFORMED, hint=hint)


def _read_envelope(digits: str) -> tuple[bytes, bytes, bytes, bytes]:
    """Return protected header, key id, payload and signature, none of which is checked yet."""
    if len(digits) > MOST_DIGITS or not re.fullmatch("[1-9][0-9]*", digits):
        raise _malformed(f"it is not a number of at most {MOST_DIGITS} digits")
    number = int(digits)
    match _decode(number.to_bytes((number.bit_length() + 7) // 8, "big")):
        case [bytes(protected), dict(unprotected), bytes(payload), bytes(signature)]:
            pass
        case _:
            raise _malformed("it has not the four parts of a COSE_Sign1")
    match _decode(protected):
        case {1: -8, 4: bytes(kid), **others} if not others and not unprotected:
            pass
        case _:
            raise _malformed("its header is not that of an Ed25519 signature")
    if len(signature) != _SIGNATURE_SIZE:
        raise _malformed("its signature has another length than Ed25519's")
    return protected, kid, payload, signature


def _decode(data: bytes) -> cbor.Value:
    try:
        return cbor.decode(data)
    except ValueError as reason:
        raise _malformed(f"it is not deterministic CBOR ({reason})") from None


def _read_facts(kid: bytes, payload: bytes) -> SealedFacts:
    claims = _decode(payload)
    if not isinstance(claims, dict) or not claims.keys() >= {_NOT_BEFORE, _CODE, _FACTS}:
        raise _malformed("it lacks claims")
    facts = claims[_FACTS]
    if not claims.keys() <= {_EXPIRY, _NOT_BEFORE, _CODE, _FACTS}:
        raise _malformed("it has claims that are not known")
    if not isinstance(facts, list) or facts[:1] != [_VERSION] or len(facts) != 4 + len(FIELDS):
        raise _malformed("it is of another version of the format")
    try:
        held = {
            name: _read_field(name, value) for name, value in zip(FIELDS, facts[2:-2], strict=True)
        }
        levels = _is(bytes, facts[-1]).hex()
        expiry = claims.get(_EXPIRY)
        return SealedFacts(
            kid=kid,
            framework=_is(str, facts[1]),
            code=_is(bytes, claims[_CODE]).decode(),
            delivered_on=_day_at(claims[_NOT_BEFORE]),
            valid_through=None if expiry is None else _day_at(_is(int, expiry) - _DAY),
            max_level=_is(int, facts[-2]),
            levels=tuple(int(level, 16) for level in levels),
            **held,
        )
    except (ValueError, OverflowError) as reason:
        raise _malformed(f"a value in it is not what it should be ({reason})") from None


def _read_field(name: str, value: object) -> Any:
    """Return a field as a record has it."""
    if value is None:
        return None
    kind = RECORD_FIELDS[name].kind
    if kind is Kind.DATE:
        return date.fromordinal(_is(int, value) + _EPOCH)
    return _is(int if kind is Kind.SCORE else str, value)


def _day_at(seconds: object) -> date:
    """Return the day that begins at a time in seconds since 1970."""
    days, rest = divmod(_is(int, seconds), _DAY)
    if rest:
        raise ValueError("a time within a day")
    return date.fromordinal(days + _EPOCH)


def _is(kind: type[Any], value: object) -> Any:
    """Return a value of that type.

    Raises:
        ValueError: the value has another type.
    """
    if not isinstance(value, kind):
        raise ValueError(f"{type(value).__name__} where {kind.__name__} stands")
    return value
