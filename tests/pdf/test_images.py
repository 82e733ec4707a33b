"""Image files to image XObjects: colours, alpha, turns, scale, and files that are refused."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image

from pixattest import IssuerError, Press
from pixattest.model.issuer import Issuer, default_issuer
from pixattest.pdf import images
from pixattest.pdf.images import ImageError, Picture, load_picture
from pixattest.pdf.objects import Stream

ROOM = 72.0
"""Points of a side of the room: an inch."""


def png(width: int, height: int, depth: int, kind: int, data: bytes, *chunks: bytes) -> bytes:
    """A PNG by hand; chunks are name and content."""

    def chunk(content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(content))
        return struct.pack(">I", len(content) - 4) + content + check

    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    parts = [head, *chunks, b"IDAT" + zlib.compress(data), b"IEND"]
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(chunk, parts))


def plain(stream: Stream) -> bytes:
    """The samples of an image that is not a JPEG."""
    return zlib.decompress(stream.data) if stream.encoded else stream.data


def is_jpeg(stream: Stream) -> bool:
    return stream.entries.get("Filter") == "/DCTDecode"


def pixels(stream: Stream) -> Image.Image:
    """What a viewer decodes."""
    if is_jpeg(stream):
        return Image.open(io.BytesIO(stream.data))
    mode = "L" if stream.entries["ColorSpace"] == "/DeviceGray" else "RGB"
    size = int(str(stream.entries["Width"])), int(str(stream.entries["Height"]))
    return Image.frombytes(mode, size, plain(stream))


def pixel(picture: Picture, x: int = 0, y: int = 0) -> Any:
    return pixels(picture.image).getpixel((x, y))


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Picture]:
    """Load an image, or bytes, as a file of a name."""

    def load(image: Image.Image | bytes, name: str = "a.png", **options: Any) -> Picture:
        path = tmp_path / name
        if isinstance(image, bytes):
            path.write_bytes(image)
        else:
            image.save(path, **options)
        return load_picture(path, ROOM, ROOM)

    return load


Load = Callable[..., Picture]


def test_alpha_becomes_a_soft_mask(load: Load) -> None:
    """Colour and alpha of a PNG are kept apart, each as it was."""
    image = Image.new("RGBA", (2, 1))
    image.putdata([(255, 0, 0, 255), (0, 0, 255, 64)])
    found = load(image)
    assert list(pixels(found.image).getdata()) == [(255, 0, 0), (0, 0, 255)]
    assert found.alpha is not None
    assert list(plain(found.alpha)) == [255, 64]
    assert found.alpha.entries["ColorSpace"] == "/DeviceGray"


def test_opaque_alpha_is_left_out(load: Load) -> None:
    """An alpha channel that hides nothing makes no mask."""
    assert load(Image.new("RGBA", (4, 4), (1, 2, 3, 255))).alpha is None


def test_palette_with_transparency_is_resolved(load: Load) -> None:
    """The transparent colour of a palette becomes alpha, the others their colours."""
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.putdata([0, 1])
    found = load(image, transparency=0)
    assert pixel(found, 1) == (200, 100, 50)
    assert found.alpha is not None
    assert list(plain(found.alpha)) == [0, 255]


def test_transparent_colour_of_an_rgb_png_is_alpha(load: Load) -> None:
    """A PNG without alpha may name one colour as clear (tRNS)."""
    found = load(Image.new("RGB", (2, 2), (1, 2, 3)), transparency=(1, 2, 3))
    assert found.alpha is not None
    assert set(plain(found.alpha)) == {0}


@pytest.mark.parametrize(
    ("image", "value"),
    [
        (Image.new("L", (4, 4), 100), 100),
        (Image.new("1", (4, 4), 1), 255),
        (Image.new("RGB", (4, 4), (9, 9, 9)), 9),
        (Image.new("LA", (4, 4), (100, 50)), 100),
    ],
)
def test_grey_is_written_in_one_channel(load: Load, image: Image.Image, value: int) -> None:
    """What has no colour needs no more than a grey channel."""
    found = load(image)
    assert found.image.entries["ColorSpace"] == "/DeviceGray"
    assert set(plain(found.image)) == {value}


def test_sixteen_bit_colour_is_brought_to_eight(load: Load) -> None:
    """Each channel of 16 bits keeps its upper eight."""
    row = b"\0" + struct.pack(">HHH", 0xFFFF, 0x8000, 0) * 2
    assert pixel(load(png(2, 2, 16, 2, row * 2))) == (255, 128, 0)


def test_sixteen_bit_grey_is_brought_to_eight(load: Load) -> None:
    """A grey of 16 bits keeps its upper eight, rather than turning white."""
    row = b"\0" + struct.pack(">HH", 0x8000, 0x4000)
    assert list(plain(load(png(2, 1, 16, 0, row)).image)) == [128, 64]


def test_clear_grey_of_sixteen_bits_is_alpha(load: Load) -> None:
    """A grey of 16 bits may name one of its greys as clear (tRNS)."""
    row = b"\0" + struct.pack(">HH", 0x8000, 0x4000)
    found = load(png(2, 1, 16, 0, row, b"tRNS" + struct.pack(">H", 0x4000)))
    assert found.alpha is not None
    assert list(plain(found.alpha)) == [255, 0]


def test_cmyk_becomes_rgb(load: Load) -> None:
    """A JPEG of a print shop is shown in the colours it means."""
    found = load(Image.new("CMYK", (16, 16), (255, 0, 0, 0)), "a.jpg", quality=95)
    assert found.image.entries["ColorSpace"] == "/DeviceRGB"
    assert pixel(found) == pytest.approx((0, 255, 255), abs=4)


@pytest.mark.parametrize(
    ("orientation", "corner", "upright"),
    [
        (1, "top left", False),
        (2, "top right", False),
        (3, "bottom right", False),
        (4, "bottom left", False),
        (5, "top left", True),
        (6, "top right", True),
        (7, "bottom right", True),
        (8, "bottom left", True),
    ],
)
def test_exif_turn_is_applied(load: Load, orientation: int, corner: str, upright: bool) -> None:
    """A red first corner lands where each of the eight orientations of EXIF says."""
    image = Image.new("RGB", (80, 40), "white")
    image.paste((255, 0, 0), (0, 0, 16, 16))
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = load(image, "a.jpg", exif=exif, quality=95)
    assert (found.width, found.height) == ((ROOM / 2, ROOM) if upright else (ROOM, ROOM / 2))
    shown = pixels(found.image)
    assert shown.size == ((40, 80) if upright else (80, 40))
    x = 4 if "left" in corner else shown.width - 5
    y = 4 if "top" in corner else shown.height - 5
    reds = {
        (a, b)
        for a in (4, shown.width - 5)
        for b in (4, shown.height - 5)
        if shown.getpixel((a, b))[1] < 60  # type: ignore[index]
    }
    assert reds == {(x, y)}


def test_large_image_is_scaled_down_to_300_dpi(load: Load) -> None:
    """More than 300 dots per inch of the room are not written."""
    found = load(Image.new("L", (3000, 1500), 7))
    assert pixels(found.image).size == (300, 150)


def test_small_image_is_not_scaled_up(load: Load) -> None:
    """An image keeps its pixels where they are fewer than 300 an inch."""
    assert pixels(load(Image.new("L", (40, 20), 7)).image).size == (40, 20)


@pytest.mark.parametrize("size", [(40, 20), (20, 40), (30, 30), (1000, 1), (7, 3000)])
def test_image_fills_its_room_in_its_own_proportions(load: Load, size: tuple[int, int]) -> None:
    """Width or height is that of the room, the other one follows."""
    found = load(Image.new("L", size, 7))
    assert max(found.width, found.height) == pytest.approx(ROOM)
    assert found.width / found.height == pytest.approx(size[0] / size[1])


def test_clear_ground_does_not_bleed_when_scaled(load: Load) -> None:
    """The colour under clear pixels does not show at the edges of a smaller image."""
    image = Image.new("RGBA", (1200, 1200), (0, 255, 0, 0))
    image.paste((255, 0, 0, 255), (301, 301, 899, 899))
    found = load(image)
    assert found.alpha is not None
    seen = zip(pixels(found.image).getdata(), plain(found.alpha), strict=True)
    assert all(colour[1] < 16 for colour, alpha in seen if alpha > 16)


def test_photograph_is_written_as_jpeg_where_that_is_smaller(load: Load) -> None:
    """A JPEG is not blown up to plain pixels, a flat drawing is not blurred to JPEG."""
    noise = Image.effect_noise((300, 300), 80).convert("RGB")
    found = load(noise, "a.jpg", quality=90)
    assert is_jpeg(found.image)
    assert not is_jpeg(load(Image.new("RGB", (50, 50), "red"), "b.png").image)


def test_same_image_gives_the_same_bytes(load: Load) -> None:
    """Two runs over one file write the same."""
    noise = Image.effect_noise((60, 60), 80)
    assert load(noise).image.data == load(noise).image.data


NOISE = io.BytesIO()
Image.effect_noise((200, 200), 60).save(NOISE, "PNG")
PHOTO = io.BytesIO()
Image.effect_noise((200, 200), 60).save(PHOTO, "JPEG")
GIF = io.BytesIO()
Image.new("L", (9, 9)).save(GIF, "GIF")
SPOILT = bytearray(NOISE.getvalue())
SPOILT[5000:5100] = bytes(100)

REFUSED = [
    ("truncated.png", NOISE.getvalue()[:9000], "can't be decoded"),
    ("truncated.jpg", PHOTO.getvalue()[:2000], "can't be decoded"),
    ("spoilt.png", bytes(SPOILT), "can't be decoded"),
    ("head.png", NOISE.getvalue()[:40], "can't be decoded|is not a PNG"),
    ("text.png", b"hello", "is not a PNG or JPEG image"),
    ("empty.png", b"", "is not a PNG or JPEG image"),
    ("gif.png", GIF.getvalue(), "is not a PNG or JPEG image"),
    ("drawing.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is not a PNG or JPEG image"),
    ("large.png", png(7000, 7000, 8, 0, b""), "has 7000 x 7000 pixels, more than 40 million"),
    ("bomb.png", png(60000, 60000, 8, 0, bytes(10**6)), "has more than 40 million pixels"),
    (
        "chunk.png",
        png(9, 9, 8, 0, bytes(90), b"zTXta\0\0" + zlib.compress(bytes(70 * 2**20))),
        "can't be decoded",
    ),
]


@pytest.mark.parametrize(("name", "data", "problem"), REFUSED, ids=[name for name, *_ in REFUSED])
def test_image_that_cannot_be_used_is_refused(
    load: Load, name: str, data: bytes, problem: str
) -> None:
    """Truncated, broken, foreign and exploding files are refused before they do harm."""
    with pytest.raises(ImageError, match=problem):
        load(data, name)


def test_missing_image_and_folder_are_refused(tmp_path: Path) -> None:
    """A path that leads nowhere, or to a folder, is said so."""
    with pytest.raises(ImageError, match="is not there"):
        load_picture(tmp_path / "none.png", ROOM, ROOM)
    with pytest.raises(ImageError, match="can't be decoded"):
        load_picture(tmp_path, ROOM, ROOM)


def test_file_is_closed_again(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """An image's file is closed, used or refused; an open one would warn in another test."""
    opened: list[Any] = []
    open_ = Image.open
    monkeypatch.setattr(Image, "open", lambda *a, **k: opened.append(open_(*a, **k)) or opened[-1])
    for data in (NOISE.getvalue()[:9000], png(7000, 7000, 8, 0, b"")):
        with pytest.raises(ImageError):
            load(data)
        file, opened[-1].fp = opened[-1].fp, None
        closed = file is None or file.closed
        if file:
            file.close()
        assert closed


