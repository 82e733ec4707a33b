"""An address, and digits after it → the modules of their QR code (ISO/IEC 18004, level M).

`qrcode` knows the standard: blocks, polynomials, and where in a symbol everything stands. It is
asked once for each version; its answers are kept with the plate. What is done here for each page is
the linear algebra that reuses them: under one mask, placing of data, error correction and masking
are affine over GF(2). So the modules of a code are those of the code whose codewords are all 0,
XOR what each of its codewords adds; and the error correction of a block is the XOR of what each of
its codewords adds to it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache, reduce
from operator import getitem, xor
from urllib.parse import quote

import msgspec

QUIET_ZONE = 4
"""White modules on each side (ISO/IEC 18004, 9.1)."""

LARGEST_SEAL = 15
"""Version of the largest code that holds a seal; phones read its modules, printed at 35 mm."""

_MASK = 2
"""Number of the mask (7.8.2).

Any mask may be used; a fixed one keeps codes linear, and bytes the same from run to run.
"""

_BYTES, _DIGITS = 0b0100, 0b0001
"""Modes of segments (7.4.1)."""

_MODE_SIZE = _TERMINATOR_SIZE = 4
"""Bits of a mode, and of the terminator."""

_FILL = bytes((0b1110_1100, 0b0001_0001))
"""Codewords that fill what is left, in turn (7.4.9)."""

_LEAST_SEAL = 380
"""Digits of a seal of short texts."""

_NONE = 255
"""Number of a module, in a piece of a symbol, that no bit of a codeword stands in."""


class QrSymbol(msgspec.Struct, frozen=True):
    """What all codes of one version have in common.

    Attributes:
        size: modules on a side, without the quiet zone.
        count_sizes: bits of the numbers of bytes and of digits that segments begin with (table 3).
        blocks: number of data codewords in each block.
        parities: error correction of a block of one codeword, for the codewords 1, 2, 4 … 128.
        blank: modules, with the mask, of the code whose codewords are all 0, as `QrEncoder.encode`
            returns them.
        pieces: the modules column by column, cut where the bits that stand in them are too far
            apart. Each piece has the number of its first bit, and for each module the number of its
            bit, counted from that one.
    """

    size: int
    count_sizes: tuple[int, int]
    blocks: tuple[int, ...]
    parities: tuple[bytes, ...]
    blank: bytes
    pieces: tuple[tuple[int, bytes], ...]


class QrTables(msgspec.Struct, frozen=True):
    """What a plate keeps of the answers of `qrcode`.

    Attributes:
        capacities: bits of data in a code of each version, from 1 to 40.
        symbols: those of the versions that are likely to be printed.
    """

    capacities: tuple[int, ...]
    symbols: dict[int, QrSymbol]

    def symbol(self, version: int) -> QrSymbol:
        """The symbol of a version; one that was not likely is asked for now."""
        return self.symbols.get(version) or _read_symbol(version)

    def version_for(self, length: int, digits: int = 0) -> int:
        """The version of the smallest code that holds some bytes and then some digits.

        Raises:
            ValueError: none does.
        """
        for version, capacity in enumerate(self.capacities, 1):
            of_bytes, of_digits = _count_sizes(version)
            used = _MODE_SIZE + of_bytes + 8 * length
            if digits:
                used += _MODE_SIZE + of_digits + digits // 3 * 10 + (0, 4, 7)[digits % 3]
            if used <= capacity:
                return version
        raise ValueError(f"{length} bytes and {digits} digits are more than a QR code can hold")


def address_of(pattern: str, code: str) -> str:
    """The address that a QR code opens: the pattern's `{code}` filled, percent-encoded."""
    plain = code.isascii() and code.replace("-", "").isalnum()
    return pattern.replace("{code}", code if plain else quote(code, safe=""))


def side_of(version: int) -> int:
    """Modules on a side of a code, without the quiet zone."""
    return 17 + 4 * version


# What `qrcode` is asked.


