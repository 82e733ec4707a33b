"""ARIA roles of a drawing → the tags of the page, in the order of reading.

An element with a role begins a tag (`begin_tag`); what is drawn in it becomes its content; when the
element ends, the tag is checked (`check_tag`). All rules on which role may stand where are here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pixattest.errors import did_you_mean
from pixattest.pdf.tags import Link, SignatureField, Tag
from pixattest.template.fitting import TextBox
from pixattest.template.geometry import Box, around
from pixattest.template.node import Node

_CONTAINERS = {
    "article": "Sect",
    "document": "Sect",
    "group": "Div",
    "list": "L",
    "region": "Sect",
    "row": "TR",
    "rowgroup": "TBody",
    "table": "Table",
}
"""Roles whose elements hold other elements with roles, and no text of their own."""

_BEARERS = {
    "caption": "Caption",
    "cell": "TD",
    "columnheader": "TH",
    "heading": "H1",
    "img": "Figure",
    "link": "Link",
    "listitem": "LI",
    "note": "Note",
    "paragraph": "P",
    "rowheader": "TH",
}
"""Roles whose elements hold texts and drawings: they bear content."""

ROLES = {**_CONTAINERS, **_BEARERS, "none": "Artifact", "presentation": "Artifact"}
"""ARIA roles that a template may use, and the structure types that they become."""

_CELLS = ("cell", "columnheader", "rowheader")
_HELD = {
    "list": ("caption", "listitem"),
    "row": _CELLS,
    "rowgroup": ("row",),
    "table": ("caption", "row", "rowgroup"),
}
"""Roles whose elements hold elements of certain roles only, and which ones."""

_HELD_ONLY = {role for roles in _HELD.values() for role in roles} - {"caption"}
"""Roles that stand nowhere else (ISO 32000-1, 14.8.4.3)."""

_DESCRIBING = ("aria-label", "aria-level", "data-empty")
"""Attributes that describe an element with a role."""

_SCOPES = {"columnheader": "Column", "rowheader": "Row"}
"""Scopes of header cells."""


@dataclass(slots=True)
class OpenTag:
    """A tag whose element is being drawn.

    Attributes:
        type: the structure type.
        node: the element that has the role.
        kids: tags, numbers of marked contents, and annotations in it so far.
        scope: that of a header cell.
        alt: the number of the text that describes a picture, among the texts of the page.
        slot: the room of the last text in it that a record fills.
        begin: the place in the operations at which its content begins.
        boxes: the boxes of what is drawn in it, in points.
        fields: the fields that are shown in it.
        words: the static texts in it.
        bears: whether it may hold content, and not only other tags.
    """

    type: str
    node: Node
    kids: list[OpenTag | int | Link | SignatureField] = field(default_factory=list)
    scope: str | None = None
    alt: int | None = None
    slot: TextBox | None = None
    begin: int = 0
    boxes: list[Box] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    bears: bool = True

    def finish(self) -> Tag:
        """Return the tag as a plate keeps it."""
        box = around(self.boxes) if self.type == "Figure" else None
        kids = tuple(kid.finish() if isinstance(kid, OpenTag) else kid for kid in self.kids)
        return Tag(self.type, kids, self.scope, box, self.alt)

    def holds(self, type_: str) -> bool:
        """Say whether it is of a type, or has a tag of that type in it."""
        return self.type == type_ or any(
            kid.holds(type_) for kid in self.kids if isinstance(kid, OpenTag)
        )


def role_of(node: Node) -> str | None:
    """Return the role of an element, "none" for decoration; None where it has no role.

    Raises:
        TemplateError: there is no such role, aria-hidden is neither true nor false, or the element
            has no role and is described all the same.
    """
    role = node.attributes.get("role") or ("link" if node.tag == "a" else None)
    if role and role not in ROLES:
        hint = did_you_mean(role, ROLES) or f"Roles are {', '.join(sorted(ROLES))}."
        raise node.error(f"the role {role!r} is not supported", hint)
    hidden = node.attributes.get("aria-hidden", "false")
    if hidden not in ("true", "false"):
        raise node.error(f"aria-hidden is {hidden!r}", "It is true or false.")
    if hidden == "true" or (role and ROLES[role] == "Artifact"):
        return "none"
    return role


def refuse_description(node: Node) -> None:
    """Refuse attributes that describe an element which has no role.

    Raises:
        TemplateError: the element has one of them.
    """
    for name in _DESCRIBING:
        if name in node.attributes:
            raise node.error(f"{name} stands on an element without a role", "Give it one.")


def begin_tag(node: Node, role: str, above: OpenTag) -> OpenTag:
    """Begin the tag of an element within the tag above it.

    Raises:
        TemplateError: the role can't stand there, or a heading's level is none.
    """
    _check_role(role, above.node.attributes.get("role", ""), node)
    tag = OpenTag(ROLES[role], node, scope=_SCOPES.get(role), bears=role in _BEARERS)
    if role == "heading":
        level = node.attributes.get("aria-level", "1")
        if level not in ("1", "2", "3", "4", "5", "6"):
            raise node.error(f"aria-level is {level!r}", "Give a level from 1 to 6.")
        tag.type = f"H{level}"
    if role == "img" and not node.attributes.get("aria-label"):
        raise node.error("a picture has no aria-label", "Say in it what the picture shows.")
    above.kids.append(tag)
    return tag


def check_tag(tag: OpenTag, role: str) -> None:
    """Check a tag whose content is known; a link gets its annotation.

    Raises:
        TemplateError: a table has no headers, a picture or link is empty, or a link leads nowhere.
    """
    node = tag.node
    if role == "table" and not tag.holds("TH"):
        raise node.error(
            "a table has no headers", "Give its headers role columnheader or rowheader."
        )
    if tag.type == "Figure" and not tag.boxes:
        raise node.error("a picture is empty", "Draw it inside the element with role img.")
    if role == "link":
        href = node.attributes.get("href")
        if not href or not tag.boxes:
            raise node.error("a link has no href or no text", "Use <a href=…><text>…</text></a>.")
        contents = node.attributes.get("aria-label") or "".join(tag.words).strip()
        if not contents:
            raise node.error("a link has no aria-label", "Say in it where the link leads.")
        tag.kids.append(Link(href, contents, around(tag.boxes)))


def _check_role(role: str, holder: str, node: Node) -> None:
    """Refuse a role within an element of another role where one of them does not allow it."""
    places = [place for place, held in _HELD.items() if role in held]
    if role in _HELD_ONLY and holder not in places:
        raise node.error(
            f"a {role} stands outside of a {' or '.join(places)}",
            "Put it right into an element of that role.",
        )
    if holder in _HELD and role not in _HELD[holder]:
        raise node.error(
            f"a {role} stands in a {holder}", f"It may hold {' or '.join(_HELD[holder])} only."
        )
