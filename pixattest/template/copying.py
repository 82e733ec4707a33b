"""A new folder → a copy of the shipped template in it, with all that its drawings need."""

from __future__ import annotations

import shutil
from pathlib import Path

from pixattest.errors import OutputError
from pixattest.model import assets

_FONTS = "../../fonts/"
"""The path by which shipped drawings name the fonts, for a browser."""


def copy_template(folder: Path) -> None:
    """Copy the shipped template, its words, its fonts and their licences into a new folder.

    Raises:
        OutputError: the folder exists already, or can't be written.
    """
    source = assets.template_path("attestation").parent
    try:
        folder.mkdir(parents=True)
        shutil.copytree(assets.FONTS, folder / "fonts")
        shutil.copytree(source / "labels", folder / "labels")
        for path in sorted(source.glob("*.svg")):
            text = path.read_text(encoding="utf-8")
            (folder / path.name).write_text(text.replace(_FONTS, "fonts/"), encoding="utf-8")
    except FileExistsError:
        raise OutputError(
            "exists already and was kept", source=str(folder), hint="Name a folder that is new."
        ) from None
    except OSError as reason:
        raise OutputError(
            f"can't be written: {reason.strerror}", source=str(folder), hint="Choose another."
        ) from None
