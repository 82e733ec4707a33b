"""Plate with a flow + Record → the further pages of an attestation, and what is printed on them.

A block, such as what a level of a competence means, is the same for all who reach that level. So
it is set once, when the plate is compiled, and a page says only where its blocks stand.
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
from pixattest.pdf.block import PageContent, PageKind
from pixattest.pdf.fonts import Run
from pixattest.pdf.labels import Label
from pixattest.pdf.tags import Link, SignatureField, Tag
from pixattest.press.glyph_usage import GlyphUsage
from pixattest.press.page_printer import PagePrinter
from pixattest.press.parts import Draw, PartBinder
from pixattest.template.faces import FontLibrary
from pixattest.template.plate import FLOW, Flow, FlowBlock, Plate
from pixattest.template.slots import Vocabulary

_MCID = re.compile(r"(?<=<</MCID )[0-9]+(?=>>BDC)")


_LITTLE = 1e-6
"""Points that a column may be short of, for the rounding of sums."""


class _Unit(NamedTuple):
    """Blocks that are kept together: their keys, what is drawn, their height, the gap above."""

    blocks: tuple[tuple[str, FlowBlock], ...]
    height: float
    gap: float


class DetailPagePrinter(PagePrinter[DetailPage]):
    """A plate of further pages made ready to print.

    Args:
        plate: what is printed; it has a flow.
        vocabulary: reads what is printed on it.
        library: the faces.
        framework: whose competences are told of.
        shared: static drawings are kept apart, to be written once for all pages of a file.

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
        self._sheets: dict[int, PageKind] = {}
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
        """What a page shares with those that have as many marked contents."""
        marks = self._marks
        many = sum([marks[key] for key, _ in detail.blocks])
        sheet = self._sheets.get(many)
        if sheet is None:
            assert self.kind.tags is not None
            tags = _with_flow(self.kind.tags, self._mcids, many)
            sheet = msgspec.structs.replace(self.kind, tags=tags, layouts={}, like=self.kind)
            # The one that was there first, whichever thread made it.
            sheet = self._sheets.setdefault(many, sheet)
        return sheet

    def print(self, detail: DetailPage, ink: GlyphUsage, seal: str = "") -> PageContent:
        """A page; the arguments are those of `PagePrinter.print`."""
        matter = super().print(detail, ink, seal)
        blocks = self._blocks
        types = [type_ for key, _ in detail.blocks for type_ in blocks[key].types]
        matter.texts.update(zip(self._slots, types, strict=False))
        return matter._replace(kind=self.kind_of(detail))

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
        """What is told of a record; the heading of a domain is with what comes first in it."""
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
        """A block by its key, with that of a heading if there is one."""
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
        """Pages whose columns are filled one after the other; those of the last, evenly."""
        units = [*self._units(record)]
        while units:
            columns, _ = self._fill(units, math.inf)
            begun = sum(map(len, columns))
            if begun == len(units):
                columns = self._even(units)
            yield tuple(self._placed(columns))
            del units[:begun]

    def _even(self, units: list[_Unit]) -> list[list[_Unit]]:
        """All of some units in columns that are as low as can be."""
        high = sum(unit.height for unit in units) / len(self._columns)
        while True:
            columns, more = self._fill(units, high)
            if sum(map(len, columns)) == len(units):
                return columns
            high += more

    def _fill(self, units: Sequence[_Unit], high: float) -> tuple[list[list[_Unit]], float]:
        """The units that columns hold which are no higher than that; the first holds one anyhow.

        Returns:
            Those of each column; by how much the columns must be higher to be filled otherwise.
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
        """Where the blocks of a page stand."""
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
    """How many marked contents the tags of a page have."""
    return sum(_count(kid) if isinstance(kid, Tag) else isinstance(kid, int) for kid in tag.kids)


def _with_flow(tag: Tag, first: int, many: int) -> Tag:
    """The tags with those of so many marked contents in the place of the flow."""
    kids: list[Tag | int | Link | SignatureField] = []
    for kid in tag.kids:
        if isinstance(kid, Tag) and kid.type == FLOW:
            kids += (Tag(f"type{n}", (first + n,), open=True) for n in range(many))
        else:
            kids.append(_with_flow(kid, first, many) if isinstance(kid, Tag) else kid)
    return msgspec.structs.replace(tag, kids=tuple(kids))
