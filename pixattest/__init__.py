"""Attestations of certified competences: a record in, an accessible, archival PDF out."""

from __future__ import annotations

import importlib
import typing

from pixattest.version import __version__

if typing.TYPE_CHECKING:
    from pixattest.errors import (
        CredentialError,
        Fault,
        FrameworkError,
        InputError,
        IssuerError,
        LayoutError,
        LedgerError,
        OutputError,
        PixattestError,
        RecordError,
        SealError,
        SelectionError,
        SigningError,
        TemplateError,
    )
    from pixattest.model.codes import new_code
    from pixattest.model.framework import Framework, read_framework
    from pixattest.model.issuer import Issuer, read_issuer
    from pixattest.model.record import Record, Rules, read_record, schema
    from pixattest.press.press import Press, render
    from pixattest.verification.verdicts import Answer, Part, Verdict, verify

__all__ = [
    "Answer",
    "CredentialError",
    "Fault",
    "Framework",
    "FrameworkError",
    "InputError",
    "Issuer",
    "IssuerError",
    "LayoutError",
    "LedgerError",
    "OutputError",
    "Part",
    "PixattestError",
    "Press",
    "Record",
    "RecordError",
    "Rules",
    "SealError",
    "SelectionError",
    "SigningError",
    "TemplateError",
    "Verdict",
    "__version__",
    "new_code",
    "read_framework",
    "read_issuer",
    "read_record",
    "render",
    "schema",
    "verify",
]

_MODULES = (
    "errors",
    "model.codes",
    "model.framework",
    "model.issuer",
    "model.record",
    "press.press",
    "verification.verdicts",
)
"""Where those names are, in the order of imports."""

if not typing.TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """A public name when it is asked for first (PEP 562): a command needs few of them."""
        if name in __all__:
            for module in _MODULES:
                found = getattr(importlib.import_module(f"{__name__}.{module}"), name, None)
                if found is not None:
                    globals()[name] = found
                    return found
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
