"""Record ↔ its canonical JSON, which stays as it was when the rules change."""

from __future__ import annotations

from datetime import date
from operator import attrgetter

import msgspec

from pixattest.model.record import Record, restore_record


class _Frozen(msgspec.Struct, omit_defaults=True):
    """A record's fields, sorted; one that is None or empty is left out.

    So a field that a later version adds does not make another record of it. The framework is None
    where it is the one that is used when none is named.
    """

    birth_date: date | None = None
    birth_place: str | None = None
    centre: str | None = None
    delivered_on: date | None = None
    extra: dict[str, str] = {}
    first_name: str | None = None
    framework: str | None = None
    group: str | None = None
    last_name: str | None = None
    levels: dict[str, int] = {}
    max_level: int | None = None
    score: int | None = None
    verification_code: str | None = None


_USUAL = "crcn"
_FIELDS = _Frozen.__struct_fields__
_values = attrgetter(*_FIELDS)
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Frozen).decode


def freeze(record: Record, code: str) -> str:
    """The canonical JSON of a record under a code: its `as_mapping`, and its framework."""
    frozen = _Frozen(*_values(record))
    frozen.levels = dict(record.levels)
    # Sorted, for the framework's file may list its fields in another order one day.
    frozen.extra = dict(sorted(record.extra.items()))
    frozen.framework = None if record.framework == _USUAL else record.framework
    frozen.verification_code = code
    return _encode(frozen).decode()


def thaw(frozen: str) -> Record:
    """The record that was frozen: it was valid then, and is not checked again."""
    values = msgspec.structs.asdict(_decode(frozen))
    return restore_record(values | {"framework": values["framework"] or _USUAL})


def with_code(record: Record, code: str) -> Record:
    """The same record under another code, which is not checked: the ledger has recorded it."""
    if record.verification_code == code:
        return record
    values = dict(zip(_FIELDS, _values(record), strict=True))
    copied = {"levels": dict(record.levels), "extra": dict(record.extra)}
    return restore_record(values | copied | {"verification_code": code})
