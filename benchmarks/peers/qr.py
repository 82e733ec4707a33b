"""A record → its QR code, by zxing-cpp, the fastest encoder at hand."""

from __future__ import annotations

from io import BytesIO

import zxingcpp
from PIL import Image
from serve import Record, address


def make_qr(record: Record) -> zxingcpp.Barcode:
    """The QR code of a record's verification address, error correction M."""
    return zxingcpp.create_barcode(address(record), zxingcpp.BarcodeFormat.QRCode, ec_level="M")


def make_picture(record: Record) -> Image.Image:
    """That QR code as a picture of one pixel a module, 8 bits each, no quiet zone."""
    return Image.fromarray(make_qr(record).to_image(scale=1, add_quiet_zones=False))


def make_modules(record: Record) -> tuple[int, bytes]:
    """Its side in modules, and its rows, one bit a module, 0 is dark, each row whole bytes."""
    picture = make_picture(record).convert("1", dither=Image.Dither.NONE)
    return picture.width, picture.tobytes()


def make_png(record: Record) -> bytes:
    """That QR code as a PNG, one bit a module."""
    buffer = BytesIO()
    make_picture(record).convert("1").save(buffer, "png")
    return buffer.getvalue()
