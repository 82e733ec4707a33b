"""A page of the documentation → its code blocks, as text or as a module."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from support import ROOT

_BLOCK = re.compile(
    r"(?:^<!-- (?P<what>file|not run): (?P<said>.+?) -->\n)?"
    r"^```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


class Block(NamedTuple):
    """A code block of a page.

    Attributes:
        language: as the page names it, such as `python`; may be empty.
        text: its code.
        line: number of the page's line that its code begins on, from 1.
        file: under which name its comment says that a reader saves it.
        reason: why its comment says that it is not run.
    """

    language: str
    text: str
    line: int
    file: str | None
    reason: str | None


def blocks(page: str) -> Iterator[Block]:
    """The code blocks of a page."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for found in _BLOCK.finditer(text):
        line = text.count("\n", 0, found.start("text")) + 1
        given = {found["what"]: found["said"]}
        yield Block(found["language"], found["text"], line, given.get("file"), given.get("not run"))


def load(page: str, file: str, folder: Path) -> ModuleType:
    """Save a page's block in a folder, under the name that the page gives the file; import it.

    The module is named after the folder too: Celery keeps names for ever.
    """
    (block,) = (block for block in blocks(page) if block.file == file)
    path = folder / file
    path.write_text(block.text, encoding="utf-8")
    name = f"documented_{path.stem}_{folder.name}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # Pydantic looks a class's module up there
    spec.loader.exec_module(module)
    return module
