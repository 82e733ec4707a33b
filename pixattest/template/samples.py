"""A framework → made-up records that try a template: short, long, empty and full."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from pixattest.model.framework import Framework
from pixattest.model.record import Record, Rules

NAMES = ("short", "long", "empty", "full")
"""The example's own texts; long texts; nothing that can be left out; every level the highest."""


def sample_records(framework: Framework, rules: Rules) -> dict[str, Record]:
    """Make a record for each of `NAMES`; the people in them do not exist."""
    numbers = list(framework.competences)
    top = framework.usual_max_level
    some = {number: 1 + place % top for place, number in enumerate(numbers[::2])}
    most = framework.max_score(framework.levels)
    # A code that matches the pattern can't be made up from it, so samples may have any code.
    rules = replace(rules, code_pattern=re.compile(".+"))
    fields = framework.fields
    usual = {key: own.sample for key, own in fields.items()}
    longest = {key: own.longest or own.sample for key, own in fields.items()}
    needed = {key: own.sample for key, own in fields.items() if own.required}

    def made(
        first_name: str,
        last_name: str,
        levels: dict[str, int],
        *,
        birth_place: str | None = "Nantes",
        centre: str = "LP De Bougainville",
        delivered_on: date = date(2024, 9, 30),
        score: int | None = None,
        max_level: int = top,
        extra: dict[str, str] = usual,
    ) -> Record:
        return Record(
            first_name=first_name,
            last_name=last_name,
            birth_date=date(2003, 9, 30),
            birth_place=birth_place,
            centre=centre,
            delivered_on=delivered_on,
            verification_code=rules.new_code.replace("?", "W"),
            score=score if framework.score else None,
            max_level=max_level,
            levels=levels,
            group="TCAP1",
            extra=extra,
            rules=rules,
        )

    return {
        "short": made("Camille", "Martin", some, score=min(142, framework.max_score(top))),
        "long": made(
            "Maximilienne-Alexandrine Philippine",
            "de La Rochefoucauld-Montmorency d'Estournelles",
            some,
            birth_place="Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson",
            centre="Établissement régional d'enseignement adapté Toulouse-Lautrec de Vaucresson",
            score=framework.max_score(top),
            extra=longest,
        ),
        "empty": made("Ô", "X", {numbers[-1]: 1}, birth_place=None, centre="Z", extra=needed),
        "full": made(
            "Świętosława",
            "Nguyễn-Đặng",
            dict.fromkeys(numbers, framework.levels),
            delivered_on=date(2024, 10, 1),
            score=most,
            max_level=framework.levels,
        ),
    }
