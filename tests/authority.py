"""A certificate authority with a time-stamp authority and revocation lists, on this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa


PASSPHRASE = "a secret of the tests"

_LISTED = {
    "id": "crl_distribution_points",
    "smart-value": {"schema": "crl-dist-url", "params": {"crl-repo-names": ["root"]}},
}


def _usage(*uses: str) -> dict[str, Any]:
    params = {"schema": "key-usage", "params": list(uses)}
    return {"id": "key_usage", "critical": True, "smart-value": params}


def _certificate(*extensions: dict[str, Any], until: int = 2100, **more: Any) -> dict[str, Any]:
    validity = {"valid-from": "2020-01-01T00:00:00+0000", "valid-to": f"{until}-01-01T00:00:00Z"}
    return {"issuer": "root", "validity": validity, "extensions": list(extensions), **more}


_SIGNS = _usage("digital_signature", "non_repudiation"), _LISTED
_CERTIFICATES = {
    "root": _certificate(
        {"id": "basic_constraints", "critical": True, "value": {"ca": True}},
        _usage("key_cert_sign", "crl_sign"),
        subject="root",
    ),
    "tsa": _certificate(
        _usage("digital_signature"),
        {"id": "extended_key_usage", "critical": True, "value": ["time_stamping"]},
        _LISTED,
    ),
    "director": _certificate(*_SIGNS),
    "expired": _certificate(*_SIGNS, until=2021),
    "enciphers": _certificate(_usage("key_encipherment"), _LISTED),
    "revoked": _certificate(
        *_SIGNS,
        revocation={"revoked-since": "2024-01-01T00:00:00+0000", "reason": "key_compromise"},
    ),
}


class Authority:
    """What it has issued, and where it answers.

    Args:
        folder: for its keys.
        port: on this machine, where it answers.

    Attributes:
        timestamp: address of the time-stamp authority.
        roots: PEM file of its own certificate.
    """

    def __init__(self, folder: Path, port: int) -> None:
        from certomancer.integrations.animator import Animator, AnimatorArchStore
        from certomancer.registry import ArchLabel, CertomancerConfig
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec, rsa

        self._folder = folder
        for name in _CERTIFICATES:
            # A software token signs with keys of RSA, which take longer to make.
            key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
            if name == "director":
                key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            else:
                key = ec.generate_private_key(ec.SECP256R1())
            plain = key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            (folder / f"{name}.pem").write_bytes(plain)
        named = {name: {"path": f"{name}.pem"} for name in _CERTIFICATES}
        architecture = {
            "keyset": "made-up",
            "entities": {name: {"common-name": f"Made-up {name}"} for name in _CERTIFICATES},
            "certs": _CERTIFICATES,
            "services": {
                "crl-repo": {
                    "root": {
                        "for-issuer": "root",
                        "signing-key": "root",
                        "simulated-update-schedule": "P30D",
                    }
                },
                "time-stamping": {"tsa": {"signing-key": "tsa", "signing-cert": "tsa"}},
            },
        }
        configuration = {
            "external-url-prefix": f"http://127.0.0.1:{port}",
            "keysets": {"made-up": {"keys": named}},
            "pki-architectures": {"made-up": architecture},
        }
        found = CertomancerConfig(configuration, key_search_dir=str(folder))
        self._issued = found.get_pki_arch(ArchLabel("made-up"))
        self.answers = Animator(AnimatorArchStore(found.pki_archs), with_web_ui=False)
        self.timestamp = f"http://127.0.0.1:{port}/made-up/tsa/tsa"
        self.roots = folder / "roots.pem"
        self.roots.write_bytes(self.certificate("root"))

    def certificate(self, name: str) -> bytes:
        """A certificate in PEM."""
        from asn1crypto import pem
        from certomancer.registry import CertLabel

        issued = self._issued.get_cert(CertLabel(name))
        return bytes(pem.armor("CERTIFICATE", issued.dump()))

    def key(self, name: str) -> Path:
        """A PKCS#12 file with a key and its certificates, which the passphrase opens."""
        from certomancer.registry import CertLabel

        path = self._folder / f"{name}.p12"
        if not path.exists():
            packed = self._issued.package_pkcs12(CertLabel(name), password=PASSPHRASE.encode())
            path.write_bytes(packed)
        return path


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@contextmanager
def serve(folder: Path) -> Iterator[Authority]:
    """An authority that answers on the loopback interface as long as the context lasts."""
    with make_server("127.0.0.1", 0, None, handler_class=_Quiet) as server:
        authority = Authority(folder, server.server_port)
        server.set_app(authority.answers)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield authority
        finally:
            server.shutdown()
            thread.join()
