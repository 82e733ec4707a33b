"""PKCS#12 file, or address of a key in a token → a signer of pyHanko's with that key.

An address is written as RFC 7512 has it, such as
`pkcs11:token=Attestations;object=director?module-path=/usr/lib/softhsm/libsofthsm2.so`.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, unquote, unquote_to_bytes

from asn1crypto import keys, x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from pyhanko.sign import signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

from pixattest.errors import SigningError

# The address of a key in a token begins with this.
_PKCS11 = "pkcs11:"


def load_signer(key: str, passphrase: str | None) -> signers.Signer:
    """Load a private key and its certificates.

    Args:
        key: path of a PKCS#12 file, or address of a key in a token.
        passphrase: passphrase of the file, or PIN of the token; None: there is none.

    Raises:
        SigningError: the key can't be used.
    """
    load = _load_from_token if key.startswith(_PKCS11) else _load_from_file
    return load(key, passphrase)


def _load_from_file(path: str, passphrase: str | None) -> signers.Signer:
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


def _load_from_token(address: str, pin: str | None) -> signers.Signer:
    """Load a key that never leaves its token; its certificates are read from there, too."""
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
        if not is_of_token(reason):
            raise
        raise token_failed(address, reason) from None
    return signer


def _parse_address(address: str) -> dict[str, str]:
    """Return the parts of an address that are needed here; the object's id stays quoted."""
    path, _, query = address.removeprefix(_PKCS11).partition("?")
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


def is_of_token(reason: Exception) -> bool:
    """Whether an error comes from python-pkcs11, which is there only where it is used."""
    return any(kind.__module__.startswith("pkcs11") for kind in type(reason).__mro__)


def token_failed(address: str, reason: Exception) -> SigningError:
    """Return the error to raise when a token fails."""
    problem = str(reason) or type(reason).__name__
    return SigningError(
        f"the token can't be used: {problem}",
        source=address,
        hint="Check its module, its label, the object's label or id, and the PIN.",
    )
