"""Fields in a drawing: formats, conditions, and names that are not known."""

from __future__ import annotations

import pytest
from drawings import P, Refused


@pytest.mark.parametrize(
    ("body", "problem", "hint"),
    [
        (P.format('<text data-field="ful_name"/>'), "no field 'ful_name'", '"full_name"?'),
        (P.format('<text data-field="level:1.9"/>'), "no field 'level:1.9'", '"level:1.'),
        (P.format('<text data-field="zzz"/>'), "no field 'zzz'", "Fields are "),
        (P.format('<text data-format="{scor}"/>'), "no field 'scor'", '"score"?'),
        (P.format('<text data-format="{score"/>'), "braces that do not match", "{{ or }}"),
        (P.format('<text data-when="skore">a</text>'), "no field 'skore'", '"score"?'),
        (P.format('<text data-when="score > 3">a</text>'), "data-when is 'score > 3'", ">= 3"),
        (P.format('<text data-when="score >= x">a</text>'), "data-when is 'score >= x'", ">= 3"),
        (P.format('<text data-when="centre >= 3">a</text>'), "centre is no number", "score"),
        (P.format('<text data-format="{}"/>'), "nothing in {}", "label"),
    ],
)
def test_field_that_is_not_there_is_refused(
    refused: Refused, body: str, problem: str, hint: str | None
) -> None:
    """Each fault is named with the template's name, its line, and how to mend it."""
    error = refused(body)
    assert problem in error.problem
    assert (error.source, error.line) == ("page.svg", 3)
    assert hint is None or hint in str(error.hint)
