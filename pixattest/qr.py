"""Address with a code in it → the modules of its QR code (ISO/IEC 18004, error correction M).

Under one mask, two codes of the same length differ linearly: data bits, Reed-Solomon parity and
masking are all affine over GF(2). So the modules of an address are those of another one, XOR the
difference that each bit makes in which their data differ; each difference is worked out once.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import accumulate, product, zip_longest
from urllib.parse import quote

QUIET_ZONE = 4
"""Modules of white on each side (ISO/IEC 18004, 9.1)."""

_FORMAT = "101111001111100"
"""Level M and mask 2, as the symbol says it (7.9.1).

Any mask may be used; a fixed one keeps codes linear, and bytes the same from run to run.
"""

_BYTE_MODE = 0b0100
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


def encode(data: bytes) -> list[list[bool]]:
    """The modules of a QR code at level M in byte mode.

    Returns:
        matrix: n x n, dark is True, no quiet zone; n = 17 + 4 x version.
    """
    version = next((v for v in range(1, 41) if _longest(v) >= len(data)), None)
    if version is None:
        raise ValueError(f"{len(data)} bytes are more than a QR code can hold")
    fixed, path = _symbol(version)
    matrix = [[dark == "1" for dark in row] for row in fixed]
    bits = "".join(f"{codeword:08b}" for codeword in _codewords(data, version))
    bits += "0" * (len(path) - len(bits))
    for (row, column), bit in zip(path, bits, strict=True):
        matrix[row][column] = (bit == "1") != (column % 3 == 0)  # the mask (7.8.2)
    return matrix


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


def _longest(version: int) -> int:
    """Bytes that a version holds, beside their mode and number."""
    blocks, codewords, correction = _shape(version)
    return codewords - blocks * correction - (2 if version < 10 else 3)


def _codewords(data: bytes, version: int) -> Iterator[int]:
    """Mode, number of bytes, the bytes and their fill, each block's error correction: woven."""
    blocks, codewords, correction = _shape(version)
    room = codewords - blocks * correction
    count = 8 if version < 10 else 16
    head = (_BYTE_MODE << count | len(data)) << 8 * len(data) | int.from_bytes(data, "big")
    filled = (head << 4).to_bytes(len(data) + count // 8 + 1, "big")
    filled += (_FILL * room)[: room - len(filled)]
    short, longer = divmod(room, blocks)
    sizes = [short] * (blocks - longer) + [short + 1] * longer
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


class QrEncoder:
    """Makes QR codes of data of one length; quick from the second one on.

    Args:
        data: the first data, to which the others are compared.
    """

    def __init__(self, data: bytes) -> None:
        self._length = len(data)
        self._first = int.from_bytes(data, "big")
        self.size, self._modules = self._encode(self._first)
        self._bits: dict[int, int] = {}
        self._differences: dict[tuple[int, int], int] = {}

    def rows(self, data: bytes) -> bytes:
        """The modules of data of the same length.

        Returns:
            rows from the top, each filled up to whole bytes, dark is 1, as in a 1-bit image.
        """
        if len(data) != self._length:
            raise ValueError(f"{len(data)} bytes given to an encoder of {self._length}")
        modules = self._modules
        changed = int.from_bytes(data, "big") ^ self._first
        while changed:
            shift = (changed.bit_length() - 1) & ~7
            byte = changed >> shift
            modules ^= self._differences.get((byte, shift)) or self._difference(byte, shift)
            changed ^= byte << shift
        return modules.to_bytes((self.size + 7) // 8 * self.size, "big")

    def _difference(self, byte: int, shift: int) -> int:
        """What the bits of one byte of the data, at a shift, change in the modules."""
        found = 0
        for bit in range(shift, shift + 8):
            if byte << shift >> bit & 1:
                known = self._bits.get(bit)
                if known is None:
                    known = self._encode(self._first ^ 1 << bit)[1] ^ self._modules
                    self._bits[bit] = known
                found ^= known
        self._differences[byte, shift] = found
        return found

    def _encode(self, value: int) -> tuple[int, int]:
        matrix = encode(value.to_bytes(self._length, "big"))
        size = len(matrix)
        fill = "0" * (-size % 8)
        text = "".join("".join("1" if dark else "0" for dark in row) + fill for row in matrix)
        return size, int(text, 2)
