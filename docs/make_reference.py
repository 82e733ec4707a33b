"""The programme itself → docs/reference/*.md, and the pictures of its drawings.

Run it after an option, a public name, a docstring of the public names, a supported element or a
key of a TOML file has changed; tests/test_reference.py fails until then. Each page is made by a
module of `generators`.
"""

from __future__ import annotations

from pathlib import Path

from generators import command_line, errors, python_api, record, svg, toml_files
from generators.drawings import REFERENCE, draw_pictures

_MADE = "<!-- Made by docs/make_reference.py: change the programme, not this page. -->\n\n"

MAKERS = {
    "cli": command_line.cli_page,
    "record": record.record_page,
    "python": python_api.python_page,
    "svg": svg.svg_page,
    "toml": toml_files.toml_page,
    "errors": errors.errors_page,
}


def main() -> None:
    """Write all pages and pictures."""
    draw_pictures()
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


def pages() -> dict[Path, str]:
    """Make the text of each page, by the path where it is kept."""
    return {REFERENCE / f"{name}.md": _MADE + "\n".join(make()) for name, make in MAKERS.items()}


if __name__ == "__main__":
    main()
