"""`<g data-flow="">` of a further page → its columns, and the blocks that fill them."""

from __future__ import annotations

from collections.abc import Callable

from pixattest.template.geometry import Box, placed
from pixattest.template.node import Node, scale_of
from pixattest.template.page import Content, Page
from pixattest.template.plate import FLOW, DetailVariant, Flow, FlowBlock, Mark, Paint
from pixattest.template.structure import OpenTag

Walk = Callable[[Node, OpenTag, Page], None]
"""Draws all children of an element within a tag."""


def draw_flow(node: Node, tag: OpenTag | None, page: Page, walk: Walk) -> None:
    """Read the columns and blocks of a flow.

    Args:
        node: the element.
        tag: the tag that it stands in; None for decoration.
        page: takes the flow.
        walk: draws what is in a block.

    Raises:
        TemplateError: a flow can't stand there, has no column, or has a block that does not fit.
    """
    if not isinstance(page.variant, DetailVariant):
        raise node.error(
            "data-flow stands on a first page",
            "Name the drawing of the first page in data-first-page of this one's <svg>.",
        )
    content = page.content
    is_second = any(isinstance(op, Flow) for op in content.ops)
    is_within = tag is None or tag.bears or content.is_block or content.is_conditional
    if tag is None or is_within or is_second:
        raise node.error(
            "data-flow stands twice, or within a text, a condition or decoration",
            "Put it right into <svg>, once.",
        )
    content.switch(None)
    columns: list[Box] = []
    blocks: dict[str, FlowBlock] = {}
    for child in node.children:
        with page.findings.at(child.source, child.line):
            if "data-column" in child.attributes:
                x, y = child.length("x", 0), child.length("y", 0)
                box = (x, y, x + child.extent("width"), y + child.extent("height"))
                columns.append(placed(child.matrix, box))
            elif "data-block" in child.attributes:
                blocks[child.attributes["data-block"]] = _read_block(child, page, walk)
            else:
                raise child.error(
                    f"<{child.tag}> in data-flow is neither a column nor a block",
                    "Give it data-column or data-block, or put it elsewhere.",
                )
    if not columns:
        raise node.error("a flow has no column", 'Add <rect data-column="" …>.')
    _check_heights(columns, blocks, node)
    content.ops.append(Flow(tuple(columns), blocks))
    tag.kids.append(OpenTag(FLOW, node))


def _check_heights(columns: list[Box], blocks: dict[str, FlowBlock], node: Node) -> None:
    """Refuse a block that has no room at the top of a column, below the heading of its domain."""
    room = min(top - bottom for _, bottom, _, top in columns)
    heads = [block.height for key, block in blocks.items() if key.startswith("domain:")]
    for key, block in blocks.items():
        if max(heads, default=0.0) + block.gap + block.height > room:
            raise node.error(
                f"the block {key!r} and a heading are higher than a column",
                "Let the columns be higher, or the texts smaller or shorter.",
            )


def _read_block(node: Node, page: Page, walk: Walk) -> FlowBlock:
    """Read what a block draws, as if it were the first content of a page."""
    whole = page.content
    page.content = content = Content(page.root, is_block=True)
    tag = OpenTag("Sect", node, bears=False)
    try:
        with page.findings.apart():
            walk(node, tag, page)
            content.switch(None)
    finally:
        page.content = whole
    tags = [kid for kid in tag.kids if isinstance(kid, OpenTag)]
    if any(kid.kids != [number] for number, kid in enumerate(tags)):
        raise node.error(
            "a block holds more than headings and paragraphs", "Put no role within another."
        )
    drawn = tuple(op for op in content.ops if isinstance(op, Mark | Paint))
    _, b, c, _, left, top = node.matrix
    if len(drawn) != len(content.ops) or not content.covered or (b, c) != (0, 0):
        raise node.error(
            "a block is empty, turned, or shows a field of the record",
            "Write what its level means in it; it is the same for all who reach the level.",
        )
    height = top - min(box[1] for box in content.covered)
    gap = node.extent("data-gap", 0, zero=True) * scale_of(node)
    return FlowBlock((left, top), height, gap, drawn, tuple(kid.type for kid in tags))
