"""The system's secure random source → a new verification code.

A code is `P-` and 8 characters of an alphabet with nothing to misread (no 0, 1, 5, I, L, N, O,
S, U, Z) and no vowel, so that no word can form: 24^8, about 1.1e11 codes.
"""

from __future__ import annotations

ALPHABET = "2346789BCDFGHJKMPQRTVWXY"
PREFIX = "P-"
LENGTH = 8


def new_code() -> str:
    """A new verification code from the system's secure random source.

    Nobody has recorded it yet: record it before it is printed, or it can't be verified.
    """
    import secrets  # here, because it is slow to import and seldom needed

    return PREFIX + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
