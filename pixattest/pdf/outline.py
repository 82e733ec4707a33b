"""Bookmarks of pages, section by section → the outline of a file (ISO 32000-1, 12.3.3)."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from pixattest.pdf.objects import text_string
from pixattest.pdf.writer import Writer


class Outline:
    """Where the bookmarks of a file stand, which are written with their pages.

    A file of several sections has an item for each, with the bookmarks of its pages below. A file
    of one section has those alone, unless its first page has none, such as a cover: the item of the
    section leads there. How many there will be is not known when the first bookmark is written;
    so what is above it has a number, and is the section's item or the outline itself in the end.

    Args:
        writer: of the file.

    Attributes:
        section: name of the section that was entered last.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.section: str | None = None
        self._names: list[str] = []
        self._led = False
        # Of each section: its number, the page that it begins with, its first and last bookmark,
        # and how many it has.
        self._numbers, self._pages = array("Q"), array("Q")
        self._first, self._last, self._counts = array("Q"), array("Q"), array("Q")

    @property
    def above(self) -> int:
        """Number of what stands above the bookmarks of the section; 0 where there is none."""
        return self._numbers[-1] if self._numbers else 0

    @property
    def last(self) -> int | None:
        """Number of the section's last bookmark so far."""
        return (self._last[-1] or None) if self._last else None

    def enter(self, section: str, page: int, *, bookmarked: bool) -> None:
        """Begin a section.

        Args:
            section: its name.
            page: number of its first page.
            bookmarked: that page has a bookmark.
        """
        self.section = section
        self._led = self._led or not bookmarked
        self._names.append(section)
        self._numbers.append(self._writer.reserve())
        self._pages.append(page)
        for found in (self._first, self._last, self._counts):
            found.append(0)

    def extend(self, bookmarks: Sequence[int]) -> None:
        """Take note of the section's next bookmarks, by their numbers."""
        if bookmarks:
            self._first[-1] = self._first[-1] or bookmarks[0]
            self._last[-1] = bookmarks[-1]
            self._counts[-1] += len(bookmarks)

    def write(self) -> int | None:
        """Write what stands above the bookmarks; the number of the outline, if there is any."""
        if not self._names:
            return None
        if len(self._names) == 1 and not self._led:
            root = self.above
            self._add(root, f"/Type/Outlines{self._kids(0, is_open=True)}")
            return root
        numbers = self._numbers
        root = self._writer.append(
            f"<</Type/Outlines/First {numbers[0]} 0 R/Last {numbers[-1]} 0 R"
            f"/Count {len(numbers) if len(numbers) > 1 else 1 + self._counts[0]}>>".encode()
        )
        for index, (name, number) in enumerate(zip(self._names, numbers, strict=True)):
            before = f"/Prev {numbers[index - 1]} 0 R" if index else ""
            after = f"/Next {numbers[index + 1]} 0 R" if index + 1 < len(numbers) else ""
            self._add(
                number,
                f"/Title{text_string(name)}/Parent {root} 0 R{before}{after}"
                f"{self._kids(index, is_open=len(numbers) == 1)}"
                f"/Dest[{self._pages[index]} 0 R/XYZ null null null]",
            )
        return root

    def _kids(self, section: int, *, is_open: bool) -> str:
        """The entries that name a section's bookmarks."""
        count = self._counts[section]
        if not count:
            return ""
        return (
            f"/First {self._first[section]} 0 R/Last {self._last[section]} 0 R"
            f"/Count {count if is_open else -count}"
        )

    def _add(self, number: int, entries: str) -> None:
        self._writer.add(number, f"<<{entries}>>".encode("latin-1"))
