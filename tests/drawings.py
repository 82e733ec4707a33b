"""Small templates: the words that they have, what they must show, the usual kind of page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pixattest import TemplateError
from pixattest.template.plate import Plate, Variant

LABELS = """date = "d MMMM y"
[words]
title = "Attestation"
born = "Né le {birth_date}"
quote = 'a "b" <c> & {{d}}'
[years]
3 = "trois ans"
"""

VARIANT = Variant(
    max_level=6,
    score=True,
    birth_place=True,
    years=3,
    recognition=False,
    specimen=False,
    sealed=False,
)

FEW_WORDS = LABELS.replace('born = "Né le {birth_date}"\n', "").replace(
    "quote = 'a \"b\" <c> & {{d}}'\n", ""
)
"""The words without those that the shipped drawings do not name."""

NAME = '<text x="10" y="20" data-field="full_name" data-width="180" data-min-size="2">A</text>'
CODE = '<text x="10" y="34" data-field="verification_code">P-12345678</text>'
SHOWN = f'<g role="paragraph">{NAME}{CODE}</g>'
"""What every first page must show, on one line."""

P = '\n<g role="paragraph">{}</g>'
"""A paragraph whose content stands on line 3."""

Write = Callable[..., Path]
Faults = Callable[..., list[str]]
Compile = Callable[..., Plate]
Refused = Callable[..., TemplateError]
