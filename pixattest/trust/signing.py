"""Key + finished document → the same document, signed; signed document → what that proves.

Signatures are PAdES (ETSI EN 319 142-1), made and read by pyHanko: an incremental update fills the
field that the writer has put into the structure, and certifies that nothing may change after it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from os import PathLike, fspath
from tempfile import TemporaryFile
from types import ModuleType
from typing import IO

from pixattest.errors import SigningError
from pixattest.model.issuer import Issuer
from pixattest.output import Sink, write_all
from pixattest.trust.signature_status import SignatureStatus

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
        self._signer = import_pades().load(self._key, passphrase)
        self.certificate: str = self._signer.signing_cert.sha256.hex()

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
        with self._lock:
            import_pades().sign(file, self._signer, issuer, self._key)


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
    file = BytesIO(document) if isinstance(document, bytes) else document
    found: SignatureStatus = import_pades().read(file, [fspath(root) for root in roots])
    return found


def import_pades() -> ModuleType:
    """Import what needs pyHanko, which is an extra.

    Raises:
        SigningError: it is not installed.
    """
    try:
        from pixattest.trust import pades
    except ImportError:
        raise SigningError(
            "pyHanko is not installed", hint="Run pip install 'pixattest[sign]'."
        ) from None
    return pades
