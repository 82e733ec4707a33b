"""Address, and digits after it → the modules of their QR code (ISO/IEC 18004, level M).

Under one mask, two codes of the same version differ linearly: placing of data, Reed-Solomon parity
and masking are all affine over GF(2). So the parity of a block is the XOR of those of its
codewords, which are looked up; and where few half bytes of the data differ from those of the first
code, its modules are too, XOR the difference that each of them makes.
"""

from __future__ import annotations

from functools import cache, lru_cache, reduce
from itertools import product
from operator import getitem, xor
from typing import NamedTuple
from urllib.parse import quote

QUIET_ZONE = 4
"""Modules of white on each side (ISO/IEC 18004, 9.1)."""

_FORMAT = "101111001111100"
"""Level M and mask 2, as the symbol says it (7.9.1).

Any mask may be used; a fixed one keeps codes linear, and bytes the same from run to run.
"""

_LARGEST = 40
"""Version of the largest code."""

_FEW = 100
"""Half bytes that differ, up to which a code is made from the first one."""

_BYTES, _DIGITS = 0b0100, 0b0001
"""Modes of segments (7.4.1)."""

_MODE_SIZE = _TERMINATOR_SIZE = 4
"""Bits."""

_FILL = bytes((0b1110_1100, 0b0001_0001))

# Of versions 1 to 40 at level M (table 9): how many blocks, and codewords of error correction each.
_BLOCKS = (
    *(1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16),
    *(17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49),
)
_CORRECTION = (
    *(10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26),
    *(26, *[28] * 19),
)


def address_of(pattern: str, code: str) -> str:
    """The address that a QR code opens: the pattern's `{code}` filled, percent-encoded."""
    plain = code.isascii() and code.replace("-", "").isalnum()
    return pattern.replace("{code}", code if plain else quote(code, safe=""))


@lru_cache(maxsize=1024)
def version_for(length: int, digits: int = 0) -> int:
    """The version of the smallest code that holds some bytes and then some digits.

    Raises:
        ValueError: none does.
    """
    for version in range(1, _LARGEST + 1):
        used = _MODE_SIZE + _count_sizes(version)[0] + 8 * length
        if digits:
            used += _MODE_SIZE + _count_sizes(version)[1]
            used += digits // 3 * 10 + (0, 4, 7)[digits % 3]
        if used <= 8 * sum(_sizes(version)):
            return version
    raise ValueError(f"{length} bytes and {digits} digits are more than a QR code can hold")


# The codewords (ISO/IEC 18004, 7.4 to 7.6).


def _shape(version: int) -> tuple[int, int, int]:
    """Blocks, codewords in all of them, and codewords of error correction in each."""
    aligned = version // 7 + 2
    modules = (16 * version + 128) * version + 64
    if version > 1:
        modules -= (25 * aligned - 10) * aligned - 55
    if version > 6:
        modules -= 36
    return _BLOCKS[version - 1], modules // 8, _CORRECTION[version - 1]


@cache
def _sizes(version: int) -> list[int]:
    """Codewords of data in each block."""
    blocks, codewords, correction = _shape(version)
    short, longer = divmod(codewords - blocks * correction, blocks)
    return [short] * (blocks - longer) + [short + 1] * longer


def _data(text: bytes, digits: str, version: int) -> int:
    """The bits of both segments, the terminator and what fills the rest."""
    of_bytes, of_digits = _count_sizes(version)
    bits = (_BYTES << of_bytes | len(text)) << 8 * len(text) | int.from_bytes(text, "big")
    free = 8 * sum(_sizes(version)) - _MODE_SIZE - of_bytes - 8 * len(text)
    if digits:
        bits = (bits << _MODE_SIZE | _DIGITS) << of_digits | len(digits)
        size, number = _numeric(digits)
        bits = bits << size | number
        free -= _MODE_SIZE + of_digits + size
    return bits << free | _filling(free)


def _numeric(digits: str) -> tuple[int, int]:
    """How many bits digits have, and these: 10 for three, 4 or 7 for one or two more (7.4.3)."""
    groups, more = divmod(len(digits), 3)
    number, size = 0, 10 * groups
    if groups:
        # 10 bits are two digits to base 32: so each third digit can be read in its group's place.
        hundreds, tens, ones = (int("0".join(digits[i : 3 * groups : 3]), 32) for i in range(3))
        number = 100 * hundreds + 10 * tens + ones
    if more:
        number = number << 3 * more + 1 | int(digits[-more:])
        size += 3 * more + 1
    return size, number


def _count_sizes(version: int) -> tuple[int, int]:
    """Bits of the numbers of bytes and of digits (table 3)."""
    return (8, 10) if version < 10 else (16, 12) if version < 27 else (16, 14)


