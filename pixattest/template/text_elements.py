"""A `<text>` of a drawing → static operators, or a slot that each record fills."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise, zip_longest

import msgspec

from pixattest.errors import TemplateError
from pixattest.pdf.fonts import MissingGlyphError
from pixattest.pdf.objects import text_string
from pixattest.template.drawing import fill_colour, opacity_name
from pixattest.template.fitting import NoRoomError, TextBox
from pixattest.template.geometry import multiply, placed
from pixattest.template.node import Node, scale_of
from pixattest.template.page import ARTIFACT, Page
from pixattest.template.plate import Mark, Op, Paint, TextSlot, When
from pixattest.template.slots import Format
from pixattest.template.structure import OpenTag
from pixattest.template.text import SetText, TextSetter

_MOVES = ("x", "y", "dx", "dy")
"""Attributes that move a part of a text away from the part before it."""


def draw_text(node: Node, tag: OpenTag | None, page: Page) -> None:
    """Draw a `<text>` with its parts.

    Args:
        node: the element.
        tag: the tag that it stands in; None for decoration.
        page: takes what is drawn.

    Raises:
        TemplateError: it stands in no element with a role, has no room, or can't be set.
    """
    if tag and not tag.bears:
        raise node.error(
            "a text stands in no element with a role",
            'Give it one, such as role="paragraph", or aria-hidden="true" for decoration.',
        )
    page.content.switch(tag or ARTIFACT)
    attributes = node.attributes
    source = attributes.get("data-format")
    if "data-field" in attributes:
        source = "{" + attributes["data-field"] + "}"
    if source is not None:
        _draw_bound(page.fields.read_format(source, node), node, tag, page)
        return
    parts = [part for part in (node, *node.children) if part.text]
    if len(parts) > 1:
        _check_parts(node, parts)
        if "data-width" in attributes:
            _shrink(node, parts, page)
    for part, box, is_last in _line_up(node, parts, page):
        _draw_static(part.text, part, box, tag, page, is_last=is_last)


def draw_empty(text: str, tag: OpenTag, page: Page) -> None:
    """Draw a blank that is read as a text (14.9.4) where all fields of a tag are empty.

    Args:
        text: what data-empty of the tag's element says.
        tag: whose content is complete otherwise.
        page: takes the blank.

    Raises:
        TemplateError: no field can be empty there.
    """
    if tag.words and not tag.fields:
        raise tag.node.error("data-empty stands where no field can be empty", "Remove it.")
    # A cell with nothing in it is there to be filled in with a pen.
    box = tag.slot or _read_box(tag.node, 0, 0, page, room=tag.node)
    typeface = page.library.typeface(box.typeface)
    blank = TextSetter(box, typeface, page.language, spaced=False).set(" ")
    page.use(blank.runs)
    said = f"/Span<</ActualText{text_string(text + ' ')}>>BDC\n{blank.operators}EMC\n"
    content = page.content
    content.switch(tag)
    names = list(dict.fromkeys(tag.fields))
    for place, op in enumerate(content.ops):
        # What is drawn anyhow where the field is empty makes one drawing with the blank.
        if place >= tag.begin and isinstance(op, When) and [op.field] == names:
            *others, last = op.ops
            if not op.present and op.least is None and isinstance(last, Paint):
                last = Paint(last.content + said)
                content.ops[place] = When(op.field, False, (*others, last))
                return
    if not names:
        # It stands within the page's own content, where readers of tags look first.
        content.add(Mark(said))
        return
    said_by: Op = Paint(said)
    for name in names:
        said_by = When(name, False, (said_by,))
    content.ops.append(said_by)


def _draw_bound(format_: Format, node: Node, tag: OpenTag | None, page: Page) -> None:
    """Draw a text that a record fills; without any field left in it, it is static."""
    box = _read_box(node, node.length("x", 0), node.length("y", 0), page, room=node)
    if not format_.fields:
        if text := "".join(literal for literal, _ in format_.parts):
            _draw_static(text, node, box, tag, page)
        return
    setter = TextSetter(box, page.library.typeface(box.typeface), page.language)
    page.content.ops.append(TextSlot(format_, box))
    wide = box.width or 0
    left = box.x - {"start": 0.0, "middle": wide / 2, "end": wide}[box.anchor]
    high = max(box.size, box.height or 0)
    place = placed(box.matrix, (left, box.y - high, left + wide, box.y + high))
    page.content.cover(place, tag)
    if tag:
        tag.fields += format_.fields
        tag.slot = box
    page.findings.see_text(node, place, format_, setter, says=tag is not None)


def _draw_static(
    text: str, node: Node, box: TextBox, tag: OpenTag | None, page: Page, *, is_last: bool = True
) -> None:
    """Draw a text that is always the same; if it is not the last part, the next one touches it."""
    setter, found = _set(text, node, box, page, is_last=is_last)
    content = page.content
    if content.is_block:
        # It is drawn on its own, as other blocks have the same text; what is below makes room.
        content.ops.append(Paint(found.operators))
        content.sunk += found.height * scale_of(node)
    else:
        content.add(Paint(found.operators))
    page.use(found.runs)
    place = placed(box.matrix, found.box)
    content.cover(place, tag)
    if tag:
        tag.words.append(f"{text} " if is_last else text)
    page.findings.see_text(node, place, text, setter, says=tag is not None)


def _line_up(node: Node, parts: Sequence[Node], page: Page) -> Iterator[tuple[Node, TextBox, bool]]:
    """Yield each part of a text with its room, and whether no other part touches its end."""
    x, y = node.length("x", 0), node.length("y", 0)
    for part, following in zip_longest(parts, parts[1:]):
        if part is not node:
            x = part.length("x", x) + part.length("dx", 0)
            y = part.length("y", y) + part.length("dy", 0)
        is_last = following is None or not following.attributes.keys().isdisjoint(_MOVES)
        box = _read_box(part, x, y, page, room=node)
        if len(parts) > 1:
            box = msgspec.structs.replace(box, width=None)  # the width is that of all together
        yield part, box, is_last
        if following is not None:
            x = _set(part.text, part, box, page, is_last=is_last)[1].box[2]


def _shrink(node: Node, parts: Sequence[Node], page: Page) -> None:
    """Scale the parts of a text, about where it begins, until they have room on its line."""
    *_, (last, box, _) = _line_up(node, parts, page)
    x, y = node.length("x", 0), node.length("y", 0)
    wide = _set(last.text, last, box, page)[1].box[2] - x
    scale = min(node.extent("data-width") / wide, 1)
    if scale < node.extent("data-min-size", node.style.size) / node.style.size:
        raise _no_room("".join(part.text for part in parts), node)
    for part in parts:
        part.matrix = multiply((scale, 0, 0, scale, x - x * scale, y - y * scale), part.matrix)


def _set(
    text: str, node: Node, box: TextBox, page: Page, *, is_last: bool = True
) -> tuple[TextSetter, SetText]:
    """Set a text in its room; return what sets it, and the text as it is set."""
    typeface = page.library.typeface(box.typeface)
    setter = TextSetter(box, typeface, page.language, spaced=is_last)
    try:
        return setter, setter.set(text)
    except MissingGlyphError as reason:
        raise node.error(f"in {text!r}, {reason}", "Use another character or font.") from None
    except NoRoomError:
        raise _no_room(text, node) from None


def _read_box(node: Node, x: float, y: float, page: Page, room: Node) -> TextBox:
    """Read where and how a text is set.

    Args:
        node: the element that has its style.
        x: where its first line is anchored, in the drawing's units.
        y: the baseline of that line.
        page: takes note of its opacity.
        room: the `<text>` that says how it may be fitted.
    """
    style, attributes = node.style, room.attributes
    if style.fill is None:
        raise node.error("a text has no fill", "Leave it out, or give it a colour.")
    if style.stroke is not None and style.stroke_width:
        raise node.error("a text has a stroke", "Take a bolder face, or draw it as a path.")
    scale_of(node)  # which refuses a transform that leaves nothing
    grow = attributes.get("data-grow", "down")
    if grow not in ("down", "middle"):
        raise node.error(f"data-grow is {grow!r}", "It is down or middle.")
    lines = room.extent("data-lines", 1)
    if lines != int(lines):
        raise node.error(f"data-lines is {lines:g}", "It is a whole number.")
    colour = fill_colour(style.fill)
    if style.fill_opacity != 1:
        opacity = (style.fill_opacity, 1.0)
        page.opacities.add(opacity)
        colour = f"/{opacity_name(opacity)} gs {colour}"
    return TextBox(
        (style.family, style.weight, style.italic),
        colour,
        node.matrix,
        x,
        y,
        style.size,
        room.extent("data-min-size", style.size),
        room.extent("data-width") if "data-width" in attributes else None,
        int(lines),
        room.extent("data-height") if "data-height" in attributes else None,
        room.extent("data-leading", 1.2),
        grow == "middle",
        style.anchor,
        style.spacing,
    )


def _check_parts(node: Node, parts: Sequence[Node]) -> None:
    """Refuse parts of a text that could not stand where SVG puts them."""
    if "data-lines" in node.attributes:
        raise node.error("data-lines stands on a text of several parts", "Give it one part.")
    if "data-width" in node.attributes and any("x" in part.attributes for part in parts[1:]):
        raise node.error(
            "data-width stands on a text whose parts have places of their own",
            "Let each part stand beside the one before, or be a <text> of its own.",
        )
    starts = [True, *("x" in part.attributes for part in parts[1:]), True]
    for part, is_alone in zip(parts, map(all, pairwise(starts)), strict=True):
        if part.style.anchor != "start" and not is_alone:
            raise part.error(
                f"text-anchor of a part of a text is {part.style.anchor}",
                "Give each <tspan> its own x, or let the text begin at its x.",
            )


def _no_room(text: str, node: Node) -> TemplateError:
    """Make the error for a text that does not fit its room."""
    return node.error(
        f"{text!r} does not fit its room",
        "Widen data-width, allow more data-lines or a smaller data-min-size, or shorten it.",
    )
