"""An `<image>` of a drawing → a picture, the QR code's slot, or the field for the signature."""

from __future__ import annotations

import re
from pathlib import Path

from pixattest.errors import IssuerError, TemplateError
from pixattest.pdf.images import ImageError, load_picture
from pixattest.pdf.objects import numbers
from pixattest.pdf.tags import SignatureField
from pixattest.template.folder import inside
from pixattest.template.geometry import Box, multiply, placed
from pixattest.template.node import Node, scale_of
from pixattest.template.page import ARTIFACT, Page
from pixattest.template.plate import Paint, QrSlot, read_qr_tables
from pixattest.template.structure import OpenTag

_UNSEEN = 0.01
"""The share of its room that a picture may leave over without anybody seeing it."""


def draw_image(node: Node, tag: OpenTag | None, page: Page) -> None:
    """Draw an `<image>`.

    Args:
        node: the element.
        tag: the tag that it stands in; None for decoration.
        page: takes what is drawn.

    Raises:
        TemplateError: it stands in no picture, or can't be drawn.
        IssuerError: it is an image of the issuer, and can't be drawn.
    """
    if tag and tag.type != "Figure":
        raise node.error(
            "an image has no role",
            'Give it role="img" and aria-label, or aria-hidden="true" for decoration.',
        )
    if page.is_signed and node.attributes.get("data-image") == "signature":
        _draw_signature_field(node, tag, page)
        return
    x, y, right, bottom = _room_of(node)
    page.content.switch(tag or ARTIFACT)
    room = placed(node.matrix, (x, y, right, bottom))
    page.content.cover(room, tag)
    page.findings.see_image(node, room, says=tag is not None)
    if "data-field" in node.attributes:
        if node.attributes["data-field"] != "qr_address":
            raise node.error("only qr_address is shown as an image", "Show others as texts.")
        page.fields.check("qr_address", node)
        matrix = multiply((right - x, 0, 0, y - bottom, x, bottom), node.matrix)
        slot = QrSlot(matrix, read_qr_tables(page.variant, page.issuer))
        page.content.ops.append(slot)
        page.findings.see_qr(node, slot)
        return
    page.content.add(Paint(_draw_picture(node, page)))


def _draw_signature_field(node: Node, tag: OpenTag | None, page: Page) -> None:
    """Draw the field that takes and shows the signature, in place of the signature image."""
    # A form's element holds its field and nothing else (ISO 14289-1, 7.18.4).
    if tag is None or tag.node is not node or page.signature:
        raise node.error(
            "the document's signature can't stand here",
            'Draw it once, with role="img" on the <image> itself, and not hidden.',
        )
    room = placed(node.matrix, _room_of(node))
    drawing = _draw_picture(node, page) if page.issuer.signature.image else ""
    page.content.cover(room, None)
    tag.type, tag.alt = "Form", None
    page.signature = SignatureField(node.attributes["aria-label"], room, drawing)
    tag.kids.append(page.signature)


def _draw_picture(node: Node, page: Page) -> str:
    """Return the operators that draw the picture of an image, as large as its room allows."""
    x, y = node.length("x", 0), node.length("y", 0)
    width, height, scale = node.extent("width"), node.extent("height"), scale_of(node)
    path, error = _find_image(node, page)
    try:
        picture = load_picture(path, width * scale, height * scale)
    except ImageError as reason:
        raise error(
            f"the image {path.name} {reason}",
            source=page.issuer.source if error is IssuerError else None,
            hint=reason.hint,
        ) from None
    name = f"I{len(page.pictures)}"
    page.pictures[name] = picture
    wide, high = picture.width / scale, picture.height / scale
    across, down = width - wide, height - high
    left, above = _alignment(node, is_filled=max(across / width, down / height) < _UNSEEN)
    x, y = x + across * left, y + down * above
    place = multiply((wide, 0, 0, -high, x, y + high), node.matrix)
    box = placed(node.matrix, (x, y, x + wide, y + high))
    page.findings.see_picture(node, box, opaque=picture.alpha is None)
    return f"q {numbers(*place)} cm /{name} Do Q\n"


def _find_image(node: Node, page: Page) -> tuple[Path, type[IssuerError | TemplateError]]:
    """Find the file of an image; return it with the kind of error that tells its faults."""
    bound = node.attributes.get("data-image")
    if bound is None:
        href = node.attributes.get("href")
        if not href:
            raise node.error("an image has no href", "Name a file beside the template.")
        if href.startswith("data:"):
            raise node.error(
                "an image is embedded",
                "Save it as PNG or JPEG beside the template, and link it by its name.",
            )
        return inside(page.folder, href), TemplateError
    known = {"signature": page.issuer.signature.image, "logo": page.issuer.wordmark.logo}
    if bound not in known:
        raise node.error(f"data-image is {bound!r}", f"It is {' or '.join(known)}.")
    path = known[bound]
    if path is None:
        raise node.error(f"the issuer has no {bound} image", "Draw it only {% if %} there is one.")
    return Path(path), IssuerError


def _room_of(node: Node) -> Box:
    """Return the left, top, right and bottom of an image's room, in the drawing's units."""
    x, y = node.length("x", 0), node.length("y", 0)
    return x, y, x + node.extent("width"), y + node.extent("height")


def _alignment(node: Node, *, is_filled: bool) -> tuple[float, float]:
    """Return which share of the room that is left over goes left of and above a picture.

    SVG 2, 8.8.

    Args:
        node: the image.
        is_filled: whether nothing is left over, so that nothing need be stretched either.
    """
    text = node.attributes.get("preserveAspectRatio", "xMidYMid").removesuffix("meet").strip()
    if text == "none" and is_filled:
        return 0.5, 0.5
    found = re.fullmatch(r"x(Min|Mid|Max)Y(Min|Mid|Max)", text)
    if not found:
        raise node.error(f"preserveAspectRatio is {text!r}", "Use one such as xMidYMid.")
    share = {"Min": 0.0, "Mid": 0.5, "Max": 1.0}
    return share[found[1]], share[found[2]]
