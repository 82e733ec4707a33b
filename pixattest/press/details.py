"""Plate with a flow + Record → the further pages of an attestation, and what is printed on them.

A block tells what a level of a competence means, and is the same for all who reach that level. So
it is set once, when the plate is compiled, and a page only says where its blocks stand.
"""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from pixattest.errors import TemplateError
from pixattest.model.framework import Framework
from pixattest.model.pagination import DetailPage, Placed
from pixattest.model.record import Record
from pixattest.pdf.block import PageContent
from pixattest.pdf.fonts import Run
from pixattest.pdf.labels import Label
from pixattest.pdf.page_kind import PageKind
from pixattest.pdf.tags import Link, SignatureField, Tag
from pixattest.press.glyph_usage import GlyphUsage
from pixattest.press.page_printer import PagePrinter
from pixattest.press.parts import Draw, PartBinder
from pixattest.template.faces import FontLibrary
from pixattest.template.plate import FLOW, Flow, FlowBlock, Plate
from pixattest.template.slots import Vocabulary

# The number of a marked content, in the operator that begins it.
_MCID = re.compile(r"(?<=<</MCID )[0-9]+(?=>>BDC)")

# Points by which blocks may exceed a column, as sums are rounded.
_LITTLE = 1e-6


class _Unit(NamedTuple):
    """Blocks that stay together in a column.

    Attributes:
        blocks: their keys, and what is drawn.
        height: of all of them, in points.
        gap: above them, where something stands there, in points.
    """

    blocks: tuple[tuple[str, FlowBlock], ...]
    height: float
    gap: float


