"""Address with a code in it → the modules of its QR code."""

from __future__ import annotations

import random
import string

import pytest
import qrcode
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from qrcode.util import MODE_8BIT_BYTE, MODE_NUMBER, QRData

from pixattest.model.codes import new_code
from pixattest.model.issuer import default_issuer
from pixattest.pdf.qr import QUIET_ZONE, QrEncoder, address_of, version_for

PATTERN = default_issuer().verification.qr
MASK = 2


def modules(data: bytes, size: int, rows: bytes) -> list[list[bool]]:
    """Rows of whole bytes, as booleans; the fill bits at the end of a row must be 0."""
    stride = (size + 7) // 8
    assert len(rows) == stride * size, data
    bits = [f"{byte:08b}" for byte in rows]
    lines = ["".join(bits[row * stride : (row + 1) * stride]) for row in range(size)]
    assert {line[size:] for line in lines} == {"0" * (stride * 8 - size)}
    return [[bit == "1" for bit in line[:size]] for line in lines]


def encode(data: bytes, digits: str = "") -> list[list[bool]]:
    """The modules of a code that is the first of its encoder."""
    encoder = QrEncoder(data, digits)
    return modules(data, encoder.size, encoder.rows(data, digits))


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


@pytest.mark.slow
def test_many_codes_are_the_library_s_module_for_module() -> None:
    """300 addresses with new codes from one encoder: the quick way changes no module."""
    encoder = QrEncoder(address_of(PATTERN, new_code()).encode())
    for _ in range(300):
        data = address_of(PATTERN, new_code()).encode()
        assert modules(data, encoder.size, encoder.rows(data)) == reference(data), data


@pytest.mark.parametrize("length", [1, 7, 14, 15, 26, 27, 42, 43, 62, 63, 84, 107, 152, 153, 213])
def test_every_length_is_the_library_s_module_for_module(length: int) -> None:
    """Versions 1 to 10 and both sides of their limits, where blocks and fill differ."""
    encoder = QrEncoder(random_data(length, 0))
    for seed in range(1, 4):
        data = random_data(length, seed)
        assert modules(data, encoder.size, encoder.rows(data)) == reference(data), data


LENGTHS = st.integers(1, 16) | st.integers(45, 60)
"""In bytes: few enough to change a first code, and about the most, or too many."""


@given(LENGTHS.flatmap(lambda n: st.tuples(*[st.binary(min_size=n, max_size=n)] * 2)))
@settings(max_examples=settings.default.max_examples // 2)
def test_any_bytes_are_the_library_s_module_for_module(pair: tuple[bytes, bytes]) -> None:
    """Zero bytes at either end and bytes beyond ASCII too, whatever came first."""
    first, data = pair
    encoder = QrEncoder(first)
    assert modules(first, encoder.size, encoder.rows(first)) == reference(first)
    assert modules(data, encoder.size, encoder.rows(data)) == reference(data)


@pytest.mark.parametrize("length", [331, 450, 560, 700, 860, 1000, 1500, 2331])
def test_large_codes_are_the_library_s_module_for_module(length: int) -> None:
    """Versions up to 40: their blocks, alignment patterns and version information."""
    data = random_data(length, 0)
    assert encode(data) == reference(data)


def test_more_than_a_code_holds_is_refused() -> None:
    """Version 40 holds 2,331 bytes at level M."""
    with pytest.raises(ValueError, match="2332 bytes"):
        encode(bytes(2332))


@pytest.mark.parametrize("scale", [2, 5])
@pytest.mark.parametrize("length", [1, 20, 58, 120])
def test_codes_can_be_read(length: int, scale: int) -> None:
    """A reader finds the very bytes, at error correction M."""
    encoder = QrEncoder(random_data(length, 1))
    data = random_data(length, 2)
    found = zxingcpp.read_barcode(picture(modules(data, encoder.size, encoder.rows(data)), scale))
    assert found is not None
    assert (found.bytes, found.ec_level) == (data, "M")


def test_damaged_code_can_be_read() -> None:
    """Error correction M bears a stain over a twentieth of the modules."""
    data = address_of(PATTERN, "P-GVVP6HBM").encode()
    encoder = QrEncoder(data)
    matrix = modules(data, encoder.size, encoder.rows(data))
    side = round((encoder.size**2 * 0.05) ** 0.5)
    for y in range(12, 12 + side):
        matrix[y][12 : 12 + side] = [True] * side
    found = zxingcpp.read_barcode(picture(matrix, 4))
    assert found is not None
    assert found.text == data.decode()


def test_symbol_says_level_m_and_its_mask() -> None:
    """Format information: 00 is M, then the mask (ISO/IEC 18004, 7.9.1), under 10101."""
    encoder = QrEncoder(b"anything")
    row = modules(b"anything", encoder.size, encoder.rows(b"anything"))[8]
    said = int("".join(str(int(dark)) for dark in row[:5]), 2) ^ 0b10101
    assert said == 0b00_000 | MASK


@pytest.mark.parametrize(("text", "digits"), [(b"x" * 15, ""), (b"x" * 5, "1" * 30)])
def test_data_of_another_version_is_never_encoded_wrongly(text: bytes, digits: str) -> None:
    """An encoder is for one version: for another, it refuses rather than print nonsense."""
    with pytest.raises(ValueError, match="version 1"):
        QrEncoder(b"right").rows(text, digits)


@pytest.mark.slow
@pytest.mark.parametrize("length", [3, 37, 80])
def test_digits_are_the_library_s_module_for_module(length: int) -> None:
    """Versions 1 to 16, three fills of the last group, many lengths from one encoder a version."""
    choice = random.Random(length)
    encoders: dict[int, QrEncoder] = {}
    for digits in (1, 2, 3, 30, 100, 200, 300, *range(398, 422), 500, 600, 700, 850, *[411] * 20):
        text = random_data(length, digits)
        number = "".join(choice.choices(string.digits, k=digits))
        expected = reference(text, number)
        assert encode(text, number) == expected
        version = version_for(length, digits)
        assert len(expected) == 17 + 4 * version
        encoder = encoders.setdefault(version, QrEncoder(b"#" * length, "0" * digits))
        assert modules(text, encoder.size, encoder.rows(text, number)) == expected


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
