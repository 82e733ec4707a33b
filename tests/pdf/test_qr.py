"""Address with a code in it → the modules of its QR code."""

from __future__ import annotations

import random
import string

import msgspec
import pytest
import qrcode
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from qrcode.util import MODE_8BIT_BYTE, MODE_NUMBER, QRData

from pixattest.model.codes import new_code
from pixattest.model.issuer import default_issuer
from pixattest.pdf.qr import QUIET_ZONE, QrEncoder, QrTables, address_of, read_tables, side_of

PATTERN = default_issuer().verification.qr
MASK = 2
TABLES = read_tables()
ENCODERS: dict[int, QrEncoder] = {}
"""By version: as in a press, one makes all codes."""


def modules(data: bytes, size: int, rows: bytes) -> list[list[bool]]:
    """Rows of whole bytes, as booleans; the fill bits at the end of a row must be 0."""
    stride = (size + 7) // 8
    assert len(rows) == stride * size, data
    bits = [f"{byte:08b}" for byte in rows]
    lines = ["".join(bits[row * stride : (row + 1) * stride]) for row in range(size)]
    assert {line[size:] for line in lines} == {"0" * (stride * 8 - size)}
    return [[bit == "1" for bit in line[:size]] for line in lines]


def encode(data: bytes, digits: str = "") -> list[list[bool]]:
    """The modules of a code, from the encoder that made all others of its version."""
    version = TABLES.version_for(len(data), len(digits))
    encoder = ENCODERS.get(version)
    if encoder is None:
        encoder = ENCODERS[version] = QrEncoder(TABLES.symbol(version))
    return modules(data, side_of(version), encoder.encode(data, digits))


