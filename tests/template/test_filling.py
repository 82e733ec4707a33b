"""Jinja2 of a template: what it may call beside Jinja2's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from pixattest.errors import TemplateError
from pixattest.template.filling import fill
from pixattest.template.findings import Findings


def filled(folder: Path, text: str, **known: object) -> str:
    path = folder / "page.svg"
    path.write_text(f"<svg>\n{text}\n</svg>", encoding="utf-8")
    return fill(path, known, Findings())


@pytest.mark.parametrize(
    ("rows", "most", "columns"),
    [
        ([3, 6, 4, 4, 4], 1, "3 6 4 4 4 |"),
        ([3, 6, 4, 4, 4], 2, "3 6 | 4 4 4 |"),
        ([3] * 8, 2, "3 3 3 3 | 3 3 3 3 |"),
        ([5, 1, 1, 1], 3, "5 | 1 1 1 |"),
        ([7], 2, "7 |"),
    ],
)
def test_domains_are_put_into_columns(
    tmp_path: Path, rows: list[int], most: int, columns: str
) -> None:
    """In their order, none parted, the highest column as low as it can be."""
    loop = (
        f"<!--{{% for column in domains|columns({most}) %}}-->"
        "<!--{% for domain in column %}-->{{ domain.rows }} <!--{% endfor %}-->| "
        "<!--{% endfor %}-->"
    )
    found = filled(tmp_path, loop, domains=[{"rows": count} for count in rows])
    assert columns in found


def test_template_may_refuse(tmp_path: Path) -> None:
    """What it says is the error, with the line."""
    with pytest.raises(TemplateError) as caught:
        filled(tmp_path, "{{ refuse('no room', 'Take less.') }}")
    error = caught.value
    assert (error.problem, error.hint, error.line) == ("no room", "Take less.", 2)
