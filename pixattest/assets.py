"""Name of a template or font → its path, in a checkout or an installed wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent
_INSTALLED = _PACKAGE / "_assets"
_HOME = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent

FONTS = _HOME / "fonts"
TEMPLATES = _HOME / "templates"
FRAMEWORK = _PACKAGE / "framework.toml"
ISSUER = _PACKAGE / "issuer.toml"


_DRAWINGS = {"attestation": "template.svg", "landscape": "landscape.svg"}
"""Of the shipped folder, which have their words and fonts in common."""


def template_names() -> list[str]:
    """Names of the templates that pixattest ships."""
    return [*_DRAWINGS]


def template_path(name: str) -> Path:
    """The path of a shipped template; one of any other name does not exist."""
    return TEMPLATES / "attestation" / _DRAWINGS.get(name, f"{name}.missing")