def read_tables(length: int = 0, *, sealed: bool = False) -> QrTables:
    """The tables, with the symbols of the codes that hold some bytes, or these and a seal.

    Args:
        length: of an address that is likely to be printed, in bytes; 0: none is.
        sealed: digits of a seal follow it.
    """
    from qrcode.base import rs_blocks
    from qrcode.constants import ERROR_CORRECT_M

    blocks = (rs_blocks(version, ERROR_CORRECT_M) for version in range(1, 41))
    tables = QrTables(tuple(8 * sum(block.data_count for block in each) for each in blocks), {})
    if length:
        least = tables.version_for(length, _LEAST_SEAL * sealed)
        for version in range(least, 1 + (LARGEST_SEAL if sealed else least)):
            tables.symbols[version] = _read_symbol(version)
    return tables


@cache
def _read_symbol(version: int) -> QrSymbol:
    from qrcode.base import RSBlock, rs_blocks
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.main import QRCode
    from qrcode.util import BitBuffer, create_bytes

    order: list[tuple[int, int]] = []

    class Row(list[bool | None]):
        """A row of modules that takes note of those that are set."""

        def __init__(self, modules: Sequence[bool | None], y: int) -> None:
            super().__init__(modules)
            self._y = y

        def __setitem__(self, x, dark):  # type: ignore[no-untyped-def]
            order.append((x, self._y))
            super().__setitem__(x, dark)

    def map_data(codewords: Sequence[int], mask: int) -> None:
        """Set the modules that codewords stand in, as the method does, and take note of them."""
        code.modules = [Row(row, y) for y, row in enumerate(code.modules)]
        QRCode.map_data(code, codewords, mask)

    # The code whose codewords are all 0: those that are not there count as such.
    code = QRCode(version=version, error_correction=ERROR_CORRECT_M, mask_pattern=_MASK, border=0)
    code.map_data, code.data_cache = map_data, ()
    code.make(fit=False)
    matrix = code.get_matrix()
    size = len(matrix)
    fill = "0" * (-size % 8)
    modules = "".join("".join("01"[bool(dark)] for dark in row) + fill for row in matrix)
    blocks = rs_blocks(version, ERROR_CORRECT_M)
    correction = blocks[0].total_count - blocks[0].data_count
    parities = []
    for bit in range(8):
        buffer = BitBuffer()
        buffer.put(1 << bit, 8)
        parities.append(bytes(create_bytes(buffer, [RSBlock(1 + correction, 1)])[1:]))
    # What is set behind the last codeword is no bit of one (7.7.3).
    bits = 8 * sum(block.total_count for block in blocks)
    numbers = {place: number for number, place in enumerate(order[:bits])}
    return QrSymbol(
        size,
        _count_sizes(version),
        tuple(block.data_count for block in blocks),
        tuple(parities),
        int(modules, 2).to_bytes(len(modules) // 8, "big"),
        tuple(_pieces([numbers.get((x, y)) for x in range(size) for y in range(size)])),
    )


def _pieces(numbers: Sequence[int | None]) -> Iterator[tuple[int, bytes]]:
    """The pieces of a symbol, each as long as can be, by the number of the bit of each module."""
    piece: list[int | None] = []
    low, high = math.inf, 0
    for number in numbers:
        if number is not None:
            low, high = min(low, number), max(high, number)
            if high - low >= _NONE:
                yield _piece(piece)
                piece, low, high = [], number, number
        piece.append(number)
    yield _piece(piece)


def _piece(numbers: Sequence[int | None]) -> tuple[int, bytes]:
    first = min(number for number in numbers if number is not None)
    return first, bytes(_NONE if number is None else number - first for number in numbers)


# What is done for each page.


class QrEncoder:
    """Makes QR codes of one version.

    Args:
        symbol: what they have in common.
    """

    def __init__(self, symbol: QrSymbol) -> None:
        self._symbol = symbol
        self._blank = int.from_bytes(symbol.blank, "big")
        self._capacity = sum(symbol.blocks)
        self._parities = _parities(symbol.parities, max(symbol.blocks))
        self._added = [_Added(self, place) for place in range(self._capacity)]

    def encode(self, text: bytes, digits: str = "") -> bytes:
        """The modules of a code that this version is the smallest for.

        Args:
            text: bytes of the first segment.
            digits: decimal digits of the second one, each in 3.33 bits.

        Returns:
            Rows from the top, each filled up to whole bytes; dark is 1, as in a 1-bit image.

        Raises:
            OverflowError: they are too long.
        """
        data = self._data(text, digits)
        # The bytes of addresses come again and again, those of seals hardly ever.
        added = self.add(data) if digits else reduce(xor, map(getitem, self._added, data))
        return (self._blank ^ added).to_bytes(len(self._symbol.blank), "big")

    def add(self, data: bytes) -> int:
        """What data change in the code whose codewords are all 0: a number, with a bit a module."""
        codewords = self._codewords(data)
        bits = f"{int.from_bytes(codewords, 'big'):0{8 * len(codewords)}b}".encode()
        # A module without a bit gets the last letter that a piece can find, which is always 0.
        columns = b"".join(
            [
                numbers.translate(bits[first : first + _NONE].ljust(_NONE + 1, b"0"))
                for first, numbers in self._symbol.pieces
            ]
        )
        size = self._symbol.size
        fill = b"0" * (-size % 8)
        return int(fill.join([columns[row::size] for row in range(size)]) + fill, 2)

    def _data(self, text: bytes, digits: str) -> bytes:
        """The codewords of both segments, the terminator and what fills the rest (7.4)."""
        of_bytes, of_digits = self._symbol.count_sizes
        bits = (_BYTES << of_bytes | len(text)) << 8 * len(text) | int.from_bytes(text, "big")
        free = 8 * self._capacity - _MODE_SIZE - of_bytes - 8 * len(text)
        if digits:
            bits = (bits << _MODE_SIZE | _DIGITS) << of_digits | len(digits)
            size, number = _numeric(digits)
            bits = bits << size | number
            free -= _MODE_SIZE + of_digits + size
        return (bits << free | _filling(free)).to_bytes(self._capacity, "big")

    def _codewords(self, data: bytes) -> bytes:
        """The data and then the error correction, both taken from the blocks in turn (7.6)."""
        blocks = self._symbol.blocks
        many, shortest, correction = len(blocks), blocks[0], len(self._symbol.parities[0])
        woven, behind = bytearray(shortest * many), bytearray(correction * many)
        longer = b""
        end = 0
        for block, size in enumerate(blocks):
            part = data[end : end + size]
            end += size
            woven[block::many] = part[:shortest]
            longer += part[shortest:]
            parity = reduce(xor, map(getitem, self._parities[-size:], part))
            behind[block::many] = parity.to_bytes(correction, "big")
        return b"".join((woven, longer, behind))


class _Added(dict[int, int]):
    """What each codeword of data adds where it stands; it is worked out when it is first met."""

    def __init__(self, encoder: QrEncoder, place: int) -> None:
        self._encoder = encoder
        self._place = place

    def __missing__(self, codeword: int) -> int:
        data = bytearray(self._encoder._capacity)
        data[self._place] = codeword
        added = self[codeword] = self._encoder.add(bytes(data))
        return added


def _parities(powers: Sequence[bytes], length: int) -> list[list[int]]:
    """For each place in a block, and each codeword that may stand there, its error correction.

    Args:
        powers: error correction for the codewords 1, 2, 4 … 128 in the last place.
        length: of the block.
    """
    highest = 8 * len(powers[0]) - 8
    added = [int.from_bytes(power, "big") for power in powers]
    tables: list[list[int]] = []
    for _ in range(length):
        table = [0]
        for one in added:
            table += [other ^ one for other in table]
        tables.append(table)
        # One place further from the end, the polynomial is shifted by a term: the one that leaves
        # it on the left comes back as that codeword does in the last place (7.5.2).
        added = [(one & (1 << highest) - 1) << 8 ^ tables[0][one >> highest] for one in added]
    return tables[::-1]


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
    """Bits of the numbers of bytes and of digits that segments begin with (table 3)."""
    return (8, 10) if version < 10 else (16, 12) if version < 27 else (16, 14)


@lru_cache(maxsize=1024)
def _filling(free: int) -> int:
    """What fills some bits that end a code: terminator, zeros to a whole byte, filling bytes."""
    count = max(free - _TERMINATOR_SIZE, 0) // 8
    return int.from_bytes((_FILL * count)[:count], "big")
