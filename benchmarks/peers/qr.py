"""A record → its QR code by zxing-cpp, the fastest encoder that Python has."""

from __future__ import annotations

from io import BytesIO

import zxingcpp
from PIL import Image
from serve import Record, address


def make_qr(record: Record) -> zxingcpp.Barcode:
    """Encode a record's verification address, with error correction M."""
    return zxingcpp.create_barcode(address(record), zxingcpp.BarcodeFormat.QRCode, ec_level="M")


def make_picture(record: Record) -> Image.Image:
    """Draw the code as a picture: one pixel of 8 bits for each module, without quiet zone."""
    return Image.fromarray(make_qr(record).to_image(scale=1, add_quiet_zones=False))


def make_modules(record: Record) -> tuple[int, bytes]:
    """Return the code's side in modules, and its rows: a bit a module, 0 is dark, whole bytes."""
    picture = make_picture(record).convert("1", dither=Image.Dither.NONE)
    return picture.width, picture.tobytes()


def make_png(record: Record) -> bytes:
    """Write the code as a PNG of one bit for each module."""
    buffer = BytesIO()
    make_picture(record).convert("1").save(buffer, "png")
    return buffer.getvalue()
