"""Attestations of certified competences: a record in, an accessible, archival PDF out."""

from __future__ import annotations

from pixattest.codes import new_code
from pixattest.errors import (
    Fault,
    FrameworkError,
    InputError,
    IssuerError,
    LayoutError,
    LedgerError,
    OutputError,
    PixattestError,
    RecordError,
    SelectionError,
    TemplateError,
)
from pixattest.framework import Framework, read_framework
from pixattest.issuer import Issuer, read_issuer
from pixattest.press import Press, render
from pixattest.record import Record, Rules, read_record, schema
from pixattest.version import __version__

__all__ = [
    "Fault",
    "Framework",
    "FrameworkError",
    "InputError",
    "Issuer",
    "IssuerError",
    "LayoutError",
    "LedgerError",
    "OutputError",
    "PixattestError",
    "Press",
    "Record",
    "RecordError",
    "Rules",
    "SelectionError",
    "TemplateError",
    "__version__",
    "new_code",
    "read_framework",
    "read_issuer",
    "read_record",
    "render",
    "schema",
]
