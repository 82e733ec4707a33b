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


def template_names() -> list[str]:
    """Names of the templates that pixattest ships, sorted."""
    return sorted(path.parent.name for path in TEMPLATES.glob("*/template.svg"))


def template_path(name: str) -> Path:
    """The path of a shipped template; it need not exist."""
    return TEMPLATES / name / "template.svg"
