"""Records of a file → its pages, laid out in blocks; a block and its place → its bytes.

A file is made block by block, so that memory does not grow with it: `lay_out` gathers the pages of
the blocks, the document plans where each block stands, and `print_blocks` prints them, here or by
an executor.
"""

# Annotations are not postponed here: as text, each would be compiled at every start.

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from pixattest.errors import LayoutError, PixattestError, RecordError
from pixattest.model.pagination import DetailPage, Page, Pagination
from pixattest.model.record import Record
from pixattest.pdf.block import PAGES_IN_BLOCK, Block, BlockPlan, PageContent, make_block
from pixattest.pdf.document import Glyphs, PlannedPage
from pixattest.press.glyph_usage import GlyphUsage
from pixattest.press.plates import MountedPlates

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

# Blocks that are handed to an executor and not yet written, at most.
_BLOCKS_UNDER_WAY = 16


class LaidOutBlock(NamedTuple):
    """Pages of a file that are made together.

    Attributes:
        pages: in their order.
        planned: their kinds and sections.
        following: those of the pages of the next block; None: there is none.
        row: number of the first record whose page is here or later, from 1.
        records: number of the records whose first page is here.
        signed: the first attestation has the field that takes the document's signature.
    """

    pages: list[Page]
    planned: list[PlannedPage]
    following: list[PlannedPage] | None
    row: int
    records: int
    signed: bool


class PlannedBlock(NamedTuple):
    """All that a block is printed from.

    Attributes:
        plan: where it stands in the file.
        pages: in their order.
        seals: the digits of each page's seal; empty where it has none.
        row: as of `LaidOutBlock`.
        signed: as of `LaidOutBlock`.
        digested: the digests of its attestations are asked for.
    """

    plan: BlockPlan
    pages: list[Page]
    seals: list[str]
    row: int
    signed: bool
    digested: bool


class PrintedBlock(NamedTuple):
    """What a block is in the file.

    Attributes:
        block: its bytes.
        glyphs: what it shows beside what its kinds of pages do.
        digests: of each attestation, as `digest` makes it, where they are asked for.
    """

    block: Block
    glyphs: Glyphs
    digests: list[str]


def lay_out(
    plates: MountedPlates,
    records: Iterable[Record],
    pagination: Pagination,
    *,
    signed: bool = False,
) -> Iterator[LaidOutBlock]:
    """The blocks of a file in their order; each is known together with the one after it.

    Args:
        plates: make the kinds of pages ready.
        records: in the order of their pages.
        pagination: says which pages the file has.
        signed: the first attestation has the field that takes the document's signature.
    """
    row = 1
    ahead: list[PlannedPage] | None = None
    for pages, following in _with_next(_gathered(pagination.leaves(records))):
        planned = ahead or _planned(plates, pages, signed=signed)
        count = _count(pages)
        signed_later = signed and row + count == 1
        ahead = _planned(plates, following, signed=signed_later) or None
        yield LaidOutBlock(pages, planned, ahead, row, count, signed and row == 1)
        row += count


def print_blocks(
    plates: MountedPlates, blocks: Iterator[PlannedBlock], executor: "Executor | None"
) -> Iterator[tuple[BlockPlan, PrintedBlock]]:
    """Print blocks, in the order of their plans.

    Args:
        plates: print the pages.
        blocks: to be printed.
        executor: prints them elsewhere; None: here.

    Raises:
        LayoutError: a page can't hold its record; `row` tells which.
        PixattestError: a process of the executor ended.
    """
    if executor is None:
        for block in blocks:
            yield block.plan, _print_block(plates, block)
        return
    import pickle
    from concurrent.futures import BrokenExecutor

    pickled = pickle.dumps(plates)
    under_way: deque[tuple[BlockPlan, Future[PrintedBlock]]] = deque()
    refused: RecordError | None = None
    try:
        try:
            for block in blocks:
                job = executor.submit(_print_elsewhere, pickled, block)
                under_way.append((block.plan, job))
                if len(under_way) >= _BLOCKS_UNDER_WAY:
                    yield under_way[0][0], under_way[0][1].result()
                    under_way.popleft()
        except RecordError as error:
            refused = error  # an earlier record, still under way, may be refused as well
        while under_way:
            yield under_way[0][0], under_way[0][1].result()
            under_way.popleft()
        if refused:
            raise refused
    except BrokenExecutor as reason:
        raise process_ended(reason) from None
    finally:
        for _, job in under_way:
            job.cancel()


