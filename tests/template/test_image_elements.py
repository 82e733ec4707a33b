"""Images of a drawing: which files they reach, where they stand, whose fault they are."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from typing import Any

import msgspec
import pytest
from drawings import P, Refused, Write
from PIL import Image

from pixattest import IssuerError, Press, TemplateError
from pixattest.model.issuer import Issuer, Wordmark, default_issuer


def image(href: str, attributes: str = 'role="img" aria-label="x"') -> str:
    return f'\n<image {attributes} x="0" y="0" width="9" height="9" href="{href}"/>'


@pytest.mark.parametrize("href", ["../x.png", "../../x.png", "/etc/hostname", "link.png"])
def test_image_reaches_no_file_outside_the_folder(
    write: Write, record: dict[str, Any], tmp_path: Path, href: str
) -> None:
    """An image's href leads nowhere but into the template's folder."""
    for folder in (tmp_path, tmp_path.parent):
        Image.new("L", (9, 9)).save(folder / "x.png")
    path = write(image(href))
    (path.parent / "link.png").symlink_to(tmp_path / "x.png")
    with pytest.raises(TemplateError, match="outside the template's folder"):
        Press(path).render(record)


@pytest.mark.parametrize(
    "href",
    [
        "https://example.org/x.png",
        "//example.org/x.png",
        "file:///etc/hostname",
        "data:image/png;base64,AAAA",
    ],
)
def test_image_reaches_no_network(
    refused: Refused, monkeypatch: pytest.MonkeyPatch, href: str
) -> None:
    """An address is not fetched, and refused."""
    monkeypatch.setattr(socket, "socket", None)
    monkeypatch.setattr(socket, "create_connection", None)
    problem = refused(image(href)).problem
    assert re.search("is not there|outside the template's folder|embedded", problem)


def test_image_of_the_folder_is_drawn(write: Write, record: dict[str, Any]) -> None:
    """An image beside the template is drawn in its place, undistorted and centred."""
    import pymupdf

    path = write(image("red.png").replace('width="9" height="9"', 'width="100" height="50"'))
    Image.new("RGB", (10, 10), "red").save(path.parent / "red.png")
    with pymupdf.open(stream=Press(path).render(record)) as document:
        (info,) = document[0].get_image_info()
    assert info["bbox"] == pytest.approx((25, 0, 75, 50), abs=0.01)


@pytest.mark.parametrize(
    ("align", "left", "top"),
    [("xMinYMin", 0, 0), ("xMaxYMid", 50, 0), ("xMidYMax meet", 25, 0)],
)
def test_image_is_aligned_in_its_room(
    write: Write, record: dict[str, Any], align: str, left: float, top: float
) -> None:
    """PreserveAspectRatio says where an image of other proportions stands."""
    import pymupdf

    body = image("a.png", f'role="img" aria-label="x" preserveAspectRatio="{align}"')
    path = write(body.replace('width="9" height="9"', 'width="100" height="50"'))
    Image.new("RGB", (10, 10), "red").save(path.parent / "a.png")
    with pymupdf.open(stream=Press(path).render(record)) as document:
        (info,) = document[0].get_image_info()
    assert info["bbox"][:2] == pytest.approx((left, top), abs=0.01)


@pytest.mark.parametrize("align", ["none", "xMidYMid slice", "left"])
def test_image_is_never_distorted_or_cut(write: Write, record: dict[str, Any], align: str) -> None:
    """An alignment that would distort or cut an image is refused with its line."""
    path = write(image("a.png", f'role="img" aria-label="x" preserveAspectRatio="{align}"'))
    Image.new("RGB", (10, 20), "red").save(path.parent / "a.png")
    with pytest.raises(TemplateError, match="preserveAspectRatio is") as caught:
        Press(path).render(record)
    assert caught.value.line == 3


@pytest.mark.parametrize("href", ["none.png", "../x.png", "labels", ""])
def test_image_that_cannot_be_used_has_its_line(refused: Refused, href: str) -> None:
    """A missing, foreign or broken image of a template is refused at its element."""
    assert refused(image(href)).line == 3


def test_turned_image_keeps_its_resolution(write: Write, record: dict[str, Any]) -> None:
    """A wide image turned by 90 degrees has 300 dots per inch all the same."""
    import pymupdf

    path = write(
        '<g transform="translate(100 0) rotate(90)">{}</g>'.format(
            image("a.png").replace('width="9" height="9"', 'width="144" height="36"')
        )
    )
    Image.new("L", (1200, 300), 99).save(path.parent / "a.png")
    with pymupdf.open(stream=Press(path).render(record)) as document:
        (info,) = document[0].get_image_info()
    assert info["width"] == 600


def test_issuers_logo_is_drawn(write: Write, record: dict[str, Any], tmp_path: Path) -> None:
    """data-image draws the issuer's own image, from wherever the issuer keeps it."""
    import pymupdf

    Image.new("RGB", (20, 10), "blue").save(tmp_path / "logo.png")
    issuer: Issuer = msgspec.structs.replace(
        default_issuer(), wordmark=Wordmark(logo=str(tmp_path / "logo.png"))
    )
    path = write(image("").replace('href=""', 'data-image="logo"'))
    with pymupdf.open(stream=Press(path, issuer).render(record)) as document:
        assert len(document[0].get_image_info()) == 1


def test_issuers_broken_logo_is_the_issuers_fault(
    write: Write, record: dict[str, Any], tmp_path: Path
) -> None:
    """A broken image of the issuer is an IssuerError that names the file."""
    (tmp_path / "logo.png").write_bytes(b"broken")
    issuer: Issuer = msgspec.structs.replace(
        default_issuer(), wordmark=Wordmark(logo=str(tmp_path / "logo.png"))
    )
    path = write(image("").replace('href=""', 'data-image="logo"'))
    with pytest.raises(IssuerError, match=r"the image logo\.png is not a PNG or JPEG"):
        Press(path, issuer).render(record)


@pytest.mark.parametrize(
    ("body", "problem", "hint"),
    [
        (
            '\n<image aria-hidden="true" width="9" height="9" data-field="score"/>',
            "only qr_address",
            "texts",
        ),
        (P.format('<image x="0" y="0" width="9" height="9" href="a.png"/>'), "no role", "aria"),
        (
            image("").replace('href=""', 'data-image="photo"'),
            "data-image is 'photo'",
            "signature or logo",
        ),
        (
            image("").replace('href=""', 'data-image="logo"'),
            "issuer has no logo image",
            "if",
        ),
    ],
)
def test_image_that_cannot_be_drawn_is_refused(
    refused: Refused, body: str, problem: str, hint: str | None
) -> None:
    """Each fault is named with the template's name, its line, and how to mend it."""
    error = refused(body)
    assert problem in error.problem
    assert (error.source, error.line) == ("page.svg", 3)
    assert hint is None or hint in str(error.hint)
