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
    from pixattest.trust.signature_status import SignatureStatus
    from pixattest.trust.signing import Signer, read_signature
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

# The module that defines each of those names; the errors, and `Fault`, are in `errors`.
_HOMES = {
    "intake.records": ("CheckedRow", "Records", "read_records"),
    "ledger": ("Ledger", "open_ledger"),
    "ledger.register": ("Register",),
    "ledger.reprint": ("Reprint", "reprint"),
    "model.codes": ("new_code",),
    "model.framework": (
        "Band",
        "Competence",
        "Domain",
        "Field",
        "Framework",
        "Score",
        "read_framework",
    ),
    "model.issuer": ("Issuer", "read_issuer"),
    "model.record": ("Record", "Rules", "read_record"),
    "model.schema": ("schema",),
    "output": ("write_file",),
    "press.distributed": ("executor",),
    "press.press": ("Press", "render"),
    "trust.credential": ("Attached", "open_attached"),
    "trust.keys": (
        "SealKey",
        "generate_key",
        "publish_key",
        "read_key",
        "read_public_keys",
        "write_key",
    ),
    "trust.revocations": ("RevocationList",),
    "trust.signature_status": ("SignatureStatus",),
    "trust.signing": ("Signer", "read_signature"),
    "verification.verdicts": ("Answer", "Part", "Verdict"),
    "verification.verify": ("verify",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

if not typing.TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Import a public name when it is used first (PEP 562): a command needs few of them."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = importlib.import_module(f"{__name__}.{_HOME_OF.get(name, 'errors')}")
        globals()[name] = found = getattr(module, name)
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
