"""Record → the bytes it is sorted by: class, last name, first name, as a French speaker looks.

Letters count first, by the Unicode Collation Algorithm's own table (UTS #10): É with E, œ as oe,
ß as ss, ø with o; accents of other languages as that table has them, whatever the language of the
list. Spaces, hyphens and apostrophes count after the letters of the whole name ("shifted"
weighting), since NF Z 44-001 leaves hyphens and apostrophes out and takes an article as one with
its name: Le Goff stands beside Legoff, D'Almeida beside Dalmeida. Particles stand as written; the
standard would move de and d' behind the name, which no French class list does, and each Dutch one:
an issuer's `particles` count after the last name that they begin, and before the first name. Where
the letters of both names are the same, accents decide, then where words end, then case: a first
name weighs more than an accent or a capital in the last name, for one school writes LEFEVRE and
the next Lefèvre.

Numbers count as numbers, so T2 stands before T10. Records without a class come last.
"""

from __future__ import annotations

import os
import re
import struct
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyuca import Collator

    from pixattest.model.record import Record

_APOSTROPHES = range(0x2B9, 0x2C0)
"""Modifier letters typed as apostrophes, in Breton or Tahitian: letters only to Unicode."""

_RUNS = re.compile("[0-9]+|[^0-9]+")
_WORDS_KEPT = 1 << 15
"""Number of words whose weights stay in memory, a few hundred bytes each."""
_TEXTS_KEPT = 1 << 13
"""Number of first and last names whose levels stay in memory."""

_NEXT_TEXT = b"\x00\x01"
_END = b"\x00\x00"
"""Both are less than any weight, so that a name comes before another that begins with it."""


Particles = frozenset[tuple[bytes, ...]]
"""Particles of names, each as the letters of its words; they count after the last name."""


def sort_key(
    record: Record, row: int, *, drawn: bool = False, particles: Particles | None = None
) -> bytes:
    """Return the bytes that a record is sorted by in a batch; no two rows have the same.

    The keys of one run are compared as bytes, in Python or as BLOBs of SQLite; another release of
    the table has other weights. People of the same name are sorted by birth date, then by
    verification code, then by row.

    Args:
        record: the record, whose class, names, birth date and code count.
        row: the number of its row in the batch, from 0.
        drawn: its code was drawn and does not count, as the next run draws another.
        particles: what `particles_of` returns; None: last names count as they are written.
    """
    last = _parted(record.last_name, particles) if particles else (record.last_name,)
    return b"".join(
        (
            _class_key(record.group),
            _levels(*last, record.first_name),
            record.birth_date.isoformat().encode(),
            b"" if drawn else record.verification_code.encode(),
            _END,
            row.to_bytes(8, "big"),
        )
    )


def particles_of(texts: Iterable[str]) -> Particles:
    """Return particles such as `van den` and `'t`, without case, accents and apostrophes."""
    return frozenset(tuple(map(letters, words(text))) for text in texts)


def letters(text: str) -> bytes:
    """Return the letters of a text: equal for texts that differ in case, accents or word ends."""
    return b"".join(_weights(run)[0] for word in words(text) for run in _RUNS.findall(word))


def words(text: str) -> list[str]:
    """Return the words of a text, without spaces, hyphens, apostrophes and other punctuation."""
    return text.translate(_SPACED).split()


class _Spaced(dict[int, int]):
    """Maps the code point of a letter, mark or number to itself, any other to a space."""

    def __missing__(self, point: int) -> int:
        counts = unicodedata.category(chr(point))[0] in "LMN" and point not in _APOSTROPHES
        self[point] = point if counts else ord(" ")
        return self[point]


_SPACED = _Spaced()


@lru_cache
def _class_key(group: str | None) -> bytes:
    """Return the key of a class; it ends with the text itself, so that no two classes mix."""
    if group is None:
        return b"\x02"
    return b"\x01" + _levels(group) + group.encode() + _END


def _levels(*texts: str) -> bytes:
    """Return the letters of all texts, then their accents, their word ends, and their case."""
    levels = zip(*map(_levels_of, texts), strict=True)
    return b"".join(b"".join(level) + _END for level in levels)


@lru_cache(_TEXTS_KEPT)
def _parted(last_name: str, particles: Particles) -> tuple[str, str]:
    """Return a last name without the longest particle that it begins with, and the particle."""
    spelt = words(last_name)
    for end in range(len(spelt) - 1, 0, -1):
        if tuple(map(letters, spelt[:end])) in particles:
            return " ".join(spelt[end:]), " ".join(spelt[:end])
    return last_name, ""


@lru_cache(_TEXTS_KEPT)
def _levels_of(text: str) -> tuple[bytes, ...]:
    """Return the four levels of a text: letters, accents, word ends, case."""
    levels: tuple[list[bytes], ...] = ([], [], [], [])
    bases, accents, ends, case = levels
    for word in words(text):
        for run in _RUNS.findall(word):
            primary, secondary, tertiary = _weights(run)
            bases.append(primary)
            accents.append(secondary)
            case.append(tertiary)
        ends.append(_packed(len(word) + 1))  # more than _NEXT_TEXT
    return tuple(b"".join(level) + _NEXT_TEXT for level in levels)


@lru_cache(_WORDS_KEPT)
def _weights(run: str) -> tuple[bytes, bytes, bytes]:
    """Return the three levels of a word's weights; a number's begin with its length."""
    number = run.lstrip("0") or "0" if run[0] in "0123456789" else ""
    levels: list[list[int]] = [[]]
    for weight in _collated(number or run):
        if weight:
            levels[-1].append(weight)
        else:
            levels.append([])
    primary, secondary, tertiary = (_packed(*level) for level in levels[:3])
    if number:
        primary = _weight_of_zero() + _packed(len(number)) + primary
    return primary, secondary, tertiary


@cache
def _weight_of_zero() -> bytes:
    """Return the weight that numbers begin with, which is less than that of any letter."""
    return _packed(_collated("0")[0])


def _packed(*weights: int) -> bytes:
    return struct.pack(f">{len(weights)}H", *weights)


_USUAL = re.compile(r"[\0-\u04ff]*")
"""Texts of Latin, Greek and Cyrillic letters and accents, decomposed (NFD): most names."""
_USUAL_ROW = re.compile(r"^(0[0-4][0-9A-F]{2}(?: [0-9A-F]+)*) *; (\S+)", re.MULTILINE)
"""A row of the table that begins with such a character."""


def _collated(text: str) -> Sequence[int]:
    """Return the weights of a text, level by level, with 0 between the levels."""
    usual = _USUAL.fullmatch(unicodedata.normalize("NFD", text))
    weights: Sequence[int] = _collator(whole=not usual).sort_key(text)
    return weights


@cache
def _collator(*, whole: bool) -> Collator:
    """Return what knows the weights: the whole table, or only the rows that usual texts need.

    Reading the whole table takes a tenth of a second and more, as long as printing a class.
    """
    import pyuca  # here, because a single record can do without
    from pyuca.collator import COLL_ELEMENT_PATTERN

    if whole:
        return pyuca.Collator()
    collator = pyuca.Collator(os.devnull)
    table = Path(pyuca.__file__).with_name(f"allkeys-{collator.UCA_VERSION}.txt")
    for characters, weights in _USUAL_ROW.findall(table.read_text("utf-8")):
        elements = COLL_ELEMENT_PATTERN.findall(weights)
        collator.table.add(_hexadecimal(characters.split()), [*map(_hexadecimal, elements)])
    return collator


def _hexadecimal(numbers: Iterable[str]) -> list[int]:
    return [int(number, 16) for number in numbers]
