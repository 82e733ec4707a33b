"""Names and codes of `--only` → whether a record is wanted."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence

from pixattest.batch.order import letters, words
from pixattest.errors import SelectionError, shown

_NEAR = 0.7
"""Likeness, up to 1, from which a name may be the one that was meant."""


class Selection:
    """The people that are asked for, each by name or by verification code.

    A name is a last name, which selects all who bear it, or first and last name in either order;
    case, accents, spaces, hyphens and apostrophes do not matter. Not so for a part of a name:
    Dupont does not select Dupont-Martin.

    Args:
        wanted: names and codes, such as `DUPONT Camille` and `P-GVVP6HBM`.

    Raises:
        SelectionError: one of them has no letter.
    """

    def __init__(self, wanted: Sequence[str]) -> None:
        self._wanted = dict.fromkeys(wanted)
        for text in self._wanted:
            if not words(text):
                raise SelectionError(
                    f"{shown(text)} is neither a name nor a code",
                    source="--only",
                    hint="Give a last name, both names, or a verification code.",
                )
        self._names: dict[bytes, list[str]] = {}
        for text in self._wanted:
            self._names.setdefault(letters(text), []).append(text)
        self._codes: dict[str, list[str]] = {}
        for text in self._wanted:
            self._codes.setdefault(_code(text), []).append(text)
        self._found: set[str] = set()

    def selects(self, last_name: str, first_name: str, verification_code: str) -> bool:
        """Tell whether a record is wanted; the names or codes that want it count as found."""
        last, first = letters(last_name), letters(first_name)
        found = self._codes.get(_code(verification_code), [])
        for name in (last, last + first, first + last):
            found = found + self._names.get(name, [])
        self._found.update(found)
        return bool(found)

    def refuse_missing(self, people: Iterable[tuple[str, str, str]]) -> None:
        """Refuse what was asked for and not found, once every record was seen.

        Args:
            people: last name, first name and code of all, to say who may have been meant; only
                read when something is missing.

        Raises:
            SelectionError: some of it was not found; it names all of that.
        """
        missing = [text for text in self._wanted if text not in self._found]
        if not missing:
            return
        near = _nearest(missing, people)
        meant = [
            f'"{near[text]}"' + (f" for {shown(text)}" if len(missing) > 1 else "")
            for text in missing
            if text in near
        ]
        hint = f"Did you mean {', '.join(meant)}?" if meant else None
        raise SelectionError(
            f"{', '.join(map(shown, missing))}: no such name or code in the batch",
            source="--only",
            hint=hint or "Check the spelling, and that the batch is the right one.",
        )


def _code(text: str) -> str:
    """Return a code in capitals; an issuer's with letters beyond ASCII stays as it is."""
    text = text.strip()
    return text.upper() if text.isascii() else text


def _nearest(missing: list[str], people: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """Return the name or code that is most like each missing one, if any is like it enough."""
    best = dict.fromkeys(missing, _NEAR)
    near: dict[str, str] = {}
    sought = {text: difflib.SequenceMatcher(None, "", _spelt(text)) for text in missing}
    for last, first, code in people:
        by_last, by_first, by_code = _spelt(last), _spelt(first), _spelt(code)
        full = f"{last} {first}"
        for spelt, meant in (
            (by_last, last),
            (by_last + by_first, full),
            (by_first + by_last, full),
            (by_code, code),
            *((part, last) for part in _parts(last)),
        ):
            for text, matcher in sought.items():
                matcher.set_seq1(spelt)
                # The quick ones are upper bounds, and spare most people the slow one.
                quick = (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio)
                if all(ratio() > best[text] for ratio in quick):
                    best[text] = matcher.ratio()
                    near[text] = meant
    return near


def _parts(name: str) -> Iterator[str]:
    """Yield short forms of a name of several words: its first words, and its last words."""
    spelt = words(name)
    for index in range(1, len(spelt)):
        yield _spelt(" ".join(spelt[:index]))
        yield _spelt(" ".join(spelt[index:]))


def _spelt(text: str) -> str:
    """Return the letters of a text, as its likeness is judged: without case and accents."""
    return letters(text).decode("utf-16-be", errors="surrogatepass")
