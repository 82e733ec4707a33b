"""Small drawings for the tests of templates: written, compiled, checked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from drawings import FEW_WORDS, LABELS, SHOWN, VARIANT, Compile, Faults, Refused, Write

from pixattest import TemplateError
from pixattest.model import assets
from pixattest.model.framework import Framework, read_framework
from pixattest.model.issuer import Issuer, default_issuer
from pixattest.model.record import Rules
from pixattest.template.check import check_template
from pixattest.template.compile import compile_template
from pixattest.template.faces import FontLibrary
from pixattest.template.plate import AnyVariant, Plate
from pixattest.template.samples import sample_records


@pytest.fixture(scope="session")
def library() -> FontLibrary:
    """The faces that every template has."""
    return FontLibrary([assets.FONTS])


@pytest.fixture(scope="session")
def crcn() -> Framework:
    """The usual framework."""
    return read_framework("crcn")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a template whose body starts on line 2; its path."""

    def write(
        body: str, *, labels: str = LABELS, name: str = "page.svg", page: str = "", side: int = 200
    ) -> Path:
        folder = tmp_path / "template"
        (folder / "labels").mkdir(parents=True, exist_ok=True)
        (folder / "labels" / "fr.toml").write_text(labels, encoding="utf-8")
        (folder / name).write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}pt" height="{side}pt"'
            f' viewBox="0 0 {side} {side}" font-family="Source Sans 3" font-size="10" {page}>\n'
            f"{body}\n</svg>\n",
            encoding="utf-8",
        )
        return folder / name

    return write


@pytest.fixture
def compiled(write: Write, library: FontLibrary, crcn: Framework) -> Compile:
    """Compile a template with a body; its plate."""

    def compile_body(
        body: str, kind: AnyVariant = VARIANT, issuer: Issuer | None = None, **parts: Any
    ) -> Plate:
        return compile_template(
            write(body, **parts),
            kind,
            issuer=issuer or default_issuer(),
            framework=crcn,
            language="fr",
            library=library,
        )

    return compile_body


@pytest.fixture
def refused(compiled: Compile) -> Refused:
    """The error of a body that can't be compiled."""

    def refused(body: str, kind: AnyVariant = VARIANT, **parts: Any) -> TemplateError:
        with pytest.raises(TemplateError) as caught:
            compiled(body, kind, **parts)
        return caught.value

    return refused


@pytest.fixture
def faults(write: Write, crcn: Framework) -> Faults:
    """What is found wrong with a page whose body is drawn after all that it must show."""

    def check(
        body: str, *, shown: str = SHOWN, languages: Sequence[str] | None = ("fr",), **parts: Any
    ) -> list[str]:
        issuer = default_issuer()
        path = write(f"{shown}\n{body}", **{"labels": FEW_WORDS} | parts)
        found = check_template(
            path,
            issuer=issuer,
            framework=crcn,
            languages=languages,
            samples=sample_records(crcn, Rules.of(crcn, issuer)),
        )
        return [*map(str, found)]

    return check
