"""Things on a page, with the outlines of their ink → an error where one stands on another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

from pixattest.errors import TemplateError
from pixattest.template.geometry import Box, Outline, around, around_points, overlap
from pixattest.template.node import Node

_TOUCH = 0.08
"""Letters of two texts may reach into each other by this share of the smaller font size."""

Overlaps = dict[tuple[object, ...], tuple[float, TemplateError]]
"""`overlaps[a, b]`: the largest overlap of what stands at the places a and b, in square points, and
the error that tells it."""


class Ink:
    """How something stands on a page.

    Args:
        name: what messages call it.
        box: the box around all its ink, perhaps a bit larger, in points.
        letters: the outlines of its ink; they are asked for only where boxes meet.
    """

    def __init__(self, name: str, box: Box, letters: Iterable[Outline]) -> None:
        self.name = name
        self.box = box
        self._letters = letters

    @cached_property
    def letters(self) -> list[tuple[Outline, Box]]:
        """Each outline, with the box around it."""
        return [(outline, around_points(outline)) for outline in self._letters]

    def shared(self, other: Ink, least: float) -> Box | None:
        """Return the box around all places where letters of both overlap by more than `least`."""
        if not _meet(self.box, other.box):
            return None
        found = [
            (max(box[0], its[0]), max(box[1], its[1]), min(box[2], its[2]), min(box[3], its[3]))
            for outline, box in self.letters
            if _meet(box, other.box)
            for another, its in other.letters
            if _meet(box, its) and overlap(outline, another) > least
        ]
        return around(found) if found else None


class Thing(NamedTuple):
    """Something that is drawn.

    Attributes:
        node: the element.
        kind: `text`, `qr` for the QR code, `cover` for what hides what is under it, or `other`.
        text: the number of the text that it is a part of; parts of one text may touch.
        size: its font size, in points.
        inks: how it stands on each page that is tried; None where it is not there.
        box: the box around it on all pages, in points.
    """

    node: Node
    kind: str
    text: int
    size: float
    inks: Sequence[Ink | None]
    box: Box


def find_overlaps(
    own: Thing, things: Iterable[Thing], pages: Sequence[object], overlaps: Overlaps
) -> None:
    """Hold a thing against those that were drawn before it, and note the overlaps.

    Texts may not stand on texts, nor be covered; nothing may stand on the QR code.

    Args:
        own: the thing.
        things: those drawn before it.
        pages: what messages call each page that is tried; None where they do not say which.
        overlaps: takes the largest overlap of each two.
    """
    for thing in things:
        kinds = {own.kind, thing.kind}
        if kinds == {"text"} and thing.text == own.text:
            continue
        is_fault = kinds in ({"text"}, {"text", "cover"}) or (len(kinds) == 2 and "qr" in kinds)
        if is_fault and _meet(own.box, thing.box):
            _compare(own, thing, pages, overlaps)


class _Overlap(NamedTuple):
    """How one thing stands on another on a page: where both are, their inks, and the page."""

    box: Box
    one: Ink
    other: Ink
    page: object

    @property
    def extent(self) -> float:
        """The area of the box, in square points."""
        left, bottom, right, top = self.box
        return (right - left) * (top - bottom)


def _compare(own: Thing, other: Thing, pages: Sequence[object], overlaps: Overlaps) -> None:
    """Note where one thing stands on another, on the page on which it does so most."""
    least = _TOUCH * min(own.size, other.size)
    known: dict[tuple[Ink, Ink], Box | None] = {}
    found: list[_Overlap] = []
    tried = 0
    for one, another, page in zip(own.inks, other.inks, pages, strict=True):
        if one is None or another is None:
            continue
        tried += 1
        if (one, another) not in known:
            known[one, another] = one.shared(another, least)
        if box := known[one, another]:
            found.append(_Overlap(box, one, another, page))
    if not found:
        return
    worst = max(found, key=lambda found: found.extent)
    key = own.node.source, own.node.line, other.node.source, other.node.line
    if key in overlaps and overlaps[key][0] >= worst.extent:
        return
    is_sometimes = worst.page is not None and len(found) < tried
    when = f", when the record is {worst.page}" if is_sometimes else ""
    overlaps[key] = worst.extent, _tell(own, other, worst, when)


def _tell(own: Thing, other: Thing, found: _Overlap, when: str) -> TemplateError:
    """Make the error for a thing that stands on another one."""
    one, another = found.one, found.other
    if own.kind == "qr":  # the error stands at what covers the code
        own, other, one, another = other, own, another, one
    where = f"line {other.node.line}"
    if other.node.source != own.node.source:
        where = f"{other.node.source or 'the drawing'}, {where}"
    left, bottom, right, top = found.box
    over = f"over {right - left:.1f} x {top - bottom:.1f} points{when}"
    if other.kind == "qr":
        return own.node.error(
            f"{one.name} stands on the QR code of {where}, {over}: it can't be scanned",
            "Move one of them: the code and the margin in its picture need to stay free.",
        )
    return own.node.error(
        f"{one.name} stands on {another.name} of {where}, {over}",
        "Move one of them, or draw it before the text."
        if own.kind == "cover"
        else "Move one of them, or give it less room (data-width).",
    )


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
