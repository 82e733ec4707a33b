"""A key + a finished document → the same document, signed; a signed document → what that proves.

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
from functools import partial
from io import BytesIO
from os import PathLike, fspath
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, Any, TypeVar
from urllib.parse import parse_qsl, unquote, unquote_to_bytes

from pixattest.errors import SigningError
from pixattest.model.issuer import Issuer
from pixattest.output import Sink, write_all
from pixattest.pdf.tags import FIELD_NAME

try:
    from asn1crypto import keys, pem, x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.serialization import pkcs12
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign import general, signers, validation
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter, enumerate_sig_fields
    from pyhanko.sign.timestamps import HTTPTimeStamper, TimestampRequestError
    from pyhanko.sign.validation.settings import KeyUsageConstraints
    from pyhanko_certvalidator import ValidationContext
    from pyhanko_certvalidator.errors import PathError
    from pyhanko_certvalidator.registry import SimpleCertificateStore
except ImportError:
    raise SigningError(
        "pyHanko is not installed", hint="Run pip install 'pixattest[sign]'."
    ) from None

for _name_of_logger in ("pyhanko", "pyhanko_certvalidator"):
    # What it finds wrong is told here; nobody needs its traceback on standard error.
    logging.getLogger(_name_of_logger).addHandler(logging.NullHandler())

_Result = TypeVar("_Result")

PKCS11 = "pkcs11:"
"""How the address of a key in a token begins (RFC 7512)."""

_USAGES = {"digital_signature", "non_repudiation"}
"""What a certificate that restricts its use must allow, one of them."""


class Signer:
    """A private key and its certificates. Any thread may use it.

    A copy that is sent to another process holds the key's address and the passphrase, not the key.

    Args:
        key: path of a PKCS#12 file, or a PKCS#11 address (RFC 7512) such as
            `pkcs11:token=Attestations;object=director?module-path=/usr/lib/softhsm/libsofthsm2.so`.
        passphrase: of the file, or PIN of the token; None: there is none.

    Attributes:
        certificate: SHA-256 of the signing certificate, in hexadecimal.

    Raises:
        SigningError: the key can't be used.
    """

    def __init__(self, key: str | PathLike[str], passphrase: str | None = None) -> None:
        self._key = fspath(key)
        self._passphrase = passphrase
        self._lock = threading.Lock()
        load = _from_token if self._key.startswith(PKCS11) else _from_file
        self._signer = load(self._key, passphrase)
        certificate: x509.Certificate = self._signer.signing_cert
        self._check(certificate)
        self.certificate: str = certificate.sha256.hex()

    def __reduce__(self) -> tuple[object, ...]:
        return Signer, (self._key, self._passphrase)

    def __repr__(self) -> str:
        return f"Signer({self._key!r})"

    @contextmanager
    def signed(self, sink: Sink, issuer: Issuer) -> Iterator[IO[bytes]]:
        """A file to write a document into; when it is whole it is signed, and goes to the sink."""
        with TemporaryFile() as file:
            yield file
            self.sign(file, issuer)
            file.seek(0)
            copyfileobj(file, _Writable(sink))

    def sign(self, file: IO[bytes], issuer: Issuer) -> None:
        """Sign a document where it is, as the issuer's `[signing]` says.

        Args:
            file: open for reading and writing; the signature comes after what it holds.
            issuer: who attests.

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
                    meta, self._signer, timestamper=stamper, stamp_style=_AsItIs()
                )
                document = IncrementalPdfFileWriter(file)
                _apart(lambda: pen.sign_pdf(document, in_place=True, existing_fields_only=True))
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
            if not _is_of_token(reason):
                raise
            raise _token_failed(self._key, reason) from None

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


# The key.


def _from_file(path: str, passphrase: str | None) -> signers.Signer:
    try:
        data = Path(path).read_bytes()
    except OSError as reason:
        raise SigningError(
            f"can't be read: {reason.strerror}", source=path, hint="Check its path."
        ) from None
    secret = passphrase.encode() if passphrase is not None else None
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(data, secret)
    except (ValueError, TypeError):
        raise SigningError(
            "is not a PKCS#12 file that this passphrase opens",
            source=path,
            hint="Check the passphrase; a key in PEM becomes PKCS#12 by openssl pkcs12 -export.",
        ) from None
    if key is None or certificate is None:
        raise SigningError(
            "holds no private key with its certificate",
            source=path,
            hint="Export both into it with openssl pkcs12 -export.",
        )
    der = serialization.Encoding.DER
    chain = (x509.Certificate.load(other.public_bytes(der)) for other in others)
    plain = key.private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return signers.SimpleSigner(
        signing_cert=x509.Certificate.load(certificate.public_bytes(der)),
        signing_key=keys.PrivateKeyInfo.load(plain),
        cert_registry=SimpleCertificateStore.from_certs(chain),
    )


