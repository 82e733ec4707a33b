"""Issuer + framework + public keys → the files of the page that verifies attestations.

A folder of static files: any web space serves it, and the page asks for nothing outside it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import uharfbuzz as hb
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pixattest.errors import IssuerError
from pixattest.model import assets
from pixattest.model.framework import Framework, framework_for, name_in
from pixattest.model.issuer import Issuer, usual
from pixattest.model.settings import Text, in_language
from pixattest.template.colour import readable
from pixattest.template.labels import Labels, languages_of, read_labels
from pixattest.trust.keys import PUBLIC_KEYS_FILE, read_public_keys

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        # No text can become markup or code, whatever a seal says.
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
"""The page's Content Security Policy (CSP level 3)."""

_COPIED = (
    "icon.svg",
    "verify.css",
    "answer.js",
    "camera.js",
    "page.js",
    "pictures.js",
    "revocations.js",
    "seal.js",
    "qr/decode.js",
    "qr/index.js",
    "qr/LICENSE",
)

_FONTS = (
    "source-sans-3/SourceSans3_400Regular.ttf",
    "source-sans-3/SourceSans3_600SemiBold.ttf",
    "source-serif-4/SourceSerif4_600SemiBold.ttf",
)
_LETTERS = (range(0x20, 0x7F), range(0xA0, 0x180), range(0x2010, 0x2027), (0x2C6, 0x2DC, 0x20AC))
"""What the page's fonts keep: Latin; a browser has others for the rest."""


def make_site(issuer: Issuer, keys: Path, framework: Framework | None = None) -> dict[str, bytes]:
    """Make the files of the verification page, by their paths in its folder, in order of writing.

    It speaks every language that its labels and the framework have, the issuer's first; all of its
    labels', where the framework has none of them. Names then stand there in a language that the
    framework has, marked as such (WCAG 2.2, 3.1.2).

    Args:
        issuer: the issuer who attests.
        keys: JWKS file of the public keys.
        framework: the framework that is certified; None: the issuer's usual one, else the CRCN.

    Raises:
        FrameworkError: a name is in no language at all, or the issuer's framework can't be used.
        IssuerError: the public keys or the logo can't be read, or its framework is not there.
    """
    read_public_keys(keys)
    folder = assets.VERIFY
    framework = framework_for(issuer, framework)
    first = usual(issuer, "language")
    labels = {
        language: read_labels(folder, language)
        for language in sorted(languages_of(folder), key=lambda name: (name != first, name))
    }
    spoken = {name: own for name, own in labels.items() if _speaks(framework, name)}
    labels = spoken or labels
    logo = _logo(issuer)
    files = {name: (folder / name).read_bytes() for name in _COPIED}
    files |= {f"fonts/{Path(name).name}": _subset(assets.FONTS / name) for name in _FONTS}
    files |= {
        f"fonts/{name}-OFL.txt": (assets.FONTS / name / "OFL.txt").read_bytes()
        for name in sorted({name.split("/")[0] for name in _FONTS})
    }
    files |= logo
    files["words.js"] = _words(issuer, framework, labels).encode()
    files[PUBLIC_KEYS_FILE] = keys.read_bytes()
    files["index.html"] = _page(issuer, framework, labels, next(iter(logo), None)).encode()
    return files


def _speaks(framework: Framework, language: str) -> bool:
    names = [domain.name for domain in framework.domains]
    names += [competence.name for competence in framework.competences.values()]
    return all(in_language(name, language) is not None for name in names)


def _fields(issuer: Issuer) -> dict[str, str]:
    return {"issuer": issuer.name, "certification": issuer.certification}


def _words(issuer: Issuer, framework: Framework, labels: dict[str, Labels]) -> str:
    """Write words.js, the module of JavaScript with all that the page says."""

    def name(text: Text) -> dict[str, dict[str, str]]:
        return {language: _shown(text, language) for language in labels}

    parts: dict[str, Any] = {
        "issuer": _fields(issuer),
        "framework": {
            "id": framework.id,
            "pointsPerLevel": framework.score.per_level if framework.score else 0,
            "levelNames": [name(text) for text in _level_names(framework)],
            "competences": len(framework.competences),
            "domains": [
                {
                    "number": domain.number,
                    "name": name(domain.name),
                    "colour": domain.colour,
                    "ink": readable(domain.colour),
                    "competences": [
                        {"number": competence.number, "name": name(competence.name)}
                        for competence in domain.competences
                    ],
                }
                for domain in framework.domains
            ],
        },
        "languages": {},
    }
    for language, own in labels.items():
        calendar = own.calendar(language)
        parts["languages"][language] = {
            "code": language,
            "words": own.words,
            "days": calendar.days,
            "firstDays": calendar.first_days,
        }
    return "".join(f"export const {name} = {json.dumps(part)};\n" for name, part in parts.items())


def _shown(text: Text, language: str) -> dict[str, str]:
    """Return a text in a language, or else in its first one, and name the language if known."""
    if isinstance(text, str):
        return {"text": text}
    found = language if language in text else next(iter(text), language)
    return {"text": name_in(text, found), "lang": found}


def _level_names(framework: Framework) -> list[Text]:
    """Return the names of the levels, from the lowest; none if levels are called by number."""
    names = framework.level_names or ()
    if isinstance(names, tuple):
        return list(names)
    return [dict(zip(names, texts, strict=True)) for texts in zip(*names.values(), strict=True)]


def _page(issuer: Issuer, framework: Framework, labels: dict[str, Labels], logo: str | None) -> str:
    """Write index.html, in the first language until the script knows the visitor's."""
    environment = Environment(
        loader=FileSystemLoader(assets.VERIFY),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    language, own = next(iter(labels.items()))
    return environment.get_template("verify.html.j2").render(
        policy=POLICY,
        language=language,
        words={name: _filled(text, issuer) for name, text in own.words.items()},
        noscript=[
            {"language": language, "text": said.words["no_script"]}
            for language, said in labels.items()
        ],
        issuer=issuer,
        framework=framework,
        logo=logo,
    )


def _filled(text: str, issuer: Issuer) -> str:
    for name, value in _fields(issuer).items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _logo(issuer: Issuer) -> dict[str, bytes]:
    """Read the logo, by its name in the folder; nothing if the wordmark is a text."""
    if issuer.wordmark.logo is None:
        return {}
    path = Path(issuer.wordmark.logo)
    try:
        return {f"logo{path.suffix.lower()}": path.read_bytes()}
    except OSError as reason:
        problem = f"the logo {path.name} can't be read: {reason.strerror}"
        hint = "Correct [wordmark] logo."
        raise IssuerError(problem, source=issuer.source, hint=hint) from None


def _subset(path: Path) -> bytes:
    """Reduce a font to Latin letters, a tenth of its size, for phones."""
    wanted = hb.SubsetInput()
    for letters in _LETTERS:
        wanted.unicode_set.update(letters)
    wanted.flags = hb.SubsetFlags.NO_HINTING
    face = hb.Face(hb.Blob.from_file_path(str(path)))
    return bytes(hb.SubsetPlan(face, wanted).execute().blob.data)