def test_huge_file_is_refused_unread(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file larger than an image of a page can be is not even opened."""
    monkeypatch.setattr(images, "LARGEST_FILE", 1_000_000)
    monkeypatch.setattr(Image, "open", None)
    with pytest.raises(ImageError, match="is larger than 1 MB"):
        load(NOISE.getvalue() + bytes(1_000_000))


# Through a press, as an issuer meets it.


def issuer_with(image: Path) -> Issuer:
    issuer = default_issuer()
    signature = msgspec.structs.replace(issuer.signature, image=str(image))
    return msgspec.structs.replace(issuer, signature=signature, source="issuer.toml")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "data", "problem"), [*REFUSED, ("none.png", None, "is not there")]
)
def test_issuer_is_told_which_image_cannot_be_used(
    tmp_path: Path, record: dict[str, Any], name: str, data: bytes | None, problem: str
) -> None:
    """The error names the issuer's file, the image, what is wrong, and how to mend it."""
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(IssuerError, match=problem) as caught:
        Press(issuer=issuer_with(tmp_path / name)).render(record)
    assert caught.value.source == "issuer.toml"
    assert name in caught.value.problem
    assert "Check its path" in str(caught.value.hint)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(400, 100), (100, 400), (2000, 1000)])
def test_signature_is_printed_undistorted(
    tmp_path: Path, record: dict[str, Any], size: tuple[int, int]
) -> None:
    """On the page the image has its own proportions, at 300 dots per inch at most."""
    import pymupdf

    image = Image.effect_noise(size, 90)
    image.save(tmp_path / "signature.png")
    pdf = Press(issuer=issuer_with(tmp_path / "signature.png")).render(record)
    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        (info,) = [i for i in document[0].get_image_info() if i["width"] > 60]
    left, top, right, bottom = info["bbox"]
    assert (right - left) / (bottom - top) == pytest.approx(size[0] / size[1], rel=0.01)
    assert info["width"] / (right - left) * 72 <= 301