@lru_cache(maxsize=1024)
def _filling(free: int) -> int:
    """What fills some bits that end a code: terminator, zeros to a whole byte, filling bytes."""
    count = max(free - _TERMINATOR_SIZE, 0) // 8
    return int.from_bytes((_FILL * count)[:count], "big")


def _codewords(data: bytes, version: int) -> bytes:
    """The data, and each block's error correction: woven."""
    blocks, _, correction = _shape(version)
    sizes = _sizes(version)
    shortest = sizes[0]
    tables = _parities(correction, sizes[-1])
    woven, longer, behind = bytearray(shortest * blocks), b"", bytearray(correction * blocks)
    end = 0
    for block, size in enumerate(sizes):
        part = data[end : end + size]
        end += size
        woven[block::blocks] = part[:shortest]
        longer += part[shortest:]
        parity = reduce(xor, map(getitem, tables[-size:], part))
        behind[block::blocks] = parity.to_bytes(correction, "big")
    return b"".join((woven, longer, behind))


@cache
def _parities(count: int, length: int) -> list[list[int]]:
    """For each place in a block, and each codeword that may stand there, its parity.

    It is the remainder of the codeword's polynomial by the generator's (7.5.2): a number, with a
    byte for each term, the highest first.

    Args:
        count: codewords of error correction.
        length: of the block.
    """
    every = int.from_bytes(b"\1" * (count + 1), "big")

    def doubled(terms: int) -> int:
        """Times two, each term in the field of 256 elements."""
        return (terms & 0x7F * every) << 1 ^ (terms >> 7 & every) * 0b1_1101

    generator = 1
    for root in range(count):
        scaled = generator
        for _ in range(root):
            scaled = doubled(scaled)
        generator = generator << 8 ^ scaled
    whole = 8 * count
    powers = [generator ^ 1 << whole]
    for _ in range(7):
        powers.append(doubled(powers[-1]))
    tables: list[list[int]] = []
    for _ in range(length):
        table = [0]
        for power in powers:
            table += [other ^ power for other in table]
        tables.append(table)
        # One place further from the end.
        highest = whole - 8
        powers = [
            (power & (1 << highest) - 1) << 8 ^ tables[0][power >> highest] for power in powers
        ]
    return tables[::-1]


# The symbol (ISO/IEC 18004, 6.3, 7.7, 7.9, 7.10).


class _Piece(NamedTuple):
    """A part of a symbol's columns.

    Attributes:
        bits: those of the codewords that stand in it.
        places: which of these bits each module has, column by column; 255: none.
    """

    bits: slice
    places: bytes


class _Symbol(NamedTuple):
    """What all codes of a version have.

    Attributes:
        size: modules on a side.
        modules: with the mask, where a codeword's bits are all 0.
        bands: pieces from left to right, for so many rows from the top, and for the rest, if any.
    """

    size: int
    modules: int
    bands: list[tuple[int, list[_Piece]]]


@cache
def _symbol(version: int) -> _Symbol:
    size = 17 + 4 * version
    matrix = [[" "] * size for _ in range(size)]

    def draw(y: int, x: int, reach: int, light: tuple[int, ...]) -> None:
        """Squares around a centre, as far as the symbol reaches."""
        for row in range(max(0, y - reach), min(size, y + reach + 1)):
            for column in range(max(0, x - reach), min(size, x + reach + 1)):
                far = max(abs(row - y), abs(column - x))
                matrix[row][column] = "01"[far not in light]

    for y, x in ((3, 3), (3, size - 4), (size - 4, 3)):
        draw(y, x, 4, (2, 4))
    for y, x in product(_centres(version), repeat=2):
        if matrix[y][x] == " ":
            draw(y, x, 2, (1,))
    for place in range(8, size - 8):
        matrix[6][place] = matrix[place][6] = "10"[place % 2]
    for place, bit in enumerate(_FORMAT):
        across = place if place < 6 else place + 1 if place < 7 else size - 15 + place
        down = size - 1 - place if place < 7 else 15 - place if place < 9 else 14 - place
        matrix[8][across] = matrix[down][8] = bit
    matrix[size - 8][8] = "1"
    if version > 6:
        rest = version
        for _ in range(12):
            rest = rest << 1 ^ (rest >> 11) * 0b1_1111_0010_0101
        for place, bit in enumerate(reversed(f"{version << 12 | rest:018b}")):
            y, x = divmod(place, 3)
            matrix[y][size - 11 + x] = matrix[size - 11 + x][y] = bit
    index: dict[tuple[int, int], int] = {}
    for turn, right in enumerate((*range(size - 1, 6, -2), 5, 3, 1)):
        for row in range(size) if turn % 2 else reversed(range(size)):
            for column in (right, right - 1):
                if matrix[row][column] == " ":
                    index[row, column] = len(index)
                    matrix[row][column] = "01"[column % 3 == 0]  # the mask (7.8.2)
    # A table of 256 finds the bits of a piece, so it has no more than 127 rows of two columns.
    height = size if size < 128 else (size + 1) // 2
    columns = ((0, 1), (2, 3), (4, 5, 6), *((left, left + 1) for left in range(7, size, 2)))
    bands = []
    for top in range(0, size, height):
        rows = range(top, min(top + height, size))
        found = [[index.get((row, column)) for column in two for row in rows] for two in columns]
        bands.append((len(rows), [*map(_piece, found)]))
    fill = "0" * (_stride(size) - size)
    return _Symbol(size, int("".join("".join(row) + fill for row in matrix), 2), bands)


