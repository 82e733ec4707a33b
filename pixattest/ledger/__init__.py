"""Drafts of attestations → what is issued under which code, kept for every reprint.

An application hands drafts to a ledger before it prints them, and gets back each record with the
code that it has for ever; afterwards it hands in the digests of the printed pages. Any class with
the methods of `Ledger` will do; `open_ledger` opens those that come with pixattest: a SQLite file,
or a PostgreSQL database.

Read the files in this order: `types` (what goes in and comes out), `certification` (what tells two
certifications apart), `issuing` (what becomes of each draft), `sql` with `sqlite` and `postgres`
(where it is kept, as `frozen` records), `editions` (what a page is printed from), `register` and
`reprint` (what an application calls), `opening`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pixattest.ledger.certification import certification_key, identity, is_number
    from pixattest.ledger.opening import open_ledger
    from pixattest.ledger.types import (
        STATES,
        Draft,
        History,
        Issued,
        Ledger,
        Page,
        Printing,
        Revision,
        Revocation,
        State,
    )

__all__ = [
    "STATES",
    "Draft",
    "History",
    "Issued",
    "Ledger",
    "Page",
    "Printing",
    "Revision",
    "Revocation",
    "State",
    "certification_key",
    "identity",
    "is_number",
    "open_ledger",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Import a name when it is used first (PEP 562): most commands need no ledger."""
        if name in __all__:
            for module in ("types", "certification", "opening"):
                found = getattr(importlib.import_module(f"{__name__}.{module}"), name, None)
                if found is not None:
                    return found
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
