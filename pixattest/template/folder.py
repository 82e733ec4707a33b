"""Name of a template → its SVG; its folder + a name in it → a file that is really there."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from pixattest import assets
from pixattest.errors import TemplateError


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
        TemplateError: it is elsewhere, by its name or through a link.
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
    return path