def process_ended(reason: Exception) -> PixattestError:
    """Return the error that tells of a process that ended while it was printing."""
    return PixattestError(
        f"a process that was printing ended: {reason}",
        hint="Print with fewer processes; the machine may be short of memory.",
    )


def digest(pages: Sequence[PageContent]) -> str:
    """The digest of all that the pages of an attestation show, which has one at least."""
    first, *further = [page.digest() for page in pages]
    return hashlib.sha256("".join((first, *further)).encode()).hexdigest() if further else first


def _print_block(plates: MountedPlates, block: PlannedBlock) -> PrintedBlock:
    usage = GlyphUsage()
    contents: list[PageContent] = []
    attestations: list[list[PageContent]] = []
    signed = block.signed
    for page, seal in zip(block.pages, block.seals, strict=True):
        is_record = isinstance(page, Record)
        with_field = signed and is_record
        try:
            content = plates.printer(page, signed=with_field).print(page, usage, seal)
            if block.digested and is_record:
                # A digest tells nothing of a signature: it is that of the page without its field.
                plain = plates.printer(page).print(page, GlyphUsage(), seal) if with_field else None
                attestations.append([plain or content])
            elif block.digested and isinstance(page, DetailPage):
                attestations[-1].append(content)
        except LayoutError as error:
            before = _count(block.pages[: len(contents)]) - isinstance(page, DetailPage)
            raise LayoutError(error.faults, row=block.row + before) from None
        signed = signed and not is_record
        contents.append(content)
    # Before the contents are completed by their places in the file.
    digests = [digest(pages) for pages in attestations]
    return PrintedBlock(make_block(block.plan, contents), usage.glyphs, digests)


def _print_elsewhere(plates: bytes, block: PlannedBlock) -> PrintedBlock:
    """Print a block in a process of an executor."""
    return _print_block(_unpickled(plates), block)


@lru_cache(maxsize=4)
def _unpickled(plates: bytes) -> MountedPlates:
    """The plates of a worker process, which keeps them from block to block."""
    import pickle

    found = pickle.loads(plates)
    assert isinstance(found, MountedPlates)
    return found


def _planned(plates: MountedPlates, pages: Sequence[Page], *, signed: bool) -> list[PlannedPage]:
    """The kinds and sections of some pages."""
    found = []
    for page in pages:
        is_record = isinstance(page, Record)
        printer = plates.printer(page, signed=signed and is_record)
        found.append(PlannedPage(printer.kind_of(page), page.group or plates.no_class))
        signed = signed and not is_record
    return found


def _count(pages: Iterable[Page]) -> int:
    """How many records have their first page among these."""
    return sum(isinstance(page, Record) for page in pages)


def _gathered(groups: Iterable[tuple[Page, ...]]) -> Iterator[list[Page]]:
    """Pages in blocks, as many as one may have; pages that come together stay together."""
    block: list[Page] = []
    for pages in groups:
        if len(block) + len(pages) > PAGES_IN_BLOCK:
            yield block
            block = []
        block += pages
    if block:
        yield block


def _with_next(blocks: Iterator[list[Page]]) -> Iterator[tuple[list[Page], list[Page]]]:
    """Each block with the one after it; the last with an empty one."""
    block = next(blocks, [])
    while block:
        following = next(blocks, [])
        yield block, following
        block = following
