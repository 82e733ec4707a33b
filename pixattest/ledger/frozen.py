"""Record ↔ its canonical JSON, which stays as it was when the rules change."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import msgspec

from pixattest.model.record import STORED, Record, restore_record, stored_values

# The framework that a frozen record does not name.
_USUAL = "crcn"

_NAMES = sorted(STORED)

# A record's values, sorted by their names; one that is None or empty is left out. So a field that
# a later version adds does not make another record of what was frozen before.
_Frozen: Any = msgspec.defstruct(
    "_Frozen",
    [
        (name, dict[str, Any], msgspec.field(default_factory=dict))
        if name in ("levels", "extra")
        else (name, STORED[name] | None, None)
        for name in _NAMES
    ],
    omit_defaults=True,
)
_values = attrgetter(*_NAMES)
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
    values["framework"] = values["framework"] or _USUAL
    return restore_record(values)


def with_code(record: Record, code: str) -> Record:
    """The same record under another code, which is not checked: the ledger has recorded it."""
    if record.verification_code == code:
        return record
    return restore_record(stored_values(record) | {"verification_code": code})
