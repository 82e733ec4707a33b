"""A template's folder + a name in it → the path of a file that is really there."""

from __future__ import annotations

from pathlib import Path

from pixattest.errors import TemplateError


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
