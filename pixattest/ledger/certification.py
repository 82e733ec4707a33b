"""Record → the key of its certification, by which a ledger recognises it the next time."""

from __future__ import annotations

import unicodedata
from datetime import date

from pixattest.model.record import Record


def certification_key(
    record: Record, *, number: str | None = None, tested_on: date | None = None
) -> str:
    """Return what identifies a certification: its number, else who was certified, where and when.

    Args:
        record: the record that attests the certification.
        number: the certification's number; None when it is not known.
        tested_on: the day of the test; None: the day of delivery.
    """
    if number:
        return f"#{_plain(number)}"
    when = tested_on or record.delivered_on
    # The day and the centre come first, so that the keys of one session lie together in an index.
    # No part can hold a line break, so no two identities are joined to the same key.
    last_name, first_name, birth_date, centre, _ = identity(record)
    return "\n".join((when.isoformat(), centre, last_name, first_name, birth_date))


def is_number(key: str) -> bool:
    """Tell whether a key is a certification number."""
    return key.startswith("#")


def identity(record: Record) -> tuple[str, ...]:
    """Return last name, first name, birth date, centre and delivery date, spelt in one way."""
    return (
        _plain(record.last_name),
        _plain(record.first_name),
        record.birth_date.isoformat(),
        _plain(record.centre),
        record.delivered_on.isoformat(),
    )


def _plain(text: str) -> str:
    """Return a text in lower case, composed (NFC), with single spaces."""
    folded = " ".join(text.split()).casefold()
    return folded if folded.isascii() else unicodedata.normalize("NFC", folded)
