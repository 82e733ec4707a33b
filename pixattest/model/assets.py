"""Name of a template, framework or font → its path, in a checkout or an installed wheel."""

from __future__ import annotations

from pathlib import Path

_ROOM = Path(__file__).parent
_PACKAGE = _ROOM.parent
_INSTALLED = _PACKAGE / "_assets"
_HOME = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent

FONTS = _HOME / "fonts"
TEMPLATES = _HOME / "templates"
FRAMEWORKS = _ROOM / "frameworks"
VERIFY = TEMPLATES / "verify"
ISSUER = _ROOM / "issuer.toml"


# The drawings in the shipped folder by the names of the templates; they share words and fonts.
_DRAWINGS = {
    "attestation": "template.svg",
    "landscape": "landscape.svg",
    "detailed": "detailed.svg",
}


def template_names() -> list[str]:
    """Names of the templates that pixattest ships."""
    return [*_DRAWINGS]


def template_path(name: str) -> Path:
    """The path of a shipped template; one of any other name does not exist."""
    return TEMPLATES / "attestation" / _DRAWINGS.get(name, f"{name}.missing")


def framework_names() -> list[str]:
    """Names of the frameworks that pixattest ships, sorted."""
    return sorted(path.stem for path in FRAMEWORKS.glob("*.toml"))


def framework_path(name: str) -> Path:
    """The path of a shipped framework; it need not exist."""
    return FRAMEWORKS / f"{name}.toml"


def languages() -> list[str]:
    """Languages of the shipped templates, sorted."""
    return sorted(path.stem for path in (TEMPLATES / "attestation" / "labels").glob("*.toml"))
