"""PNG or JPEG file + the room it gets → an image XObject of 300 dpi at most, with its alpha."""

from __future__ import annotations

import io
import warnings
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pixattest.pdf.objects import Stream

if TYPE_CHECKING:
    from PIL.Image import Image

DPI = 300
LARGEST_FILE = 20_000_000
"""Bytes of an image file."""
LARGEST_IMAGE = 40_000_000
"""Pixels of an image, before it is scaled down."""


class ImageError(Exception):
    """An image file that can't be used; says why."""

    hint = "Check its path; it must be an intact PNG or JPEG."


class Picture(msgspec.Struct, frozen=True):
    """An image ready to be written.

    Attributes:
        width, height: points, within the room it was given, in the image's own proportions.
        image: the image XObject; its entries lack SMask.
        alpha: the soft mask, when it is not opaque.
    """

    width: float
    height: float
    image: Stream
    alpha: Stream | None


def load_picture(path: Path, width: float, height: float) -> Picture:
    """The image of a file, turned as its EXIF says, in sRGB or grey, scaled into a room.

    Args:
        path: a PNG or JPEG.
        width: of the room, in points.
        height: of the room, in points.

    Raises:
        ImageError: it can't be read, is broken, or is larger than an image of a page may be.
    """
    image = _open(path)
    has_alpha = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    image = image.convert("RGBA" if has_alpha else "RGB")
    scale = min(width / image.width, height / image.height)
    drawn = image.width * scale, image.height * scale
    pixels = [max(1, round(side * DPI / 72)) for side in drawn]
    if pixels[0] < image.width:
        # Scaled with premultiplied alpha, or the colour under the clear ground would bleed in.
        image = image.convert("RGBa") if has_alpha else image
        image = image.resize((pixels[0], pixels[1]), resample=3)
        image = image.convert("RGBA") if has_alpha else image
    alpha = None
    if has_alpha:
        mask = image.getchannel("A")
        if mask.getextrema() != (255, 255):
            alpha = _stream(mask)
        image = image.convert("RGB")
    red, green, blue = image.split()
    if red.tobytes() == green.tobytes() == blue.tobytes():
        image = red
    return Picture(*drawn, _stream(image, photographic=path.suffix.lower() != ".png"), alpha)


def proportion(path: Path) -> float:
    """Width over height of the image of a file, as `load_picture` draws it.

    Raises:
        ImageError: as there.
    """
    image = _open(path)
    return image.width / image.height


def _open(path: Path) -> Image:
    """The decoded, upright image of a file that is safe to decode."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ImageError(f"is larger than {LARGEST_FILE // 10**6} MB")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            opened = Image.open(path, formats=("PNG", "JPEG"))
        with opened as image:
            if image.width * image.height > LARGEST_IMAGE:
                raise ImageError(
                    f"has {image.width} x {image.height} pixels, more than"
                    f" {LARGEST_IMAGE // 10**6} million"
                )
            upright: Image.Image = ImageOps.exif_transpose(image)
        if upright.mode.startswith("I"):  # grey of 16 bits, which Pillow would clip, not scale
            clear = upright.info.pop("transparency", None)
            upright = upright.convert("I").point(lambda grey: grey / 256).convert("L")
            if clear is not None:
                upright.info["transparency"] = clear // 256
        return upright
    except FileNotFoundError:
        raise ImageError("is not there") from None
    except Image.DecompressionBombError:
        raise ImageError(f"has more than {LARGEST_IMAGE // 10**6} million pixels") from None
    except UnidentifiedImageError:
        raise ImageError("is not a PNG or JPEG image") from None
    except (OSError, SyntaxError, ValueError, EOFError, zlib.error) as reason:
        raise ImageError(f"can't be decoded: {reason}") from None


def _stream(image: Image, *, photographic: bool = False) -> Stream:
    """An image XObject of 8 bits a component; a photograph as JPEG where that is smaller."""
    packed, filter_ = zlib.compress(image.tobytes(), 9), "/FlateDecode"
    entries: dict[str, object] = {
        "Type": "/XObject",
        "Subtype": "/Image",
        "Width": image.width,
        "Height": image.height,
        "ColorSpace": "/DeviceGray" if image.mode == "L" else "/DeviceRGB",
        "BitsPerComponent": 8,
    }
    if photographic:
        jpeg = io.BytesIO()
        image.save(jpeg, "JPEG", quality=88, optimize=True)
        if jpeg.tell() < len(packed):
            packed, filter_ = jpeg.getvalue(), "/DCTDecode"
    return Stream(entries | {"Filter": filter_}, packed, encoded=True)