class DetailPagePrinter(PagePrinter[DetailPage]):
    """Prints the further pages of attestations.

    Args:
        plate: the plate of these pages, which has a flow.
        vocabulary: reads what a page shows.
        library: the faces.
        framework: whose competences the pages describe.
        shared: drawings are written once for all pages of a file, else with each page.

    Raises:
        TemplateError: the plate has no flow, or no block for a level.
    """

    def __init__(
        self,
        plate: Plate,
        vocabulary: Vocabulary[DetailPage],
        library: FontLibrary,
        framework: Framework,
        *,
        shared: bool,
    ) -> None:
        flow = next((op for op in plate.ops if isinstance(op, Flow)), None)
        if flow is None:
            raise TemplateError(
                "the drawing of further pages has no data-flow",
                hint="Copy that of the template detailed.",
            )
        self._columns = flow.columns
        self._blocks = flow.blocks
        self._domains = [
            (f"domain:{domain.number}", [competence.number for competence in domain.competences])
            for domain in framework.domains
        ]
        self._marks = {key: len(block.types) for key, block in flow.blocks.items()}
        self._slots = [f"type{n}" for n in range(sum(self._marks.values()))]
        self._made: dict[tuple[str, str, int], _Unit] = {}
        self._mcids = _count(plate.tags)
        self._kinds: dict[int, PageKind] = {}
        super().__init__(
            plate,
            vocabulary,
            library,
            shared=shared,
            label=Label.FURTHER,
            bind_flow=self._bind_flow,
        )

    def pages(self, record: Record) -> tuple[DetailPage, ...]:
        """The further pages of an attestation.

        Raises:
            TemplateError: there is no block for a level.
        """
        found = [*self._filled(record)]
        many = 1 + len(found)
        return tuple(DetailPage(record, page, n, many) for n, page in enumerate(found, 2))

    def kind_of(self, detail: DetailPage) -> PageKind:
        """What a page shares with all that have the same number of marked contents."""
        marks = self._marks
        many = sum([marks[key] for key, _ in detail.blocks])
        kind = self._kinds.get(many)
        if kind is None:
            assert self.kind.tags is not None
            tags = _with_flow(self.kind.tags, self._mcids, many)
            kind = msgspec.structs.replace(self.kind, tags=tags, layouts={}, like=self.kind)
            # The one that was there first, whichever thread made it.
            kind = self._kinds.setdefault(many, kind)
        return kind

    def print(self, detail: DetailPage, usage: GlyphUsage, seal: str = "") -> PageContent:
        """A page; the arguments are those of `PagePrinter.print`."""
        content = super().print(detail, usage, seal)
        blocks = self._blocks
        types = [type_ for key, _ in detail.blocks for type_ in blocks[key].types]
        content.texts.update(zip(self._slots, types, strict=False))
        return content._replace(kind=self.kind_of(detail))

    def _bind_flow(self, binder: PartBinder[DetailPage], flow: Flow) -> Draw[DetailPage]:
        blocks = {key: _made_ready(block, binder) for key, block in flow.blocks.items()}
        first = self._mcids

        def draw(detail: DetailPage, _seal: str, _runs: list[Run]) -> str:
            content = []
            mcid = first
            for key, place in detail.blocks:
                pieces = blocks[key]
                content.append(f"q 1 0 0 1 {place} cm\n{pieces[0]}")
                for piece in pieces[1:]:
                    content.append(f"{mcid}{piece}")
                    mcid += 1
                content.append("Q\n")
            return "".join(content)

        return draw

    def _units(self, record: Record) -> Iterator[_Unit]:
        """The units of a record; the heading of a domain stays with the first one below it."""
        for heading, competences in self._domains:
            above = heading
            for number in competences:
                if level := record.levels.get(number):
                    kind = above, number, level
                    unit = self._made.get(kind)
                    if unit is None:
                        unit = self._made[kind] = self._unit(f"level:{number}:{level}", above)
                    yield unit
                    above = ""

    def _unit(self, key: str, heading: str) -> _Unit:
        """A block by its key, together with the block of its heading, if the flow has one."""
        if key not in self._blocks:
            raise TemplateError(
                f"the flow has no block {key!r}",
                hint="Draw one for each level of each competence.",
            )
        keys = [heading, key] if heading in self._blocks else [key]
        blocks = [self._blocks[key] for key in keys]
        height = sum(block.height + block.gap for block in blocks) - blocks[0].gap
        return _Unit(tuple(zip(keys, blocks, strict=True)), height, blocks[0].gap)

    def _filled(self, record: Record) -> Iterator[tuple[Placed, ...]]:
        """The blocks of each page: columns are filled in order, on the last page evenly."""
        units = [*self._units(record)]
        while units:
            columns, _ = self._fill(units, math.inf)
            begun = sum(map(len, columns))
            if begun == len(units):
                columns = self._even(units)
            yield tuple(self._placed(columns))
            del units[:begun]

    def _even(self, units: list[_Unit]) -> list[list[_Unit]]:
        """Units in columns that are as low as they can be and hold all of them."""
        high = sum(unit.height for unit in units) / len(self._columns)
        while True:
            columns, more = self._fill(units, high)
            if sum(map(len, columns)) == len(units):
                return columns
            high += more

    def _fill(self, units: Sequence[_Unit], high: float) -> tuple[list[list[_Unit]], float]:
        """Fill columns with units, in order, as long as there is room.

        Args:
            units: what remains to be placed.
            high: height that no column exceeds, in points.

        Returns:
            The units of each column; the least height more that would change them.
        """
        columns: list[list[_Unit]] = []
        more = math.inf
        rest = deque(units)
        for _, bottom, _, top in self._columns:
            room = min(high, top - bottom)
            used = 0.0
            column: list[_Unit] = []
            while rest:
                need = rest[0].height + (rest[0].gap if column else 0.0)
                if used + need > room + _LITTLE:
                    more = min(more, used + need - room)
                    break
                used += need
                column.append(rest.popleft())
            columns.append(column)
        return columns, more

    def _placed(self, columns: Iterable[Iterable[_Unit]]) -> Iterator[Placed]:
        """The key and the shift of each block of a page."""
        for (left, _, _, top), units in zip(self._columns, columns, strict=True):
            y = top
            for unit in units:
                for key, block in unit.blocks:
                    y -= block.gap if y != top else 0.0
                    yield key, f"{left - block.corner[0]:.2f} {y - block.corner[1]:.2f}"
                    y -= block.height


def _made_ready(block: FlowBlock, binder: PartBinder[DetailPage]) -> list[str]:
    """The operators of a block, cut where the number of a marked content stands."""
    content = ""
    for op in block.ops:
        drawn = binder.bind(op)
        assert isinstance(drawn, str)
        content += drawn
    return _MCID.split(content)


def _count(tag: Tag) -> int:
    """The number of marked contents in the tags of a page."""
    return sum(_count(kid) if isinstance(kid, Tag) else isinstance(kid, int) for kid in tag.kids)


def _with_flow(tag: Tag, first: int, many: int) -> Tag:
    """The tags of a page, with an element for each marked content in the place of the flow.

    Args:
        tag: the root of the tags.
        first: number of the first marked content of the flow.
        many: how many the flow has.
    """
    kids: list[Tag | int | Link | SignatureField] = []
    for kid in tag.kids:
        if isinstance(kid, Tag) and kid.type == FLOW:
            kids += (Tag(f"type{n}", (first + n,), open=True) for n in range(many))
        else:
            kids.append(_with_flow(kid, first, many) if isinstance(kid, Tag) else kid)
    return msgspec.structs.replace(tag, kids=tuple(kids))
