"""PDF + pyHanko's signer → the PDF with a PAdES signature; signed PDF → what its signature proves.

All that needs pyHanko is here and in `signing_key`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, TypeVar

from asn1crypto import pem, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import general, signers, validation
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.timestamps import HTTPTimeStamper, TimestampRequestError
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathError

from pixattest.errors import SigningError
from pixattest.model.issuer import Issuer
from pixattest.pdf.tags import FIELD_NAME
from pixattest.trust.signature_status import SignatureStatus, State
from pixattest.trust.signing_key import is_of_token, load_signer, token_failed

for _name_of_logger in ("pyhanko", "pyhanko_certvalidator"):
    # Errors are raised from here; nobody needs pyHanko's tracebacks on standard error.
    logging.getLogger(_name_of_logger).addHandler(logging.NullHandler())

_Result = TypeVar("_Result")

# A certificate that restricts its use must allow one of these.
_USAGES = {"digital_signature", "non_repudiation"}


def load(key: str, passphrase: str | None) -> signers.Signer:
    """Load a private key whose certificate is valid today and for signatures.

    The arguments, and what is raised, are those of `load_signer`.
    """
    signer = load_signer(key, passphrase)
    _check(signer.signing_cert, key)
    return signer


def sign(file: IO[bytes], signer: signers.Signer, issuer: Issuer, key: str) -> None:
    """Append a signature to a document, as the issuer's `[signing]` says.

    Args:
        file: the document, open for reading and writing.
        signer: what `load` gave.
        issuer: the issuer who attests.
        key: where the signer's key came from, for messages.

    Raises:
        SigningError: no time stamp or revocation answer can be had, or the key fails.
    """
    asked = issuer.signing
    roots = _certificates(asked.roots)
    stamper = HTTPTimeStamper(asked.timestamp) if asked.timestamp else None
    if asked.level == "B-B":
        stamper = None
    context = None
    if roots:
        context = ValidationContext(
            trust_roots=roots, allow_fetching=True, revocation_mode="hard-fail"
        )
    meta = signers.PdfSignatureMetadata(
        field_name=FIELD_NAME,
        name=issuer.name,
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        signer_key_usage=_USAGES,
        embed_validation_info=context is not None,
        validation_context=context,
    )
    try:
        pen = signers.PdfSigner(meta, signer, timestamper=stamper, stamp_style=_NoStamp())
        document = IncrementalPdfFileWriter(file)
        _run_apart(lambda: pen.sign_pdf(document, in_place=True, existing_fields_only=True))
    except TimestampRequestError as reason:
        raise SigningError(
            f"the time-stamp authority does not answer as it should: {reason}",
            source=asked.timestamp,
            hint="Try again later, or sign without [signing] timestamp.",
        ) from None
    except (general.SigningError, PathError) as reason:
        raise SigningError(
            f"the document can't be signed: {reason}",
            source=key,
            hint="For level B-LT, roots must lead to the key's certificate and to that of the"
            " time-stamp authority, and their revocation answers must be reachable.",
        ) from None
    except Exception as reason:
        if not is_of_token(reason):
            raise
        raise token_failed(key, reason) from None


def read(file: IO[bytes], roots: Sequence[str]) -> SignatureStatus:
    """Read what the signature of a document proves.

    Args:
        file: a PDF, open for reading.
        roots: PEM files of the certificates that are trusted to certify signers.

    Raises:
        SigningError: the document can't be read as a PDF, or a file of roots as certificates.
    """
    trusted = _certificates(roots)
    try:
        return _read(PdfFileReader(file), trusted)
    except Exception as reason:  # whatever a forged file makes a parser stumble over
        raise SigningError(
            f"can't be read as a signed document: {reason}",
            hint="It is not a PDF, or it was damaged; ask for the original.",
        ) from None


def _check(certificate: x509.Certificate, key: str) -> None:
    """Refuse a certificate that is not valid today, or is not for signatures."""

    def refuse(problem: str, hint: str) -> None:
        raise SigningError(problem, source=key, hint=hint)

    now = datetime.now(UTC)
    if now < certificate.not_valid_before:
        refuse(
            f"the certificate is not valid before {certificate.not_valid_before:%Y-%m-%d}",
            "Wait until then, and check the clock of this machine.",
        )
    if now > certificate.not_valid_after:
        refuse(
            f"the certificate expired on {certificate.not_valid_after:%Y-%m-%d}",
            "Sign with a key whose certificate is valid.",
        )
    usage = certificate.key_usage_value
    if usage is not None and not usage.native & _USAGES:
        refuse(
            "the certificate is not for signatures",
            "Ask the authority for one with digitalSignature or nonRepudiation.",
        )


def _certificates(paths: Sequence[str]) -> list[x509.Certificate]:
    """Read the certificates in PEM files."""
    found = []
    for path in paths:
        try:
            data = Path(path).read_bytes()
            found += [x509.Certificate.load(der) for _, _, der in pem.unarmor(data, multiple=True)]
        except OSError as reason:
            raise SigningError(
                f"can't be read: {reason.strerror}", source=path, hint="Check its path."
            ) from None
        except ValueError:
            raise SigningError(
                "holds no certificates", source=path, hint="It must be a PEM file of them."
            ) from None
    return found


class _NoStamp:
    """A stamp style as pyHanko takes it, which keeps the appearance that the field has."""

    def create_stamp(self, *_: object) -> None:
        """Draw nothing."""


def _read(reader: PdfFileReader, roots: Sequence[x509.Certificate]) -> SignatureStatus:
    found = next(iter(reader.embedded_regular_signatures), None)
    if found is None:
        place = next(enumerate_sig_fields(reader), None)
        return SignatureStatus(State.MISSING if place else State.NONE)
    context = ValidationContext(trust_roots=list(roots), allow_fetching=False)
    usage = KeyUsageConstraints(key_usage=_USAGES)
    status: Any = _run_apart(
        lambda: validation.validate_pdf_signature(found, context, key_usage_settings=usage)
    )
    stamp = status.timestamp_validity
    stamped = stamp is not None and stamp.valid and stamp.intact and stamp.trusted
    sound = status.intact and status.valid and status.docmdp_ok
    return SignatureStatus(
        State.INTACT if sound else State.BROKEN,
        trusted=status.bottom_line,
        signer=_name(status.signing_cert.subject),
        signed_at=status.signer_reported_dt,
        stamped_at=stamp.timestamp if stamped else None,
    )


def _run_apart(call: Callable[[], _Result]) -> _Result:
    """Call in a new thread: pyHanko runs an event loop, and an async caller's thread has one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(call).result()


def _name(subject: x509.Name) -> str:
    """Return the common name, or the whole name if it has none."""
    common = subject.native.get("common_name")
    return common if isinstance(common, str) else subject.human_friendly
