"""Address, and digits after it → the modules of their QR code (ISO/IEC 18004, level M).

Under one mask, two codes of the same version differ linearly: placing of data, Reed-Solomon parity
and masking are all affine over GF(2). So the modules of any data are those of the first data, XOR
the difference that each half byte makes in which the data differ. A difference comes from the
parity of single bits and the places of their codewords.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache, reduce
from itertools import accumulate, compress, islice, product, zip_longest
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

_BYTES, _DIGITS = 0b0100, 0b0001
"""Modes of segments (7.4.1)."""

_MODE_SIZE = _TERMINATOR_SIZE = 4
"""Bits."""

_FILL = bytes((0b1110_1100, 0b0001_0001))

_ONES = bytes.maketrans(b"01", b"\0\1")

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


def encode(text: bytes, digits: str = "") -> list[list[bool]]:
    """The modules of a QR code at level M.

    Args:
        text: in byte mode.
        digits: what follows in numeric mode, each in 3.33 bits.

    Returns:
        matrix: n x n, dark is True, no quiet zone; n = 17 + 4 x version.
    """
    version = version_for(len(text), len(digits))
    fixed, path = _symbol(version)
    matrix = [[dark == "1" for dark in row] for row in fixed]
    filled = _data(text, digits, version).to_bytes(sum(_sizes(version)), "big")
    bits = "".join(f"{codeword:08b}" for codeword in _codewords(filled, version))
    bits += "0" * (len(path) - len(bits))
    for (row, column), bit in zip(path, bits, strict=True):
        matrix[row][column] = (bit == "1") != (column % 3 == 0)  # the mask (7.8.2)
    return matrix


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
        known = _groups()
        groups = "".join([known[digits[i : i + 3]] for i in range(0, len(digits), 3)])
        bits = (bits << _MODE_SIZE | _DIGITS) << of_digits | len(digits)
        bits = bits << len(groups) | int(groups, 2)
        free -= _MODE_SIZE + of_digits + len(groups)
    return bits << free | _filling(free)


@cache
def _groups() -> dict[str, str]:
    """One to three digits → their bits (7.4.3)."""
    return {
        f"{value:0{count}}": f"{value:0{size}b}"
        for count, size in ((1, 4), (2, 7), (3, 10))
        for value in range(10**count)
    }


def _count_sizes(version: int) -> tuple[int, int]:
    """Bits of the numbers of bytes and of digits (table 3)."""
    return (8, 10) if version < 10 else (16, 12) if version < 27 else (16, 14)


@lru_cache(maxsize=1024)
def _filling(free: int) -> int:
    """What fills some bits that end a code: terminator, zeros to a whole byte, filling bytes."""
    count = max(free - _TERMINATOR_SIZE, 0) // 8
    return int.from_bytes((_FILL * count)[:count], "big")


def _codewords(filled: bytes, version: int) -> Iterator[int]:
    """The data, and each block's error correction: woven."""
    _, _, correction = _shape(version)
    sizes = _sizes(version)
    ends = [*accumulate(sizes)]
    parts = [filled[end - size : end] for size, end in zip(sizes, ends, strict=True)]
    for woven in (parts, [_correction(part, correction) for part in parts]):
        for column in zip_longest(*woven):
            yield from (codeword for codeword in column if codeword is not None)


def _correction(block: bytes, count: int) -> list[int]:
    """Reed-Solomon codewords of a block: the remainder of its division by the generator."""
    generator = _generator(count)
    rest = [*block, *[0] * count]
    for place in range(len(block)):
        if rest[place]:
            shift = _LOG[rest[place]]
            for offset, power in enumerate(generator, place + 1):
                rest[offset] ^= _EXP[shift + power]
    return rest[len(block) :]


@cache
def _generator(count: int) -> list[int]:
    """Powers of two that are the factors of a generator polynomial, without the first one."""
    product = [1]
    for root in range(count):
        scaled = [_EXP[_LOG[factor] + root] for factor in product]
        product = [a ^ b for a, b in zip([*product, 0], [0, *scaled], strict=True)]
    return [_LOG[factor] for factor in product[1:]]


def _powers() -> Iterator[int]:
    """Powers of two in the field of 256 elements."""
    power = 1
    for _ in range(510):
        yield power
        power <<= 1
        if power > 255:
            power ^= 0b1_0001_1101


_EXP = [*_powers()]
_LOG = {power: exponent for exponent, power in enumerate(_EXP[:255])}


# The symbol (ISO/IEC 18004, 6.3, 7.7, 7.9, 7.10).