def reference(data: bytes, digits: str = "") -> list[list[bool]]:
    """The modules that the `qrcode` library makes, error correction M and the same mask."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, mask_pattern=MASK, border=0)
    code.add_data(QRData(data, mode=MODE_8BIT_BYTE))
    if digits:
        code.add_data(QRData(digits, mode=MODE_NUMBER))
    code.make(fit=True)
    return [[bool(module) for module in row] for row in code.modules]


def picture(matrix: list[list[bool]], scale: int) -> Image.Image:
    """A bitmap of a code with its quiet zone, `scale` pixels a module."""
    side = len(matrix) + 2 * QUIET_ZONE
    image = Image.new("L", (side, side), 255)
    for y, row in enumerate(matrix):
        for x, dark in enumerate(row):
            if dark:
                image.putpixel((x + QUIET_ZONE, y + QUIET_ZONE), 0)
    return image.resize((side * scale, side * scale), Image.Resampling.NEAREST)


def random_data(length: int, seed: int) -> bytes:
    """Letters and digits; seeds differ in eight places, as addresses differ in their code."""
    characters = string.ascii_letters + string.digits
    letters = random.Random(length).choices(characters, k=length)
    places = random.Random(seed)
    for _ in range(8):
        letters[places.randrange(length)] = places.choice(characters)
    return "".join(letters).encode()


def test_many_codes_are_the_library_s_module_for_module() -> None:
    """Addresses with new codes from one encoder."""
    for _ in range(50):
        data = address_of(PATTERN, new_code()).encode()
        assert encode(data) == reference(data), data


@pytest.mark.parametrize("length", [1, 7, 14, 15, 26, 27, 42, 43, 62, 63, 84, 107, 152, 153, 213])
def test_every_length_is_the_library_s_module_for_module(length: int) -> None:
    """Versions 1 to 10 and both sides of their limits, where blocks and fill differ."""
    for seed in range(1, 4):
        data = random_data(length, seed)
        assert encode(data) == reference(data), data


LENGTHS = st.integers(0, 16) | st.integers(45, 60)


@given(LENGTHS.flatmap(lambda n: st.binary(min_size=n, max_size=n)))
@settings(max_examples=settings.default.max_examples // 2)
def test_any_bytes_are_the_library_s_module_for_module(data: bytes) -> None:
    """Zero bytes at either end and bytes beyond ASCII too."""
    assert encode(data) == reference(data)


@pytest.mark.slow
@pytest.mark.parametrize("digits", [False, True])
@pytest.mark.parametrize("version", range(1, 41))
def test_every_version_is_the_library_s_module_for_module(version: int, digits: bool) -> None:
    """As many bytes as a code of the version holds, and then some bytes and many digits."""
    choice = random.Random(version)
    most = TABLES.capacities[version - 1] // 8 - (2 if version < 10 else 3)
    length = choice.randint(0, most // 2) if digits else most
    number = "".join(choice.choices(string.digits, k=max(0, most - length - 3) * 12 // 5))
    data = choice.randbytes(length)
    assert TABLES.version_for(length, len(number)) == version
    assert encode(data, number) == reference(data, number)


def test_more_than_a_code_holds_is_refused() -> None:
    """Version 40 holds 2,331 bytes at level M."""
    with pytest.raises(ValueError, match="2332 bytes"):
        encode(bytes(2332))


@pytest.mark.parametrize("scale", [2, 5])
@pytest.mark.parametrize("length", [1, 20, 58, 120])
def test_codes_can_be_read(length: int, scale: int) -> None:
    """A reader finds the very bytes, at error correction M."""
    data = random_data(length, 2)
    found = zxingcpp.read_barcode(picture(encode(data), scale))
    assert found is not None
    assert (found.bytes, found.ec_level) == (data, "M")


def test_damaged_code_can_be_read() -> None:
    """Error correction M bears a stain over a twentieth of the modules."""
    data = address_of(PATTERN, "P-GVVP6HBM").encode()
    matrix = encode(data)
    side = round((len(matrix) ** 2 * 0.05) ** 0.5)
    for y in range(12, 12 + side):
        matrix[y][12 : 12 + side] = [True] * side
    found = zxingcpp.read_barcode(picture(matrix, 4))
    assert found is not None
    assert found.text == data.decode()


def test_symbol_says_level_m_and_its_mask() -> None:
    """Format information: 00 is M, then the mask (ISO/IEC 18004, 7.9.1), under 10101."""
    row = encode(b"anything")[8]
    said = int("".join(str(int(dark)) for dark in row[:5]), 2) ^ 0b10101
    assert said == 0b00_000 | MASK


def test_what_is_too_long_for_a_version_is_never_encoded_wrongly() -> None:
    """An encoder is for one version: of more than that holds, it refuses to print nonsense."""
    encoder = QrEncoder(TABLES.symbol(1))
    assert encoder.encode(b"x" * 14)
    for text, digits in ((b"x" * 15, ""), (b"x" * 5, "1" * 30)):
        with pytest.raises((OverflowError, ValueError)):
            encoder.encode(text, digits)


def test_tables_hold_the_versions_that_are_likely_to_be_printed() -> None:
    """That of an address; and where a seal follows it, those up to the largest."""
    assert read_tables().symbols.keys() == set()
    assert read_tables(14).symbols.keys() == {1}
    assert read_tables(58).symbols.keys() == {4}
    assert read_tables(37, sealed=True).symbols.keys() == {10, 11, 12, 13, 14, 15}


def test_tables_that_were_kept_make_the_same_codes() -> None:
    """They are data, which a plate on disk holds: nothing is asked again of the library."""
    tables = read_tables(58)
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(tables), type=QrTables)
    assert kept == tables
    data = random_data(58, 1)
    assert modules(data, 33, QrEncoder(kept.symbols[4]).encode(data)) == reference(data)


def test_capacities_are_those_of_the_standard() -> None:
    """Bytes of data at level M: table 7 has 14 for version 1, 62 for 4, 2331 for 40."""
    lengths = {0: 1, 14: 1, 15: 2, 62: 4, 63: 5, 2331: 40}
    assert {length: TABLES.version_for(length) for length in lengths} == lengths
    digits = {0: 1, 29: 1, 30: 1, 31: 2, 32: 2, 33: 2}
    assert {many: TABLES.version_for(0, many) for many in digits} == digits


@pytest.mark.slow
@pytest.mark.parametrize("length", [3, 37, 80])
def test_digits_are_the_library_s_module_for_module(length: int) -> None:
    """Versions 1 to 10, three fills of the last group, some lengths from one encoder a version."""
    choice = random.Random(length)
    for digits in (1, 2, 3, 30, 100, 200, *range(398, 404)):
        text = random_data(length, digits)
        number = "".join(choice.choices(string.digits, k=digits))
        assert encode(text, number) == reference(text, number)


def test_digits_can_be_read_as_one_text() -> None:
    """A reader joins the two segments."""
    text, digits = b"https://x.example/verify/#", "".join(str(n) for n in range(150))
    found = zxingcpp.read_barcode(picture(encode(text, digits), 3))
    assert found is not None
    assert found.text == text.decode() + digits


@pytest.mark.parametrize(
    ("pattern", "code", "address"),
    [
        ("https://x.example/{code}", "P-GVVP6HBM", "https://x.example/P-GVVP6HBM"),
        ("https://x.example/?c={code}&l=fr", "A/B&C", "https://x.example/?c=A%2FB%26C&l=fr"),
        ("https://x.example/{code}#{code}", "7 É", "https://x.example/7%20%C3%89#7%20%C3%89"),
        ("https://x.example/?c={code}", "{code}", "https://x.example/?c=%7Bcode%7D"),
    ],
)
def test_code_is_percent_encoded_in_the_address(pattern: str, code: str, address: str) -> None:
    """Whatever form the issuer's codes have, the address stays one."""
    assert address_of(pattern, code) == address
