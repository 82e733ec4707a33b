"""Nothing → a new verification code."""

from __future__ import annotations

import random
import re
import secrets
from collections.abc import Sequence

import pytest

from pixattest.model.codes import ALPHABET, CODE_FORM, new_code
from pixattest.model.issuer import default_issuer


@pytest.mark.parametrize("character", "015AEIOULNSZ")
def test_alphabet_has_nothing_to_misread(character: str) -> None:
    """No digit that looks like a letter, no letter that looks like a digit, no vowel."""
    assert character not in ALPHABET


def test_alphabet_is_capitals_and_digits_once_each() -> None:
    """24 characters, so 24^8 codes."""
    assert len(ALPHABET) == len(set(ALPHABET)) == 24
    assert re.fullmatch("[2-9A-Z]+", ALPHABET)


def test_new_code_has_the_accepted_form() -> None:
    """`P-` and eight characters of the alphabet, which the built-in issuer accepts."""
    code = new_code()
    assert CODE_FORM == "P-????????"
    assert re.fullmatch(f"P-[{ALPHABET}]{{8}}", code)
    assert re.fullmatch(default_issuer().verification.code_pattern, code)


def test_new_codes_differ() -> None:
    """A thousand codes of 1.1e11 possible ones: no two are the same."""
    assert len({new_code() for _ in range(1000)}) == 1000


def test_every_character_occurs_in_every_position() -> None:
    """Nothing of the alphabet is left out (chance of a false alarm: under 1e-30)."""
    codes = [new_code() for _ in range(2000)]
    for position in range(2, len(CODE_FORM)):
        assert {code[position] for code in codes} == set(ALPHABET)


def test_codes_come_from_the_secure_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each character is drawn by `secrets`, so no seed repeats a code."""
    drawn: list[str] = []

    def choose(characters: Sequence[str]) -> str:
        drawn.append(characters[len(drawn) % len(characters)])
        return drawn[-1]

    random.seed(1)
    first = new_code()
    random.seed(1)
    assert new_code() != first
    monkeypatch.setattr(secrets, "choice", choose)
    assert new_code() == "P-" + ALPHABET[:8] == "P-" + "".join(drawn)


def test_a_code_has_the_form_that_is_asked_for() -> None:
    """Each question mark is drawn, the rest stays."""
    assert re.fullmatch(f"CF-[{ALPHABET}]{{3}}-[{ALPHABET}]{{3}}/é", new_code("CF-???-???/é"))
