"""A framework → made-up records that try a template: short, long, empty and full."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from pixattest.model.fields import Kind
from pixattest.model.framework import Framework
from pixattest.model.record import FIELDS, Record, Rules, read_record

NAMES = ("short", "long", "empty", "full")
"""The example's own texts; long texts; nothing that can be left out; every level the highest."""

_TEXTS = [field for field in FIELDS.values() if field.kind is Kind.TEXT]


def sample_records(framework: Framework, rules: Rules) -> dict[str, Record]:
    """Make a record for each of `NAMES`; the people in them do not exist."""
    numbers = list(framework.competences)
    top = framework.usual_max_level
    some = {number: 1 + place % top for place, number in enumerate(numbers[::2])}
    # A code that matches the pattern can't be made up from it, so samples may have any code.
    rules = replace(rules, code_pattern=re.compile(".+"))
    extra = framework.fields
    usual = {field.name: field.sample for field in _TEXTS} | {
        "birth_date": date(2003, 9, 30),
        "delivered_on": date(2024, 9, 30),
        "verification_code": rules.new_code.replace("?", "W"),
        "max_level": top,
        "extra": {key: own.sample for key, own in extra.items()},
    }

    def made(levels: Mapping[str, int], score: int | None = None, **changes: Any) -> Record:
        values = usual | changes | {"levels": levels, "score": score if framework.score else None}
        return read_record(values, rules=rules)

    longest = {field.name: field.longest or field.sample for field in _TEXTS}
    # All are of one class, for a cover lists a class.
    lacking = {field.name: None for field in _TEXTS if field.optional and field.name != "group"}
    return {
        "short": made(some, min(142, framework.max_score(top))),
        "long": made(
            some,
            framework.max_score(top),
            **longest,
            extra={key: own.longest or own.sample for key, own in extra.items()},
        ),
        "empty": made(
            {numbers[-1]: 1},
            **lacking,
            first_name="Ô",
            last_name="X",
            centre="Z",
            extra={key: own.sample for key, own in extra.items() if own.required},
        ),
        "full": made(
            dict.fromkeys(numbers, framework.levels),
            framework.max_score(framework.levels),
            first_name="Świętosława",
            last_name="Nguyễn-Đặng",
            delivered_on=date(2024, 10, 1),
            max_level=framework.levels,
        ),
    }