@cache
def _symbol(version: int) -> tuple[list[str], list[tuple[int, int]]]:
    """What all codes of a version have, and the places of their codewords' bits in order.

    Returns:
        rows of 1 for dark, 0 for light, a space where a codeword's bit goes; places.
    """
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
    path = []
    for turn, right in enumerate((*range(size - 1, 6, -2), 5, 3, 1)):
        for row in range(size) if turn % 2 else reversed(range(size)):
            path += [(row, x) for x in (right, right - 1) if matrix[row][x] == " "]
    return ["".join(row) for row in matrix], path


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
        matrix = encode(text, digits)
        self.size = len(matrix)
        self.version = (self.size - 17) // 4
        self._capacity = 8 * sum(_sizes(self.version))
        self._first = _data(text, digits, self.version)
        self._modules = _pack(matrix)

    def rows(self, text: bytes, digits: str = "") -> bytes:
        """The modules of data that this version is the smallest for.

        Returns:
            rows from the top, each filled up to whole bytes, dark is 1, as in a 1-bit image.
        """
        if version_for(len(text), len(digits)) != self.version:
            raise ValueError(f"this is an encoder of version {self.version}")
        changed = _data(text, digits, self.version) ^ self._first
        modules = self._modules
        if changed:
            # Those before and after the changes are left out.
            begin = (self._capacity - changed.bit_length()) // 4
            written = f"{changed:x}".rstrip("0")
            halves = _halves(self.version)[begin : begin + len(written)]
            modules = reduce(xor, map(getitem, halves, written), modules)
        return modules.to_bytes(_stride(self.size) // 8 * self.size, "big")


class _Bit(NamedTuple):
    """A bit of the data, and the bits of parity that may change with it.

    Attributes:
        module: where it stands, as modules of which it is the only dark one.
        checks: the same for each bit of its block's parity.
        ones: a byte for each of these, 1 if it changes and else 0.
    """

    module: int
    checks: Sequence[int]
    ones: bytes

    def difference(self) -> int:
        """The modules that it changes."""
        return reduce(xor, compress(self.checks, self.ones), self.module)


class _Half(dict[str, int]):
    """What a half byte of the data, as a hexadecimal digit, changes in the modules."""

    def __init__(self, bits: Sequence[_Bit]) -> None:
        self._bits = bits

    def __missing__(self, digit: str) -> int:
        """Work them all out, when the first one is needed."""
        found = [0]
        for bit in reversed(self._bits):
            changed = bit.difference()
            found += [others ^ changed for others in found]
        self.update(zip("0123456789abcdef", found, strict=True))
        return self[digit]


@lru_cache(maxsize=8)
def _halves(version: int) -> list[_Half]:
    """For each half byte of the data of a version, what it changes."""
    lengths = _sizes(version)
    _, _, parity = _shape(version)
    fixed, path = _symbol(version)
    width = _stride(len(fixed))
    modules = [1 << (len(fixed) - row) * width - column - 1 for row, column in path]
    # Blocks give their codewords in turn: data first, then parity (ISO/IEC 18004, 7.6).
    turns = [
        (block, row)
        for row in range(max(lengths))
        for block, length in enumerate(lengths)
        if row < length
    ]
    begins = {turn: 8 * place for place, turn in enumerate(turns)}
    behind = list(islice(_parities(parity), max(lengths)))
    bits = []
    for block, length in enumerate(lengths):
        rows = [8 * (len(turns) + row * len(lengths) + block) for row in range(parity)]
        checks = [module for begin in rows for module in modules[begin : begin + 8]]
        for row in range(length):
            own = modules[begins[block, row] :][:8]
            ones = behind[length - 1 - row]
            bits += [_Bit(module, checks, one) for module, one in zip(own, ones, strict=True)]
    return [_Half(bits[begin : begin + 4]) for begin in range(0, len(bits), 4)]


def _parities(count: int) -> Iterator[list[bytes]]:
    """The parity of each bit, the highest first, of a codeword before 0, 1, 2 … others.

    It is the remainder of the bit's polynomial by the generator's (7.5.2), with a byte for each
    of its bits.
    """

    def times(factor: int, terms: Iterable[int]) -> list[int]:
        return [_EXP[_LOG[term] + _LOG[factor]] if term and factor else 0 for term in terms]

    rest = lowest = [_EXP[power] for power in _generator(count)]
    while True:
        yield [
            "".join([f"{term:08b}" for term in times(1 << bit, rest)]).encode().translate(_ONES)
            for bit in range(7, -1, -1)
        ]
        shifted = zip([*rest[1:], 0], times(rest[0], lowest), strict=True)
        rest = [term ^ other for term, other in shifted]


def _pack(matrix: list[list[bool]]) -> int:
    """The modules as a number: rows from the top, each filled up to whole bytes, dark is 1."""
    fill = "0" * (_stride(len(matrix)) - len(matrix))
    return int("".join("".join("01"[dark] for dark in row) + fill for row in matrix), 2)


def _stride(size: int) -> int:
    """Bits of a row, filled up to whole bytes."""
    return (size + 7) // 8 * 8
