"""PDF → its tags, as a tree and as Poppler reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from io import BytesIO

import pikepdf
from support import run


class Element:
    """A structure element, and those in it.

    Attributes:
        type: such as `TH`.
        alt, actual, scope: what stands in place of it, or about it; None: nothing.
        kids: elements in it.
        leaves: marked contents in it.
        objects: annotations that belong to it: subtype and contents.
    """

    def __init__(self, found: pikepdf.Object, spoken: Mapping[int, str]) -> None:
        self.type = str(found.S)[1:]
        self.alt = str(found.Alt) if "/Alt" in found else None
        attributes = found.get("/A", {})
        self.scope = str(attributes["/Scope"])[1:] if "/Scope" in attributes else None
        below = found.get("/K", [])
        below = list(below) if isinstance(below, pikepdf.Array) else [below]
        self.leaves = [kid for kid in below if isinstance(kid, int)]
        self.actual = "".join(spoken.get(leaf, "") for leaf in self.leaves)
        elements = [kid for kid in below if not isinstance(kid, int)]
        self.objects = [
            (str(kid.Obj.Subtype), str(kid.Obj.Contents)) for kid in elements if "/Obj" in kid
        ]
        self.kids = [Element(kid, spoken) for kid in elements if "/S" in kid]

    def walk(self) -> Iterator[Element]:
        """Itself, then all that is in it, in reading order."""
        yield self
        for kid in self.kids:
            yield from kid.walk()

    def find(self, type_: str) -> list[Element]:
        """Elements of a type in it."""
        return [element for element in self.walk() if element.type == type_]

    def lines(self, depth: int = 0) -> Iterator[str]:
        """What it is, one line an element."""
        parts = [self.type, self.scope and f"({self.scope})"]
        parts += [self.alt and f"alt {self.alt!r}"]
        parts += [self.actual and f"read as {self.actual!r}", self.objects and "with annotation"]
        yield "  " * depth + " ".join(part for part in parts if part)
        for kid in self.kids:
            yield from kid.lines(depth + 1)


def tags_of(pdf: bytes) -> Element:
    """The tag tree of a file."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return Element(document.Root.StructTreeRoot.K, _spoken(document.pages[0]))


def _spoken(page: pikepdf.Page) -> dict[int, str]:
    """What is read in place of marked contents, by their numbers."""
    found: dict[int, str] = {}
    mcid = -1
    for instruction in pikepdf.parse_content_stream(page, "BDC"):
        properties = instruction.operands[1]
        mcid = int(properties.get("/MCID", mcid))
        if "/ActualText" in properties:
            found[mcid] = found.get(mcid, "") + str(properties.ActualText)
    return found


def read_aloud(pdf: bytes) -> str:
    """The tags and words of a PDF as Poppler reads them, without numbers that mean nothing."""
    text = run("pdfinfo", "-struct-text", "-enc", "UTF-8", "-", stdin=pdf).decode()
    text = re.sub(r"Object \d+ \d+", "Object", text)
    # Poppler can't print a title in UTF-16.
    text = re.sub(r'^(\s*Sect) ".*"$', r"\1", text, flags=re.MULTILINE)
    text = re.sub(r"<note\d+>", "<note>", text)
    return re.sub(r' "$', '"', text, flags=re.MULTILINE)
