"""Record + key → the digits of its seal; digits + public keys → the facts that were sealed.

A seal is a COSE_Sign1 (RFC 9052) of CWT claims (RFC 8392) in deterministic CBOR, signed with
Ed25519, and written as one decimal number, which QR codes hold best. docs/trust.md has the format
and its test vectors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, get_args

from pixattest.errors import Fault, FrameworkError, LayoutError, SealError
from pixattest.model.framework import Framework
from pixattest.model.issuer import SealField
from pixattest.model.record import Record
from pixattest.pdf.qr import version_for
from pixattest.trust import cbor

if TYPE_CHECKING:
    from pixattest.trust.keys import PublicKeys, SealKey

FIELDS: tuple[str, ...] = get_args(SealField)
"""What an issuer may leave out, in the order of the payload."""

MOST_DIGITS = 1200
"""Of a seal; what is longer is not read."""

MOST_QR_VERSION = 15
"""Of a code that holds a seal; phones read its modules, printed at 35 mm."""

_MOST_BYTES = 498
"""Those that MOST_DIGITS can always write."""

_VERSION = 1

_ALGORITHM, _KID = 1, 4
_EDDSA = -8
"""Header parameters of COSE (RFC 9052, 3.1) and the algorithm (RFC 9053, 2.2)."""

_EXPIRY, _NOT_BEFORE, _CODE = 4, 5, 7
"""Claims of CWT (RFC 8392, 4): exp, nbf and cti."""

_FACTS = -65537
"""The claim, for private use, that holds what was certified."""

_HIGHEST_LEVEL = 15
"""Two levels have a byte."""

_DAY = 86400
"""Seconds."""

_EPOCH = date(1970, 1, 1).toordinal()
_SIGNATURE_SIZE = 64


class Reason(StrEnum):
    """Why a seal does not hold."""

    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown_key"
    ALTERED = "altered"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedFacts:
    """What a seal says; what its issuer left out is None.

    Attributes:
        kid: id of the key that signed it.
        framework: id of the framework, such as `crcn`.
        code: verification code.
        delivered_on: the day from which it is valid.
        valid_through: the last day of validity, a whole day; None: it does not expire.
        max_level: the highest level of that day.
        levels: in the framework's order, 0 for what was not acquired; one more where their number
            is odd.
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
        """The acquired levels by competence number.

        Raises:
            SealError: they are not those of this framework.
        """
        numbers = list(framework.competences)
        if framework.id != self.framework or len(self.levels) - len(numbers) not in (0, 1):
            raise SealError(
                f"the seal is of the framework {self.framework!r}, not {framework.id!r}",
                reason=Reason.MALFORMED,
                hint="Give the framework that was certified.",
            )
        return {number: level for number, level in zip(numbers, self.levels, strict=False) if level}


# Sealing.


def seal_record(
    record: Record,
    framework: Framework,
    fields: Collection[str],
    valid_through: date | None,
    key: SealKey,
) -> str:
    """The digits of a record's seal: the same for the same record and key.

    Args:
        record: what is sealed.
        framework: whose competences it has.
        fields: which of FIELDS are in it.
        valid_through: the last day of validity; None: it does not expire.
        key: signs it.

    Raises:
        FrameworkError: it has levels that a seal can't hold.
        LayoutError: the record's texts are too long.
    """
    if framework.levels > _HIGHEST_LEVEL:
        raise FrameworkError(
            f"has {framework.levels} levels, and a seal holds {_HIGHEST_LEVEL} at most",
            source=framework.id,
            hint="Print without a seal.",
        )
    birth_date = _days(record.birth_date)
    held = (
        record.first_name,
        record.last_name,
        birth_date,
        record.birth_place,
        record.centre,
        record.score,
    )
    facts: list[cbor.Value] = [_VERSION, framework.id]
    facts += [value if name in fields else None for name, value in zip(FIELDS, held, strict=True)]
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


