"""What the ledger's tests share: ledgers of each kind, and drafts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from support import EXAMPLES

from pixattest import Record, read_record
from pixattest.ledger import Draft, certification_key, open_ledger
from pixattest.ledger.sql import SqlLedger

EXAMPLE: Mapping[str, Any] = json.loads((EXAMPLES / "record.json").read_text(encoding="utf-8"))
NOW = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """The time of issue, where a test needs but one."""
    return NOW


@pytest.fixture
def draft() -> Callable[..., Draft]:
    """A draft of the example, with changes to its record; drawn, unless a code is given."""

    def build(code: str | None = None, *, number: str | None = None, **changes: object) -> Draft:
        raw = {**EXAMPLE, **changes, "verification_code": code}
        record: Record = read_record(raw, new_codes=True)
        return Draft(certification_key(record, number=number), record, drawn=code is None)

    return build


@pytest.fixture
def ledger(where: str) -> Iterator[SqlLedger]:
    """A new ledger, of each kind."""
    with open_ledger(where) as opened:
        yield opened


@pytest.fixture
def edition(ledger: SqlLedger) -> str:
    """The name of an edition that the ledger has."""
    return ledger.keep_edition(b"plates")