def _piece(places: list[int | None]) -> _Piece:
    known = [place for place in places if place is not None]
    first = min(known)
    held = bytes(255 if place is None else place - first for place in places)
    return _Piece(slice(first, max(known) + 1), held)


def _place(codewords: bytes, symbol: _Symbol) -> int:
    """The modules that codewords change in a symbol.

    Returns:
        a number: rows from the top, each filled up to whole bytes.
    """
    bits = f"{int.from_bytes(codewords, 'big'):0{8 * len(codewords)}b}".encode()
    fill = b"0" * (_stride(symbol.size) - symbol.size)
    rows: list[bytes] = []
    for height, pieces in symbol.bands:
        # Bits that a piece has no module for, and those behind the last codeword, are 0.
        columns = [piece.places.translate(bits[piece.bits].ljust(256, b"0")) for piece in pieces]
        band = b"".join(columns)
        rows += [band[row::height] for row in range(height)]
    return int(fill.join(rows) + fill, 2)


def _centres(version: int) -> list[int]:
    """Rows and columns of the centres of alignment patterns (annex E)."""
    if version == 1:
        return []
    last, gaps = 10 + 4 * version, version // 7 + 1
    step = 26 if version == 32 else (4 * version + 2 * gaps + 3) // (2 * gaps) * 2
    return [6, *(last - step * gap for gap in range(gaps))]


# What changes from code to code.


class QrEncoder:
    """Makes QR codes of one version; quick from the second one on.

    Args:
        text: bytes of the first code.
        digits: decimal digits that follow them, each in 3.33 bits.

    Attributes:
        version: of its codes.
        size: modules on a side.
    """

    def __init__(self, text: bytes, digits: str = "") -> None:
        self.version = version_for(len(text), len(digits))
        self.size = _symbol(self.version).size
        self._capacity = 8 * sum(_sizes(self.version))
        self._first = _data(text, digits, self.version)
        self._modules = self._drawn(self._first)

    def rows(self, text: bytes, digits: str = "") -> bytes:
        """The modules of data that this version is the smallest for.

        Returns:
            rows from the top, each filled up to whole bytes, dark is 1, as in a 1-bit image.
        """
        if version_for(len(text), len(digits)) != self.version:
            raise ValueError(f"this is an encoder of version {self.version}")
        data = _data(text, digits, self.version)
        modules = self._modules
        if changed := data ^ self._first:
            # Those before and after the changes are left out.
            begin = (self._capacity - changed.bit_length()) // 4
            written = f"{changed:x}".rstrip("0")
            if len(written) > _FEW:
                modules = self._drawn(data)
            else:
                halves = _halves(self.version)[begin : begin + len(written)]
                modules = reduce(xor, map(getitem, halves, written), modules)
        return modules.to_bytes(_stride(self.size) // 8 * self.size, "big")

    def _drawn(self, data: int) -> int:
        return _symbol(self.version).modules ^ _difference(data, self.version)


def _difference(data: int, version: int) -> int:
    """The modules that data change, when they were all 0 before."""
    codewords = _codewords(data.to_bytes(sum(_sizes(version)), "big"), version)
    return _place(codewords, _symbol(version))


class _Half(dict[str, int]):
    """What a half byte of the data, as a hexadecimal digit, changes in the modules."""

    def __init__(self, version: int, behind: int) -> None:
        self._version = version
        self._behind = behind
        """Bits."""

    def __missing__(self, digit: str) -> int:
        """Work them all out, when the first one is needed."""
        found = [0]
        for bit in range(4):
            changed = _difference(1 << self._behind + bit, self._version)
            found += [others ^ changed for others in found]
        self.update(zip("0123456789abcdef", found, strict=True))
        return self[digit]


@lru_cache(maxsize=8)
def _halves(version: int) -> list[_Half]:
    """For each half byte of the data of a version, what it changes."""
    return [_Half(version, behind) for behind in range(8 * sum(_sizes(version)) - 4, -1, -4)]


def _stride(size: int) -> int:
    """Bits of a row, filled up to whole bytes."""
    return (size + 7) // 8 * 8