def refuse_too_long(record: Record, length: int, digits: str) -> None:
    """Refuse a seal that phones would not read well.

    Args:
        record: that is sealed.
        length: bytes of the address before the digits.
        digits: of the seal; none where it was too long to be made.

    Raises:
        LayoutError: its QR code would be of a version beyond MOST_QR_VERSION.
    """
    if not digits or version_for(length, len(digits)) > MOST_QR_VERSION:
        raise LayoutError([_too_long(record)])


def _too_long(record: Record) -> Fault:
    names = ("first_name", "last_name", "birth_place", "centre")
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
    """What the signature is over: Sig_structure (RFC 9052, 4.4)."""
    return cbor.encode(["Signature1", protected, b"", payload])


def _pack(levels: Mapping[str, int], framework: Framework) -> bytes:
    digits = "".join([f"{levels.get(number, 0):x}" for number in framework.competences])
    return bytes.fromhex(digits + "0" * (len(digits) % 2))


def _days(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH


# Opening.


def open_seal(digits: str, keys: PublicKeys) -> SealedFacts:
    """What a seal says, once its signature is found to be that of a known key.

    Args:
        digits: what is in the QR code after `#`.
        keys: the issuer's public keys by their ids.

    Raises:
        SealError: it does not hold; `reason` says why.
    """
    protected, kid, payload, signature = _read_envelope(digits)
    if kid not in keys:
        raise SealError(
            f"the seal is signed with the key {kid.hex()}, which is none of the issuer's",
            reason=Reason.UNKNOWN_KEY,
            hint="Is this the set of keys of the issuer, and up to date?",
        )
    from cryptography.exceptions import InvalidSignature

    try:
        keys[kid].verify(signature, _signed(protected, payload))
    except InvalidSignature:
        raise SealError(
            "the signature is not that of what is sealed: something in it was altered",
            reason=Reason.ALTERED,
            hint="Do not trust what is printed beside it.",
        ) from None
    return _read_facts(kid, payload)


def _malformed(what: str) -> SealError:
    hint = "Is it the whole of what the QR code holds?"
    return SealError(f"this is not a seal: {what}", reason=Reason.MALFORMED, hint=hint)


def _read_envelope(digits: str) -> tuple[bytes, bytes, bytes, bytes]:
    """Protected header, key id, payload and signature; nothing is known of them yet."""
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
            name: read(value) if value is not None else None
            for (name, read), value in zip(_READERS.items(), facts[2:-2], strict=True)
        }
        levels = _is(bytes, facts[-1]).hex()
        expiry = claims.get(_EXPIRY)
        return SealedFacts(
            kid=kid,
            framework=_is(str, facts[1]),
            code=_is(bytes, claims[_CODE]).decode(),
            delivered_on=_day_at(claims[_NOT_BEFORE]),
            valid_through=None if expiry is None else _day_at(expiry, before=1),
            max_level=_is(int, facts[-2]),
            levels=tuple(int(level, 16) for level in levels),
            **held,
        )
    except (ValueError, OverflowError) as reason:
        raise _malformed(f"a value in it is not what it should be ({reason})") from None


def _is(kind: type[Any], value: object) -> Any:
    if not isinstance(value, kind):
        raise ValueError(f"{type(value).__name__} where {kind.__name__} stands")
    return value


def _day_at(seconds: object, before: int = 0) -> date:
    """The day that begins at a time in seconds since 1970, or some days before it."""
    days, rest = divmod(_is(int, seconds), _DAY)
    if rest:
        raise ValueError("a time within a day")
    return date.fromordinal(days - before + _EPOCH)


def _read_text(value: object) -> str:
    text: str = _is(str, value)
    return text


def _read_number(value: object) -> int:
    number: int = _is(int, value)
    return number


def _read_day(value: object) -> date:
    return date.fromordinal(_is(int, value) + _EPOCH)


_READERS: dict[str, Callable[[object], Any]] = {
    "first_name": _read_text,
    "last_name": _read_text,
    "birth_date": _read_day,
    "birth_place": _read_text,
    "centre": _read_text,
    "score": _read_number,
}
