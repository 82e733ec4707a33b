"""Key + finished document → the same document, signed; signed document → what that proves.

Signatures are PAdES (ETSI EN 319 142-1), made and read by pyHanko: an incremental update fills the
field that the writer has put into the structure, and certifies that nothing may change after it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from io import BytesIO
from os import PathLike, fspath
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, TypeVar

from pixattest.errors import SigningError
from pixattest.model.issuer import Issuer
from pixattest.output import Sink, write_all
from pixattest.pdf.tags import FIELD_NAME

try:
    from asn1crypto import pem, x509
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign import general, signers, validation
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter, enumerate_sig_fields
    from pyhanko.sign.timestamps import HTTPTimeStamper, TimestampRequestError
    from pyhanko.sign.validation.settings import KeyUsageConstraints
    from pyhanko_certvalidator import ValidationContext
    from pyhanko_certvalidator.errors import PathError

    from pixattest.trust.signing_key import is_of_token, load_signer, token_failed
except ImportError:
    raise SigningError(
        "pyHanko is not installed", hint="Run pip install 'pixattest[sign]'."
    ) from None

for _name_of_logger in ("pyhanko", "pyhanko_certvalidator"):
    # Errors are raised from here; nobody needs pyHanko's tracebacks on standard error.
    logging.getLogger(_name_of_logger).addHandler(logging.NullHandler())

_Result = TypeVar("_Result")

# A certificate that restricts its use must allow one of these.
_USAGES = {"digital_signature", "non_repudiation"}

# A signed document is copied to its sink in blocks of 64 kiB.
_AT_ONCE = 1 << 16


class Signer:
    """A private key and its certificates. Any thread may use it.

    A copy that is sent to another process holds the key's address and the passphrase, not the key.

    Args:
        key: path of a PKCS#12 file, or a PKCS#11 address (RFC 7512) such as
            `pkcs11:token=Attestations;object=director?module-path=/usr/lib/softhsm/libsofthsm2.so`.
        passphrase: passphrase of the file, or PIN of the token; None: there is none.

    Attributes:
        certificate: the SHA-256 of the signing certificate, in hexadecimal.

    Raises:
        SigningError: the key can't be used.
    """

    def __init__(self, key: str | PathLike[str], passphrase: str | None = None) -> None:
        self._key = fspath(key)
        self._passphrase = passphrase
        self._lock = threading.Lock()
        self._signer = load_signer(self._key, passphrase)
        certificate: x509.Certificate = self._signer.signing_cert
        self._check(certificate)
        self.certificate: str = certificate.sha256.hex()

    def __reduce__(self) -> tuple[object, ...]:
        return Signer, (self._key, self._passphrase)

    def __repr__(self) -> str:
        return f"Signer({self._key!r})"

    @contextmanager
    def signed(self, sink: Sink, issuer: Issuer) -> Iterator[IO[bytes]]:
        """Open a file for a document. When it is whole, it is signed and written to the sink."""
        with TemporaryFile() as file:
            yield file
            self.sign(file, issuer)
            file.seek(0)
            while data := file.read(_AT_ONCE):
                write_all(sink, data)

    def sign(self, file: IO[bytes], issuer: Issuer) -> None:
        """Append a signature to a document, as the issuer's `[signing]` says.

        Args:
            file: the document, open for reading and writing.
            issuer: the issuer who attests.

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
            with self._lock:
                pen = signers.PdfSigner(
                    meta, self._signer, timestamper=stamper, stamp_style=_NoStamp()
                )
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
                source=self._key,
                hint="For level B-LT, roots must lead to the key's certificate and to that of the"
                " time-stamp authority, and their revocation answers must be reachable.",
            ) from None
        except Exception as reason:
            if not is_of_token(reason):
                raise
            raise token_failed(self._key, reason) from None

    def _check(self, certificate: x509.Certificate) -> None:
        def refuse(problem: str, hint: str) -> None:
            raise SigningError(problem, source=self._key, hint=hint)

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


# What a signature proves.


class State(StrEnum):
    """What became of a document's signature."""

    NONE = "none"  # the document has no signature, and no place for one
    MISSING = "missing"  # its place is empty: it was never made, or was taken away
    BROKEN = "broken"  # the document is not the one that was signed
    INTACT = "intact"


@dataclass(frozen=True, slots=True)
class SignatureStatus:
    """What a document's signature proves.

    Attributes:
        state: what became of the signature.
        trusted: whether one of the given roots certifies the signer.
        signer: name in the signer's certificate; None if no signature can be read.
        signed_at: moment of signing, as the signer says.
        stamped_at: moment of signing, as a time-stamp authority says that the roots certify.
    """

    state: State
    trusted: bool = False
    signer: str | None = None
    signed_at: datetime | None = None
    stamped_at: datetime | None = None

    @property
    def genuine(self) -> bool:
        """Whether somebody who is trusted has signed the whole document as it is."""
        return self.state is State.INTACT and self.trusted


def read_signature(
    document: bytes | IO[bytes], roots: Sequence[str | PathLike[str]] = ()
) -> SignatureStatus:
    """Read what the signature of a document proves; nothing is asked of any network.

    Whoever expects a signature must refuse all but `genuine`: a signature that is taken away leaves
    no other trace than its empty field.

    Args:
        document: a PDF as bytes, or as a file open for reading.
        roots: PEM files of the certificates that are trusted to certify signers.

    Raises:
        SigningError: the document can't be read as a PDF, or a file of roots as certificates.
    """
    trusted = _certificates([fspath(root) for root in roots])
    file = BytesIO(document) if isinstance(document, bytes) else document
    try:
        return _read(PdfFileReader(file), trusted)
    except Exception as reason:  # whatever a forged file makes a parser stumble over
        raise SigningError(
            f"can't be read as a signed document: {reason}",
            hint="It is not a PDF, or it was damaged; ask for the original.",
        ) from None


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
