"""The name of a template → its SVG, and the files of its folder; nothing outside is reached."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from os import PathLike
from pathlib import Path

from pixattest.errors import TemplateError
from pixattest.model import assets

SUFFIXES = frozenset({".svg", ".toml", ".ttf", ".png", ".jpg", ".jpeg"})
"""The suffixes of a template's files; all other files in its folder are not its own."""

COVER = "cover.svg"
"""The file that draws the cover of a class, beside the drawing of the page."""


def find_template(template: str | PathLike[str]) -> Path:
    """Find the SVG of a shipped template by its name, or of any template by its path.

    Raises:
        TemplateError: there is no such template.
    """
    named = assets.template_path(str(template))
    path = named if "/" not in str(template) and named.is_file() else Path(template)
    path = path / "template.svg" if path.is_dir() else path
    if not path.is_file():
        raise TemplateError(
            f"there is no template {str(template)!r}",
            hint=f"Name a shipped one ({', '.join(assets.template_names())}) or a folder or SVG.",
        )
    return path.resolve()


_FIRST_PAGE = re.compile(r'<svg\b[^>]*?\sdata-first-page="([^"]*)"')
"""Matches how a drawing of further pages names the first one."""


def first_page(template: Path) -> Path:
    """Find the drawing of an attestation's first page: the one that a drawing names, or itself.

    Args:
        template: an SVG, which draws further pages where it names a first one.

    Raises:
        TemplateError: the SVG names a file that is no drawing beside it.
    """
    try:
        named = _FIRST_PAGE.search(template.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return template  # which is refused when it is read as a drawing
    if named is None:
        return template
    path = inside(template.parent, named[1])
    if not path.is_file() or path == template:
        raise TemplateError(
            f"data-first-page is {named[1]!r}, and there is no such other drawing",
            hint="Name the drawing of the first page, which stands beside it.",
            source=template.name,
        )
    return path


_PAGES = frozenset({"template.svg", COVER})
"""Drawings that are pages, even where another drawing shows them."""

_NAMED = re.compile(r"""(data-first-page=)?["']([^"'<>]+\.svg)["']""")
"""Matches how a drawing names another one, and whether as its first page."""


def drawings(folder: Path) -> list[Path]:
    """List the drawings of pages in a folder: the SVGs that no other one includes or shows."""
    texts = {}
    for path in sorted(folder.glob("*.svg")):
        with suppress(OSError):
            texts[path] = path.read_text(encoding="utf-8", errors="replace")
    parts = {
        name
        for path, text in texts.items()
        for first_page, name in _NAMED.findall(text)
        if not first_page and name != path.name
    }
    return [path for path in texts if path.name not in parts - _PAGES]


def inside(folder: Path, name: str | Path) -> Path:
    """Return the path of a file in a folder, its links resolved.

    Raises:
        TemplateError: the file is elsewhere, or is of no kind that a template has.
    """
    try:
        path = (folder / name).resolve()
    except (OSError, RuntimeError, ValueError):  # links in a circle, names that can't be
        path = None
    if path is None or not path.is_relative_to(folder.resolve()):
        raise TemplateError(
            f"{str(name)!r} is outside the template's folder",
            hint="Copy the file beside the template.",
        )
    if path.is_file() and Path(name).suffix.lower() not in SUFFIXES:
        raise TemplateError(
            f"{str(name)!r} is not a kind of file that a template has",
            hint=f"Name it with one of {', '.join(sorted(SUFFIXES))}.",
        )
    return path


def files(folder: Path) -> Iterator[Path]:
    """Yield all files of a folder that a template in it can name, sorted by their paths."""
    whole = folder.resolve()
    for path in sorted(folder.rglob("*")):
        if (
            path.suffix.lower() in SUFFIXES
            and path.is_file()
            and path.resolve().is_relative_to(whole)
        ):
            yield path
