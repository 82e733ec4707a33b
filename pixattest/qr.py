"""Address with a code in it → the modules of its QR code (ISO/IEC 18004, error correction M).

Under one mask, two codes of the same length differ linearly: data bits, Reed-Solomon parity and
masking are all affine over GF(2). So the modules of an address are those of another one, XOR the
difference that each bit makes in which their data differ; each difference is worked out once.
"""

from __future__ import annotations

from urllib.parse import quote

QUIET_ZONE = 4
"""Modules of white on each side (ISO/IEC 18004, 9.1)."""

_MASK = 2
"""Any mask may be used; a fixed one keeps codes linear, and bytes the same from run to run."""


def address_of(pattern: str, code: str) -> str:
    """The address that a QR code opens: the pattern's `{code}` filled, percent-encoded."""
    plain = code.isascii() and code.replace("-", "").isalnum()
    return pattern.replace("{code}", code if plain else quote(code, safe=""))


def encode(data: bytes) -> list[list[bool]]:
    """The modules of a QR code at level M in byte mode, as the `qrcode` library makes them.

    Returns:
        matrix: n x n, dark is True, no quiet zone; n = 17 + 4 x version.
    """
    import qrcode
    from qrcode.util import MODE_8BIT_BYTE, QRData

    code = qrcode.QRCode(
        error_correction=qrcode.ERROR_CORRECT_M, mask_pattern=_MASK, border=0, box_size=1
    )
    code.add_data(QRData(data, mode=MODE_8BIT_BYTE), optimize=0)
    code.make(fit=True)
    return [[bool(module) for module in row] for row in code.modules]


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