def _from_token(address: str, pin: str | None) -> signers.Signer:
    """A key that never leaves its token; its certificates are read from there, too."""
    said = _parse_address(address)
    try:
        from pyhanko.config.pkcs11 import TokenCriteria
        from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session
    except ImportError:
        raise SigningError(
            "python-pkcs11 is not installed", hint="Run pip install 'pixattest[sign]'."
        ) from None
    label, id_ = said.get("object"), unquote_to_bytes(said["id"]) if "id" in said else None
    token = TokenCriteria(label=said["token"]) if "token" in said else None
    try:
        session = open_pkcs11_session(said["module-path"], token_criteria=token, user_pin=pin)
        signer = PKCS11Signer(
            session,
            cert_label=label,
            key_label=label,
            cert_id=id_,
            key_id=id_,
            other_certs_to_pull=None,
        )
        _ = signer.signing_cert, signer.cert_registry
    except Exception as reason:
        if not _is_of_token(reason):
            raise
        raise _token_failed(address, reason) from None
    return signer


def _parse_address(address: str) -> dict[str, str]:
    """The parts of a PKCS#11 address that are needed here; the object's id is left quoted."""
    path, _, query = address.removeprefix(PKCS11).partition("?")
    pairs = [part.partition("=")[::2] for part in path.split(";") if part]
    said = {name: value if name == "id" else unquote(value) for name, value in pairs}
    said |= dict(parse_qsl(query))
    if said.keys() & {"pin-value", "pin-source"}:
        raise SigningError(
            "the PIN stands in the address of the key",
            hint="Everybody on the machine can read it there: give it as a passphrase is given.",
        )
    if unknown := said.keys() - {"token", "object", "id", "type", "module-path"}:
        raise SigningError(
            f"the address of the key names {min(unknown)!r}",
            source=address,
            hint="It may name token, object and id, and module-path after a question mark.",
        )
    if "module-path" not in said or not said.keys() & {"object", "id"}:
        raise SigningError(
            "the address of the key is not whole",
            source=address,
            hint="Write pkcs11:token=NAME;object=LABEL?module-path=FILE.so.",
        )
    return said


def _is_of_token(reason: Exception) -> bool:
    """Whether an error comes from python-pkcs11, which is there only where it is used."""
    return any(kind.__module__.startswith("pkcs11") for kind in type(reason).__mro__)


def _token_failed(address: str, reason: Exception) -> SigningError:
    problem = str(reason) or type(reason).__name__
    return SigningError(
        f"the token can't be used: {problem}",
        source=address,
        hint="Check its module, its label, the object's label or id, and the PIN.",
    )


def _certificates(paths: Sequence[str]) -> list[x509.Certificate]:
    """The certificates in PEM files."""
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


class _AsItIs:
    """A stamp style of pyHanko's, which leaves the field's own appearance."""

    def create_stamp(self, *_: object) -> None:
        """Make nothing."""


class _Writable:
    """A sink as `copyfileobj` takes it."""

    def __init__(self, sink: Sink) -> None:
        self.write = partial(write_all, sink)


# What a signature proves.


class State(StrEnum):
    """What became of a document's signature."""

    NONE = "none"  # and no place for one
    MISSING = "missing"  # there is an empty place: never signed, or the signature was taken away
    BROKEN = "broken"  # the document is not what was signed
    INTACT = "intact"


@dataclass(frozen=True, slots=True)
class SignatureStatus:
    """What a document's signature proves.

    Attributes:
        state: what became of it.
        trusted: whether its certificate descends from one of the roots that were given.
        signer: whose certificate it is; None: there is no signature that can be read.
        signed_at: as the signer says.
        stamped_at: as a time-stamp authority says that descends from the roots.
    """

    state: State
    trusted: bool = False
    signer: str | None = None
    signed_at: datetime | None = None
    stamped_at: datetime | None = None

    @property
    def genuine(self) -> bool:
        """Whether the whole document is as one of those who are trusted has signed it."""
        return self.state is State.INTACT and self.trusted


def read_signature(
    document: bytes | IO[bytes], roots: Sequence[str | PathLike[str]] = ()
) -> SignatureStatus:
    """What the signature of a document proves; nothing is asked of any network.

    Whoever expects a signature refuses all but `genuine`: taking it away leaves no other trace
    than its empty field.

    Args:
        document: bytes of a PDF, or a file open for reading.
        roots: PEM files of certificates that are trusted to certify signers.

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
    status: Any = _apart(
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


def _apart(call: Callable[[], _Result]) -> _Result:
    """A call in a thread of its own: pyHanko runs an event loop, as an async view already does."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(call).result()


def _name(subject: x509.Name) -> str:
    """The common name, or all that there is of a name."""
    common = subject.native.get("common_name")
    return common if isinstance(common, str) else subject.human_friendly
