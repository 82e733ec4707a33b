"""Folders of font files → typefaces by family, weight and slant, with fallbacks behind them."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import uharfbuzz as hb

from pixattest.errors import IssuerError, TemplateError, did_you_mean
from pixattest.model import assets
from pixattest.model.issuer import Issuer
from pixattest.pdf.font_file import FontError
from pixattest.pdf.fonts import Face
from pixattest.pdf.typeface import Typeface
from pixattest.template.folder import inside

Key = tuple[str, int, bool]
"""A family, a weight from 100 to 900, and whether the face is italic."""

_FONT_FACE = re.compile(r"@font-face\s*\{([^{}]*)\}")
_FAMILY = re.compile(r"""font-family\s*:\s*(["']?)([^"';]+)\1""")
_SOURCE = re.compile(r"""url\(\s*(["']?)([^"')]+)\1\s*\)""")


class FontLibrary:
    """The faces that a press can set text in.

    Args:
        folders: the folders that are searched for *.ttf and *.otf, in this order.
        fallbacks: font files for the letters that those lack.

    Raises:
        IssuerError: a fallback can't be used.
        TemplateError: a font of a folder can't be used, or is a link out of the folder above it.
    """

    def __init__(self, folders: Iterable[Path], fallbacks: Sequence[Path] = ()) -> None:
        self.faces: list[Face] = []
        self._keys: list[Key] = []
        for folder in folders:
            for path in sorted(chain(folder.rglob("*.ttf"), folder.rglob("*.otf"))):
                if folder != assets.FONTS:  # an installer may keep those behind links
                    inside(folder.parent, path.relative_to(folder.parent))
                self._add(path, TemplateError)
        self._first_fallback = len(self.faces)
        for path in fallbacks:
            self._add(path, IssuerError)
        self._typefaces: dict[Key, Typeface] = {}

    def typeface(self, key: Key) -> Typeface:
        """Return the typeface of a family in the nearest weight; others serve letters it lacks.

        Raises:
            TemplateError: there is no such family.
        """
        found = self._typefaces.get(key)
        if found is None:
            found = self._typefaces[key] = Typeface(self._chain(key))
        return found

    def shown_otherwise(self, drawing: Path) -> Iterator[TemplateError]:
        """Yield an error for each `@font-face` that shows another font than is printed."""
        text = drawing.read_text(encoding="utf-8", errors="replace")
        families = {known for known, _, _ in self._keys}
        named = zip(self.faces, self._keys, strict=True)
        family_of = {face.path.resolve(): known for face, (known, _, _) in named}
        for rule in _FONT_FACE.finditer(text):
            line = text.count("\n", 0, rule.start()) + 1
            family, source = (
                found[2].strip() if (found := pattern.search(rule[1])) else ""
                for pattern in (_FAMILY, _SOURCE)
            )
            if family not in families:
                problem = f"@font-face is of the family {family!r}, in which nothing is printed"
                yield TemplateError(problem, hint=_other_family(family, families), line=line)
            elif source and not source.startswith("data:"):
                path = (drawing.parent / source).resolve()
                own = family_of.get(path)
                if own != family:
                    what = f"is a font of {own!r}" if own else "nothing is printed in"
                    what = what if path.is_file() else "is not there"
                    yield TemplateError(
                        f"@font-face shows {family!r} from {source!r}, which {what}",
                        hint="Name the font's file in fonts/ beside the template.",
                        line=line,
                    )

    def _chain(self, key: Key) -> list[Face]:
        """Return all faces, the nearest to a key first."""
        family, weight, italic = key

        def distance(index: int) -> tuple[bool, bool, bool, int, int]:
            family_, weight_, italic_ = self._keys[index]
            added = index >= self._first_fallback
            return added, family_ != family, italic_ != italic, abs(weight_ - weight), index

        families = {found for found, _, _ in self._keys}
        if family not in families:
            problem = f"the font family {family!r} is not there"
            raise TemplateError(problem, hint=_other_family(family, families))
        order = sorted(range(len(self.faces)), key=distance)
        if self._keys[order[0]][0] != family:  # the family is one of the fallbacks
            order.sort(key=lambda index: self._keys[index][0] != family)
        return [self.faces[index] for index in order]

    def _add(self, path: Path, error: type[IssuerError | TemplateError]) -> None:
        """Add the face of a file; a file that can't be used raises the given kind of error."""
        try:
            face = Face(path, len(self.faces))
            self._keys.append(_key_of(path))
        except FontError as reason:
            raise error(
                f"the font {reason}",
                source=path.name,
                hint="Use a TrueType or OpenType file whose licence permits embedding.",
            ) from None
        self.faces.append(face)


def library_for(template: Path, issuer: Issuer, fonts: Path = assets.FONTS) -> FontLibrary:
    """Return the faces of a template: those of every template, of its folder, and of the issuer.

    Raises:
        IssuerError, TemplateError: a font can't be used.
    """
    folders = [fonts, template.parent / "fonts"]
    return FontLibrary(folders, [Path(font) for font in issuer.fonts])


def _other_family(family: str, families: set[str]) -> str:
    """Return a hint for a family that is not there."""
    others = f"There are {', '.join(sorted(families))}; put others into fonts/ beside the template."
    return did_you_mean(family, families) or others


def _key_of(path: Path) -> Key:
    """Read family, weight and slant from the name and OS/2 tables of a font file."""
    face = hb.Face(hb.Blob.from_file_path(str(path)))
    names = hb.OTNameIdPredefined
    family = face.get_name(names.TYPOGRAPHIC_FAMILY) or face.get_name(names.FONT_FAMILY)
    os2 = face.reference_table("OS/2").data
    (weight,) = struct.unpack_from(">H", os2, 4)
    (selection,) = struct.unpack_from(">H", os2, 62)
    return family or path.stem, weight, bool(selection & 1)
