"""Plates: the same to the byte whether they were compiled just now or read back from a cache."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from drawings import SHOWN, VARIANT, Compile, P
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from pixattest.errors import TemplateError
from pixattest.pdf.qr import read_tables
from pixattest.template.plate import CoverVariant, DetailVariant, Plate, QrSlot

BODIES = [
    SHOWN,
    P.format('<text y="20" fill-opacity="0.5">pale</text>'),
    '<rect width="10" height="10" fill-opacity="0.25" stroke="#FF0000" stroke-opacity="1"/>',
    '<g transform="translate(10 20) scale(2)"><rect width="5" height="5" opacity="0.5"/></g>',
    P.format('<text x="3" y="50" data-field="centre" data-width="90" data-lines="3"/>'),
    '<g role="img" aria-label="x"><rect x="1" y="2" width="5" height="5"/></g>',
    '<g role="note"><a href="https://pix.fr"><text y="90">pix</text></a></g>',
    P.format('<text y="9" data-when="score >= 3">3</text>'),
    '<image aria-hidden="true" width="9" height="9" data-field="qr_address"/>',
    '<image aria-hidden="true" width="9" height="9" href="a.png"/>',
]


def encoded(plate: Plate) -> bytes:
    return msgspec.msgpack.encode(plate)


def wrong_numbers(value: object, type_: str = "") -> list[object]:
    """Integers where a float is declared."""
    if isinstance(value, msgspec.Struct):
        types = {field.name: str(field.type) for field in msgspec.structs.fields(value)}
        return [
            wrong for name in types for wrong in wrong_numbers(getattr(value, name), types[name])
        ]
    if isinstance(value, tuple | list):
        return [wrong for item in value for wrong in wrong_numbers(item, type_)]
    if isinstance(value, dict):
        return [wrong for item in value.values() for wrong in wrong_numbers(item, type_)]
    is_wrong = isinstance(value, int) and "float" in type_ and "int" not in type_
    return [value] if is_wrong and not isinstance(value, bool) else []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bodies=st.lists(st.sampled_from(BODIES), min_size=1, max_size=4, unique=True))
def test_plate_is_the_same_to_the_byte_once_it_was_read_back(
    compiled: Compile, write: Any, bodies: list[str]
) -> None:
    """Whatever is drawn, opacities, matrices and pictures among it."""
    Image.new("RGB", (9, 9), "red").save(write("").parent / "a.png")
    plate = compiled("".join(bodies))
    content = encoded(plate)
    again = msgspec.msgpack.decode(content, type=Plate)
    assert again == plate
    assert encoded(again) == content


def test_lengths_of_a_plate_are_floats(compiled: Compile, write: Any) -> None:
    """An integer prints alike, and is another value to a digest."""
    Image.new("RGB", (9, 9), "red").save(write("").parent / "a.png")
    plate = compiled("".join(BODIES))
    assert not wrong_numbers(plate)
    assert plate.opacities
    assert {type(part) for pair in plate.opacities.values() for part in pair} == {float}


@pytest.mark.parametrize(
    "kind", [VARIANT, CoverVariant(3, specimen=True), DetailVariant(8, specimen=False)]
)
def test_plate_keeps_its_kind_of_page(compiled: Compile, kind: Any) -> None:
    """Whichever it is of the three."""
    plate = compiled('<rect width="5" height="5"/>', kind)
    assert plate.variant == kind
    assert msgspec.msgpack.decode(encoded(plate), type=Plate) == plate


@pytest.mark.parametrize(("side", "is_refused"), [(90.0, True), (97.0, False)])
def test_qr_code_is_as_large_as_phones_need(side: float, is_refused: bool) -> None:
    """A code of version 3, of 29 modules, and its quiet zone of 4 has 25 mm at 90.4 points."""
    slot = QrSlot((side, 0.0, 0.0, -side, 10.0, 10.0), read_tables())
    if is_refused:
        with pytest.raises(TemplateError, match="QR code of 40 characters would be printed small"):
            slot.refuse_small(3, 40)
    else:
        slot.refuse_small(3, 40)


def test_qr_code_of_25_mm_is_just_large_enough() -> None:
    """Its quiet zone does not count, and a turned one is as large as it is."""
    side = 25 / 25.4 * 72 * (29 + 8) / 29 + 1e-9
    QrSlot((0.0, side, side, 0.0, 0.0, 0.0), read_tables()).refuse_small(3, 40)
    with pytest.raises(TemplateError):
        QrSlot((0.0, side - 0.01, side, 0.0, 0.0, 0.0), read_tables()).refuse_small(3, 40)
