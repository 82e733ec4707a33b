"""Attestations of certified competences: a record in, an accessible, archival PDF out."""

from __future__ import annotations

import importlib
import types
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
    from pixattest.intake.records import CheckedRow, Records, read_records
    from pixattest.ledger import Ledger, open_ledger
    from pixattest.ledger.register import Register
    from pixattest.ledger.reprint import Reprint, reprint
    from pixattest.model.codes import new_code
    from pixattest.model.framework import (
        Band,
        Competence,
        Domain,
        Field,
        Framework,
        Score,
        read_framework,
    )
    from pixattest.model.issuer import Issuer, read_issuer
    from pixattest.model.record import Record, Rules, read_record
    from pixattest.model.schema import schema
    from pixattest.output import write_file
    from pixattest.press.distributed import executor
    from pixattest.press.press import Press, render
    from pixattest.trust.credential import Attached, open_attached
    from pixattest.trust.keys import (
        SealKey,
        generate_key,
        publish_key,
        read_key,
        read_public_keys,
        write_key,
    )
    from pixattest.trust.revocations import RevocationList
    from pixattest.trust.signing import SignatureStatus, Signer, read_signature
    from pixattest.verification.verdicts import Answer, Part, Verdict
    from pixattest.verification.verify import verify

__all__ = [
    "Answer",
    "Attached",
    "Band",
    "CheckedRow",
    "Competence",
    "CredentialError",
    "Domain",
    "Fault",
    "Field",
    "Framework",
    "FrameworkError",
    "InputError",
    "Issuer",
    "IssuerError",
    "LayoutError",
    "Ledger",
    "LedgerError",
    "OutputError",
    "Part",
    "PixattestError",
    "Press",
    "Record",
    "RecordError",
    "Records",
    "Register",
    "Reprint",
    "RevocationList",
    "Rules",
    "Score",
    "SealError",
    "SealKey",
    "SelectionError",
    "SignatureStatus",
    "Signer",
    "SigningError",
    "TemplateError",
    "Verdict",
    "__version__",
    "executor",
    "generate_key",
    "new_code",
    "open_attached",
    "open_ledger",
    "publish_key",
    "read_framework",
    "read_issuer",
    "read_key",
    "read_public_keys",
    "read_record",
    "read_records",
    "read_signature",
    "render",
    "reprint",
    "schema",
    "verify",
    "write_file",
    "write_key",
]

# The modules that define those names, in the order in which a name is looked for. Those that import
# little come first; signing comes last, as it can be imported only where pyHanko is installed.
_MODULES = (
    "errors",
    "output",
    "model.codes",
    "model.framework",
    "model.issuer",
    "model.record",
    "model.schema",
    "intake.records",
    "trust.keys",
    "trust.credential",
    "trust.revocations",
    "press.distributed",
    "press.press",
    "verification.verdicts",
    "verification.verify",
    "ledger",
    "ledger.register",
    "ledger.reprint",
    "trust.signing",
)

if not typing.TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Import a public name when it is used first (PEP 562): a command needs few of them."""
        if name in __all__:
            for module in _MODULES:
                found = getattr(importlib.import_module(f"{__name__}.{module}"), name, None)
                # `ledger.reprint` is also a module, which has the function of that name in it.
                if found is not None and not isinstance(found, types.ModuleType):
                    globals()[name] = found
                    return found
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
