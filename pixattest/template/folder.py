"""Name of a template → its SVG; its folder → its files, and a name in it → one really there."""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike
from pathlib import Path

from pixattest import assets
from pixattest.errors import TemplateError

SUFFIXES = frozenset({".svg", ".toml", ".ttf", ".png", ".jpg", ".jpeg"})
"""Of a template's files: all others that lie in its folder are not its own."""


def find_template(template: str | PathLike[str]) -> Path:
    """The SVG of a shipped template by its name, or of any by its path.

    Raises:
        TemplateError: there is none.
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


def inside(folder: Path, name: str | Path) -> Path:
    """The path of a file of a folder, its links resolved.

    Raises:
        TemplateError: it is elsewhere, by its name or through a link, or no file of a template.
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
    """All files of a folder that a template in it can name, sorted by their paths."""
    whole = folder.resolve()
    for path in sorted(folder.rglob("*")):
        if (
            path.suffix.lower() in SUFFIXES
            and path.is_file()
            and path.resolve().is_relative_to(whole)
        ):
            yield path
