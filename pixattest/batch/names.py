"""Folder + wanted name → a file name that Windows, macOS, Linux and ZIP all take, given once."""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b

LONGEST = 143
"""Bytes of a name in UTF-8, suffix included: what eCryptfs takes, the least of all systems.

It leaves room for the folders' names in the 260 characters of a path that Windows takes.
"""

_LONGEST_MARK = 60
"""Bytes of the mark that tells homonyms apart, so that something of the name stays."""

_FORBIDDEN = frozenset('<>:"/\\|?*~')
"""What Windows refuses, and ~, with which it makes short names of its own (MARTIN~1.PDF)."""

_RESERVED = re.compile(
    r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³]) *(\.|$)", re.IGNORECASE
)
"""Names of devices of Windows, which no file may have, whatever its suffix."""


class Names:
    """Hands out names, no two in a folder alike to any system; remembers a number for each.

    Homonyms are told apart by a mark that stays theirs, their verification code. Once all are
    announced with `expect`, every one of them bears it, so that none has the plain name today
    that is another's tomorrow; without, the first asked for has the plain name. Same names in
    the same order: same files.
    """

    def __init__(self) -> None:
        self._given: set[int] = set()
        self._expected: set[int] = set()
        self._shared: set[int] = set()

    def expect(self, folder: str, wanted: str, *, suffix: str = ".pdf") -> None:
        """Announce that `give` will be called with the same arguments."""
        key = _key(folder, _fit(_legible(wanted), suffix))
        (self._shared if key in self._expected else self._expected).add(key)

    def give(
        self, folder: str, wanted: str, *, suffix: str = ".pdf", mark: str | None = None
    ) -> str:
        """Return a name for a file, or for a folder where the suffix is "".

        Args:
            folder: the name that was given to the folder it is in; "" at the top.
            wanted: the name that it should have, such as `MARTIN Camille` or `TCAP1`.
            suffix: the end of the name, which stays as it is.
            mark: distinguishes it from its homonyms, such as a verification code.
        """
        stem = _legible(wanted)
        marked = f" ({_cut(_legible(mark), _LONGEST_MARK)})" if mark else ""
        name = _fit(stem, suffix)
        key = _key(folder, name)
        if key in self._shared or key in self._given:
            name = _fit(stem, marked + suffix)
        number = 1
        while _key(folder, name) in self._given:
            number += 1
            name = _fit(stem, f"{marked} ({number}){suffix}")
        self._given.add(_key(folder, name))
        return name


class _Legal(dict[int, str]):
    """Maps a code point to its replacement in a name: itself, a hyphen, a space or nothing."""

    def __missing__(self, point: int) -> str:
        self[point] = _stand_in(chr(point))
        return self[point]


def _stand_in(char: str) -> str:
    category = unicodedata.category(char)
    if category in ("Zs", "Zl", "Zp", "Cc"):
        return " "
    if category.startswith("C"):  # invisible, private, or unassigned, which APFS refuses
        return ""
    return "-" if char in _FORBIDDEN else char


_LEGAL = _Legal()


def _legible(wanted: str) -> str:
    """Return a wanted name in NFC, with legal characters only, and single spaces."""
    text = unicodedata.normalize("NFC", wanted.translate(_LEGAL))
    return " ".join(text.split()).lstrip(" .-")


def _fit(stem: str, tail: str) -> str:
    """Return stem and tail, the stem cut so that they fit; never a device of Windows."""
    stem = _cut(stem, LONGEST - len(f"_{tail}".encode()))
    if not stem or _RESERVED.match(stem + tail):
        stem = f"_{stem}"
    return stem + tail


def _cut(text: str, most: int) -> str:
    """Return as much of a text as fits into so many bytes, without a space or dot at its end."""
    return text.encode()[:most].decode(errors="ignore").rstrip(" .")


def _key(folder: str, name: str) -> int:
    """Return a number that is the same for names that some system does not tell apart."""
    path = unicodedata.normalize("NFD", f"{folder}/{name}")
    # Capitals first: to Windows ı and ſ have those of i and s, which folding keeps apart.
    folded = unicodedata.normalize("NFD", path.upper().casefold())
    return int.from_bytes(blake2b(folded.encode(), digest_size=8).digest(), "big")
