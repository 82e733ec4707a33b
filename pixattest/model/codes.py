"""The system's secure random source → a new verification code.

By default it is `P-` and 8 characters of an alphabet with nothing to misread (no 0, 1, 5, I, L, N,
O, S, U, Z) and no vowel, so that no word can form: 24^8, about 1.1e11 codes.
"""

from __future__ import annotations

import re
from functools import lru_cache

ALPHABET = "2346789BCDFGHJKMPQRTVWXY"

# The form of a new code where the issuer gives none; a character is drawn for each `?`.
CODE_FORM = "P-????????"


def new_code(form: str = CODE_FORM) -> str:
    """A new verification code from the system's secure random source.

    Nobody has recorded it yet: record it before it is printed, or it can't be verified.

    Args:
        form: the code, with a `?` for each character that is drawn.
    """
    import secrets  # here, because it is slow to import and seldom needed

    return "".join(secrets.choice(ALPHABET) if sign == "?" else sign for sign in form)


@lru_cache(8)
def accepts(pattern: re.Pattern[str], form: str) -> bool:
    """Whether a pattern accepts the new codes of a form, whatever is drawn for them."""
    return all(pattern.fullmatch(form.replace("?", sign)) for sign in ALPHABET)
