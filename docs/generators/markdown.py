"""Texts → Markdown: code and tables."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator


def cell(text: str) -> str:
    """A text as a cell of a table."""
    return text.replace("\n", " ").strip()


def table(*rows: Iterable[str]) -> Iterator[str]:
    """A table, its headings first; nothing when there is nothing below them."""
    head, *body = [[*map(cell, row)] for row in rows]
    if body:
        yield f"| {' | '.join(head)} |"
        yield "|" + "---|" * len(head)
        for row in body:
            yield f"| {' | '.join(row)} |"
        yield ""


def code(text: str) -> str:
    """As code; a bar is written so that all readers of tables take it for one."""
    if "|" in text:
        return f"<code>{html.escape(text).replace('|', '&#124;')}</code>"
    return f"`{text}`" if text else ""
