"""The made-up key by which tests seal, its public half, its lists, and its page's address."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pixattest.trust.keys import SealKey, public_keys
from pixattest.trust.revocations import RevocationList, read_revocations, sign_revocations

# The key of docs/seal-vectors.json.
SEAL_KEY = SealKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))

SEAL_SITE = "https://attestations.example/verify/"

# The public half of that key, as `verify` takes it.
PUBLIC_KEYS = public_keys(json.dumps({"keys": [SEAL_KEY.public]}))


def revoking(*codes: str) -> RevocationList:
    """The list of the first of January 2026, which expires at the end of the month."""
    made = datetime(2026, 1, 1, tzinfo=UTC)
    return read_revocations(sign_revocations(codes, SEAL_KEY, made), PUBLIC_KEYS)
