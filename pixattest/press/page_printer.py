"""Plate + a page's record or class → what is printed on the page: its content and texts of tags."""

from __future__ import annotations

from collections.abc import Sequence
from operator import getitem, itemgetter
from typing import Generic

from pixattest.errors import LayoutError
from pixattest.pdf.block import PageContent
from pixattest.pdf.fonts import Run
from pixattest.pdf.labels import Label
from pixattest.pdf.objects import text_string
from pixattest.pdf.page_kind import PageKind
from pixattest.press.glyph_usage import GlyphUsage
from pixattest.press.parts import BindFlow, Part, PartBinder, Printed
from pixattest.template.faces import FontLibrary
from pixattest.template.plate import Mark, Op, Paint, Plate
from pixattest.template.slots import Shown, Vocabulary

# The operator that ends a marked content.
_END = "EMC\n"


class PagePrinter(Generic[Shown]):
    """Prints pages of one kind.

    Args:
        plate: the plate of their kind.
        vocabulary: reads what a page shows.
        library: the faces.
        shared: drawings are written once for all pages of a file, else with each page.
        label: how a reader calls the pages; numbered ones have bookmarks in a file of several.
        continued: further pages may follow each of them.
        bind_flow: makes the flow of further pages ready; None: the plate has none.

    Attributes:
        title: writes the title of a document of one page.
        title_of_many: writes the title of a document that begins with a page.
        kind: what the pages share.
    """

    def __init__(
        self,
        plate: Plate,
        vocabulary: Vocabulary[Shown],
        library: FontLibrary,
        *,
        shared: bool,
        label: Label = Label.NUMBERED,
        continued: bool = False,
        bind_flow: BindFlow[Shown] | None = None,
    ) -> None:
        self._vocabulary = vocabulary
        self.title = vocabulary.writer(plate.title)
        self.title_of_many = vocabulary.writer(plate.title_of_many)
        self._name = vocabulary.writer(plate.name)
        self._texts = {
            f"text{number}": vocabulary.writer(text)
            for number, text in enumerate(plate.texts)
            if text.fields
        }
        binder = PartBinder(plate, vocabulary, library, shared=shared, bind_flow=bind_flow)
        before, ops, after = _ends(plate.ops) if shared else ("", plate.ops, "")
        if before:
            binder.set_before = binder.usual_style(ops)
        # The style of most texts, if any, is set once for the page.
        before += " ".join(binder.set_before)
        self._parts = list(binder.gather(ops))
        self._keys = [itemgetter(*part.places) for part in self._parts]
        self.kind = PageKind(
            plate.width,
            plate.height,
            plate.tags,
            {i: text.parts[0][0] for i, text in enumerate(plate.texts) if not text.fields},
            [form.encode("latin-1") for form in binder.forms],
            [text.encode("latin-1") for text in (before, after) if shared],
            plate.pictures,
            plate.opacities,
            {face: frozenset(chars) for face, chars in plate.plain.items()},
            {face: frozenset(glyphs) for face, glyphs in plate.shaped.items()},
            bookmarked=shared and label is Label.NUMBERED,
            label=label,
            continued=continued,
        )

    def kind_of(self, _page: Shown) -> PageKind:
        """What a page shares with others of its kind."""
        return self.kind

    def print(self, page: Shown, usage: GlyphUsage, seal: str = "") -> PageContent:
        """What is printed on a page.

        Args:
            page: the record, or the page of a cover or of details.
            usage: takes note of what is printed, for one block.
            seal: digits that follow the address in the QR code of a sealed page.

        Raises:
            LayoutError: the page can't hold the record; it has every fault of the record.
        """
        values = self._vocabulary.values(page, seal)
        keys = [key(values) for key in self._keys]
        seen = usage.seen(self, len(keys))
        content = list(map(getitem, seen, keys))
        for index, found in enumerate(content):
            if not found:
                key = keys[index]
                printed = self._printed(self._parts[index], key, page, seal)
                usage.use(printed.runs)
                content[index] = seen[index][key] = printed.operators
        texts = {slot: text_string(write(page)) for slot, write in self._texts.items()}
        return PageContent(self.kind, b"".join(content), texts, self._name(page))

    def _printed(self, part: Part[Shown], key: object, page: Shown, seal: str) -> Printed:
        """A part for the values of a page, which it may have been printed for before."""
        printed = part.printed.get(key)
        if printed is None:
            runs: list[Run] = []
            try:
                operators = part.print(page, seal, runs).encode("latin-1")
            except LayoutError:
                faults = [fault for part in self._parts for fault in part.faults(page, seal)]
                raise LayoutError(dict.fromkeys(faults)) from None
            if len(part.printed) >= self._vocabulary.remembered:
                part.printed.clear()
            part.printed[key] = printed = Printed(operators, runs)
        return printed


class BlankPrinter:
    """Prints pages with nothing on them, all of one size.

    Args:
        width: in points.
        height: in points.
    """

    def __init__(self, width: float, height: float) -> None:
        self._kind = PageKind(
            width, height, None, {}, (), (), {}, {}, {}, {}, bookmarked=False, label=Label.VERSO
        )

    def kind_of(self, _page: object) -> PageKind:
        """What all of them share."""
        return self._kind

    def print(self, _page: object, _usage: GlyphUsage, _seal: str = "") -> PageContent:
        """A page; the arguments are those of `PagePrinter.print`."""
        return PageContent(self._kind, b"", {}, "")


def _ends(ops: Sequence[Op]) -> tuple[str, Sequence[Op], str]:
    """A page's operations in three: operators before the first slot, the slots, operators after.

    What stands before and after is whole marked contents, so that it can be a stream of its own;
    where there is none, all is between.
    """
    slots = [place for place, op in enumerate(ops) if not isinstance(op, Mark | Paint)]
    closing = [place for place, op in enumerate(ops) if isinstance(op, Mark) and _END in op.content]
    first = max((place for place in closing if slots and place < slots[0]), default=None)
    last = min((place for place in closing if slots and place > slots[-1]), default=None)
    if first is None or last is None:
        return "", ops, ""
    before, _, opened = _content(ops[: first + 1]).rpartition(_END)
    closed, _, after = _content(ops[last:]).partition(_END)
    between = Mark(opened), *ops[first + 1 : last], Mark(closed + _END)
    return before + _END, between, after


def _content(ops: Sequence[Op]) -> str:
    return "".join(op.content for op in ops if isinstance(op, Mark | Paint))
