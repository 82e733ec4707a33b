"""The made-up key by which tests seal, and the address of its verification page."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pixattest.trust.keys import SealKey

# The key of docs/seal-vectors.json.
SEAL_KEY = SealKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))

SEAL_SITE = "https://attestations.example/verify/"
