"""Names of fields in a drawing → formats and conditions that hold only fields there are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from pixattest.errors import TemplateError, did_you_mean
from pixattest.model.framework import Framework, name_in
from pixattest.model.issuer import Issuer
from pixattest.template.labels import Labels, labels_file, line_of
from pixattest.template.node import Node
from pixattest.template.plate import AnyVariant, CoverVariant, Variant
from pixattest.template.slots import Format, parse_format

_CONDITION = re.compile(r"(not )?(\S+)(?: >= ([0-9]{1,4}))?")
"""Matches what data-when may be: `score`, `not score`, `level:1.1 >= 3`, `not score >= 120`."""


class Condition(NamedTuple):
    """What data-when of an element asks of a record.

    Attributes:
        field: the name of the field.
        present: whether the field must be there; otherwise it must not be there.
        least: the number that it must reach to count as there; None where any value counts.
    """

    field: str
    present: bool
    least: int | None


class Fields:
    """The fields that a page of one variant may show, in one language.

    Args:
        variant: the kind of page.
        framework: the competences that are attested.
        issuer: who attests.
        labels: the words of the language.
        language: the language, as BCP 47 writes it.
        folder: the template's folder, from which the labels are.

    Attributes:
        calendar: how the language writes dates and numbers.
        vocabulary: reads the fields that a record fills.
    """

    def __init__(
        self,
        variant: AnyVariant,
        framework: Framework,
        issuer: Issuer,
        labels: Labels,
        language: str,
        folder: Path,
    ) -> None:
        self._labels = labels
        self._language = language
        self._folder = folder
        self.calendar = labels.calendar(language)
        self.vocabulary = variant.vocabulary(framework, language, self.calendar, issuer)
        number = self.calendar.number
        # The variant settles these fields, so they are set once, as any static text is.
        self._settled = {
            "top_level": str(framework.levels),
            "top_score": number(framework.max_score(framework.levels)),
            "unit": name_in(framework.score.unit, language) if framework.score else "",
            "issuer": issuer.name,
            "certification": issuer.certification,
        }
        if not isinstance(variant, CoverVariant):
            self._settled |= {
                "max_level": framework.names_of_levels(language)[variant.max_level - 1],
                "max_score": number(framework.max_score(variant.max_level)),
            }
        if isinstance(variant, Variant):
            self._settled["years"] = labels.years_in_words(variant.years)

    def read_format(self, text: str, node: Node) -> Format:
        """Read a format such as `{birth_date} à {birth_place}`; settled fields are filled in.

        Args:
            text: the format.
            node: the element where it stands, for errors.

        Raises:
            TemplateError: its braces do not match, or there is no such field.
        """
        try:
            format_ = parse_format(text)
        except ValueError as reason:
            raise node.error(
                f"{text!r} has braces that do not match: {reason}",
                "Braces hold the name of a field. One to be printed comes from a label, doubled:"
                " {{ or }}.",
            ) from None
        parts: list[tuple[str, str]] = []
        for literal, name in format_.parts:
            if name in self._settled:
                literal, name = literal + self._settled[name], ""
            elif name:
                self.check(name, node)
            if parts and not parts[-1][1]:
                parts[-1] = (parts[-1][0] + literal, name)
            else:
                parts.append((literal, name))
        return Format(tuple(parts))

    def read_condition(self, node: Node) -> Condition | None:
        """Read data-when of an element; return None where it has none.

        Raises:
            TemplateError: it can't be read, there is no such field, or the field is no number.
        """
        text = node.attributes.get("data-when")
        if text is None:
            return None
        found = _CONDITION.fullmatch(text)
        if not found:
            raise node.error(
                f"data-when is {text!r}",
                'Write a field, such as "level:1.1", "not score", "level:1.1 >= 3" or "not score'
                ' >= 120".',
            )
        negative, name, least = found.groups()
        self.check(name, node)
        if least and name not in self.vocabulary.numbers:
            hint = f"Fields with a number are {', '.join(self.vocabulary.numbers)}."
            raise node.error(f"{name} is no number", hint)
        return Condition(name, not negative, int(least) if least else None)

    def check(self, name: str, node: Node) -> None:
        """Refuse a field that a page does not have.

        Raises:
            TemplateError: there is no such field. The error stands at the label in which the name
                is, or else at the element.
        """
        if name in self.vocabulary:
            return
        known = [*self.vocabulary, *self._settled]
        hint = did_you_mean(name, known) or f"Fields are {', '.join(_kinds(known))}."
        # Labels write {person.name} for the field of each person, person:3.name.
        written = re.sub(r"^person:\d+\.", "person.", name)
        words = self._labels.words.items()
        word = next((word for word, text in words if f"{{{written}}}" in text), None)
        if word:
            problem = f'there is no field {written!r}, which the word "{word}" shows'
            source, line = labels_file(self._language), line_of(self._folder, self._language, word)
            raise TemplateError(problem, hint=hint, source=source, line=line)
        raise node.error(f"there is no field {name!r}", hint)


def _kinds(names: Iterable[str]) -> Iterator[str]:
    """Yield names of fields, but only one for all levels and one for all people."""
    alike: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        kind = re.sub(r"person:[0-9]+|level:.+", lambda found: found[0][:6], name)
        alike.setdefault(kind, []).append(name)
    for first, *others in alike.values():
        yield f"{first} and so on" if others else first
