"""A number → that many made-up records, always the same ones.

No two records of a file are alike and no code comes twice, so that nothing that a library keeps
from one page helps it with the next more than it would in a school. The centre and the day of
delivery are one for every CLASS records. They are streamed: memory holds the codes alone.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CODE_ALPHABET = "2346789BCDFGHJKMPQRTVWXY"
CLASS = 500
COMPETENCES = {1: 3, 2: 4, 3: 4, 4: 3, 5: 2}

PEOPLE: dict[str, list[str]] = json.loads(
    (Path(__file__).parent / "people.json").read_text(encoding="utf-8")
)


def make_records(count: int, seed: int = 2024) -> list[dict[str, Any]]:
    """Make `count` records; the first n of them do not depend on `count`."""
    return list(stream_records(count, seed))


def stream_records(
    count: int, seed: int = 2024, classes: int | None = None
) -> Iterator[dict[str, Any]]:
    """Make `count` records, one after the other.

    Args:
        count: how many are made.
        seed: of the random generator.
        classes: number of classes that the records are shared out to at random; None: they are in
            rows of 25, class after class.
    """
    chance = random.Random(seed)
    shuffled = random.Random(seed)
    codes: set[str] = set()
    centres = PEOPLE["centres"]
    for number in range(count):
        while (code := "P-" + "".join(chance.choices(CODE_ALPHABET, k=8))) in codes:
            pass
        codes.add(code)
        levels = {
            f"{domain}.{place}": level
            for domain, last in COMPETENCES.items()
            for place in range(1, last + 1)
            if (level := max(0, chance.randint(-2, 6)))
        }
        record: dict[str, Any] = {
            "first_name": chance.choice(PEOPLE["first_names"]),
            "last_name": " ".join(chance.sample(PEOPLE["last_names"], chance.choice((1, 1, 1, 2)))),
            "birth_date": f"{chance.randint(2003, 2009)}-{chance.randint(1, 12):02}-"
            f"{chance.randint(1, 28):02}",
            "birth_place": chance.choice(PEOPLE["birth_places"]),
            "centre": centres[number // CLASS % len(centres)],
            "delivered_on": f"2024-02-{9 + number // CLASS % 20:02}",
            "verification_code": code,
            "score": sum(levels.values()) * 8,
            "max_level": 6,
            "levels": levels,
            "group": f"TCAP{number // 25 % 20 + 1}",
        }
        if classes:
            record["group"] = f"T{shuffled.randrange(classes) + 1}"
        yield record


def write_records(path: Path, count: int, classes: int | None = None) -> None:
    """Write `count` records as JSON Lines; see `stream_records`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for record in stream_records(count, classes=classes):
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
