"""Sealed pages: what the seal says of the person has to be on the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from keys import SEAL_KEY

from pixattest import Press, TemplateError
from pixattest.model import assets
from pixattest.model.framework import read_framework
from pixattest.model.issuer import DEFAULT_FIELDS, Issuer, Seal, SealField, default_issuer
from pixattest.model.record import Rules
from pixattest.template.check import check_template
from pixattest.template.copying import copy_template
from pixattest.template.samples import sample_records

Change = Callable[..., Path]


@pytest.fixture
def changed(tmp_path: Path) -> Change:
    """A copy of the shipped template, some of its drawing replaced, by regular expressions."""

    def changed(*changes: tuple[str, str]) -> Path:
        copy_template(tmp_path / "mine")
        path = tmp_path / "mine" / "template.svg"
        text = path.read_text(encoding="utf-8")
        for before, after in changes:
            text, count = re.subn(before, after, text)
            assert count
        path.write_text(text, encoding="utf-8")
        return path

    return changed


def sealing(fields: tuple[SealField, ...] = DEFAULT_FIELDS) -> Issuer:
    """An issuer whose seals say so much."""
    seal = Seal(site="https://pix.example/v/", key="key.pem", fields=fields)
    return msgspec.structs.replace(default_issuer(), seal=seal)


def render(path: Path, record: dict[str, Any], issuer: Issuer) -> bytes:
    return Press(path, issuer, key=SEAL_KEY).render(record)


def check(path: Path, issuer: Issuer) -> list[str]:
    framework = read_framework("crcn")
    samples = sample_records(framework, Rules.of(framework, issuer))
    found = check_template(
        path, issuer=issuer, framework=framework, languages=["fr"], samples=samples
    )
    return [*map(str, found)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "problem", "hint"),
    [
        (('data-field="centre"', 'data-text="Lycée"'), "the seal says the centre", "leave it out"),
        (
            (r"data-format=.* '\{birth_date\}' \}\}\"", 'data-text="1"'),
            "the seal says the date of birth",
            "leave it out",
        ),
        (('data-field="full_name"', 'data-field="last_name"'), "first name", "leave it out"),
        (('data-field="score"', 'data-text="9"'), "the seal says the score", "leave it out"),
        (
            ('data-format="{{ label.valid_until }}"', 'data-text="2030"'),
            "the seal says the last day of validity",
            "every seal",
        ),
        (('data-field="verification_code"', 'data-text="P"'), "verification code", "every seal"),
        (('data-field="{{ field }}"', 'data-format="{score}"'), "level of 1.1", "every seal"),
        (('<image data-field="qr_address"', '<image data-sample=""'), "no QR code", "Draw it"),
    ],
)
def test_page_without_what_its_seal_says_is_refused(
    changed: Change, record: dict[str, Any], change: tuple[str, str], problem: str, hint: str
) -> None:
    """When it is printed and when it is checked; whoever verified it would call it a forgery."""
    path = changed(change)
    Press(path, default_issuer()).render(record)
    with pytest.raises(TemplateError) as caught:
        render(path, record, sealing())
    assert problem in caught.value.problem
    assert caught.value.hint is not None
    assert hint in caught.value.hint
    assert any(problem in found for found in check(path, sealing()))


@pytest.mark.slow
def test_page_need_not_show_what_the_seal_leaves_out(
    changed: Change, record: dict[str, Any]
) -> None:
    """The issuer chooses what the seal says."""
    path = changed(('data-field="centre"', 'data-text="Lycée"'))
    issuer = sealing(("first_name", "last_name"))
    assert check(path, issuer) == []
    assert render(path, record, issuer)


@pytest.mark.parametrize(
    ("drawn", "is_shown"),
    [
        ('<g data-when="{0}">{1}</g>', False),
        ('<g data-when="{0}">{1}</g><g data-when="not {0}">{1}</g>', True),
        ('<g data-when="not score">{1}</g>', False),
        ('<g data-when="score">{1}</g>', True),
        ('<g data-when="score >= 100">{1}</g>', False),
    ],
)
def test_what_only_some_pages_show_does_not_count(
    changed: Change, record: dict[str, Any], drawn: str, *, is_shown: bool
) -> None:
    """Under a condition, unless it holds for all pages of a kind or its contrary shows it too."""
    text = '<text x="60" y="240" data-field="centre" data-width="183" data-min-size="4"/>'
    own = drawn.format("level:1.1", text)
    path = changed((r'<text[^>]*data-field="centre"[^>]*>[^<]*</text>', own))
    if is_shown:
        assert render(path, record, sealing())
    else:
        with pytest.raises(TemplateError, match="the seal says the centre"):
            render(path, record, sealing())


def test_levels_may_be_fixed_texts_of_what_was_reached(
    changed: Change, record: dict[str, Any]
) -> None:
    """`data-when="level:1.1 >= 3"` around a number shows it as well as the field does."""
    steps = '<text class="level" x="284" y="3" data-when="{{ field }} >= 2">2</text>'
    level = r'<text class="level"[^>]*data-field="\{\{ field \}\}">2</text>'
    empty = r'data-empty="\{\{ label.not_acquired \}\}"'
    assert render(changed((level, steps), (empty, "")), record, sealing())


@pytest.mark.slow
@pytest.mark.parametrize("drawing", ["attestation", "landscape"])
@pytest.mark.parametrize("framework", ["crcn", "digcomp"])
def test_shipped_drawings_show_all_that_a_seal_may_say(drawing: str, framework: str) -> None:
    """Whatever the issuer puts into it."""
    issuer = sealing((*DEFAULT_FIELDS, "birth_place"))
    attested = read_framework(framework)
    found = check_template(
        assets.template_path(drawing),
        issuer=issuer,
        framework=attested,
        languages=["fr"],
        samples=sample_records(attested, Rules.of(attested, issuer)),
    )
    assert found == []
