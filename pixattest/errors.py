"""What went wrong → one tree of errors, each saying where, what, and how to mend it.

PixattestError
├── InputError       a file or standard input that can't be read as records
├── RecordError      a record that breaks a rule; carries every fault found in it
│   └── LayoutError  a valid record that the page can't hold: no room, or no glyph
├── IssuerError      an issuer's file, or an image, font or key that it names
├── FrameworkError   a framework's file
├── TemplateError    a template, its labels or its drawing
├── OutputError      a file that can't be written
├── SigningError     a key that can't be used, or a signature that can't be made or read
├── SelectionError   people or pages that are asked for, and not understood or not there
├── LedgerError      a ledger that can't be used, or does not hold what is asked for
├── SealError        a seal that does not hold; `reason` says why
└── CredentialError  an attached file that is not what its issuer has signed
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

# A message repeats so many characters of a bad value: enough to find it, and no more of a person.
_LONGEST_VALUE = 60


class PixattestError(Exception):
    """Base of all errors that pixattest raises on purpose.

    Args:
        problem: what is wrong, without a final full stop.
        hint: how to mend it, a sentence.
        source: the file or other origin.
        line: line in the source, from 1.
    """

    def __init__(
        self,
        problem: str,
        *,
        hint: str | None = None,
        source: str | None = None,
        line: int | None = None,
    ) -> None:
        self.problem = problem
        self.hint = hint
        self.source = source
        self.line = line
        super().__init__(problem)

    def __str__(self) -> str:
        where = ", ".join(
            part for part in (self.source, f"line {self.line}" if self.line else None) if part
        )
        return sentence(where, self.problem, self.hint)

    def __reduce__(self) -> tuple[object, ...]:
        # Python would call the class with `args` alone, though several kinds need more than that.
        return _restored, (type(self), self.args, self._state())

    def _state(self) -> dict[str, Any]:
        """The values of the error's attributes, by their names."""
        return vars(self)


def _restored(kind: type[PixattestError], args: tuple[Any, ...], state: dict[str, Any]) -> Any:
    """An error that was pickled, such as one that a worker process hands back."""
    error = kind.__new__(kind, *args)
    error.args = args
    for name, value in state.items():
        setattr(error, name, value)
    return error


class InputError(PixattestError):
    """A file or standard input that can't be read as records."""


class IssuerError(PixattestError):
    """An issuer's file that can't be used, or an image, font or key that it names."""


class FrameworkError(PixattestError):
    """A framework's file that can't be used."""


class TemplateError(PixattestError):
    """A template, its labels or its drawing that can't be compiled."""


class OutputError(PixattestError, OSError):
    """A file that can't be written; it is an `OSError`, too.

    Args:
        problem: what is wrong, without a final full stop.
        hint: how to mend it, a sentence.
        source: the file; it is the error's `filename`, too.
        line: as for every error.
        errno: the number of the system's error that caused this one; None where none did.
    """

    def __init__(
        self,
        problem: str,
        *,
        hint: str | None = None,
        source: str | None = None,
        line: int | None = None,
        errno: int | None = None,
    ) -> None:
        super().__init__(problem, hint=hint, source=source, line=line)
        self.errno = errno
        self.strerror = problem
        self.filename = source

    def _state(self) -> dict[str, Any]:
        # Those three are kept by OSError itself, outside the attributes' dictionary.
        own = {"errno": self.errno, "strerror": self.strerror, "filename": self.filename}
        return vars(self) | own


class SigningError(PixattestError):
    """A key or certificate that can't be used, or a document that can't be signed with it."""


class SelectionError(PixattestError):
    """A selection that is not understood, or that nothing in the batch answers to."""


class LedgerError(PixattestError):
    """A ledger that can't be opened, read or written, or that does not hold what is asked for."""


class SealError(PixattestError):
    """A seal that does not hold.

    Args:
        problem: as for every error.
        hint: as for every error.
        reason: `malformed`, `unknown_key` or `altered`.
    """

    def __init__(self, problem: str, *, reason: str, hint: str) -> None:
        self.reason = reason
        super().__init__(problem, hint=hint)


class CredentialError(PixattestError):
    """An attached file that is not what its issuer has signed."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One violation in one record.

    Attributes:
        field: name of the record's field, such as `birth_date` or `levels.3.2`.
        value: the bad value as it came; None when it is missing.
        problem: what is wrong with it and what is allowed.
        hint: how to mend it, a sentence.
        source: the file or other origin of the record.
        row: number of the record in its source, from 1.
    """

    field: str
    value: object
    problem: str
    hint: str
    source: str | None = None
    row: int | None = None

    def __str__(self) -> str:
        where = [self.source] if self.source else []
        if self.row is not None:
            where.append(f"record {self.row}")
        where.append(f'field "{visible(self.field)}"')
        return sentence(", ".join(where), self.problem, self.hint)


class RecordError(PixattestError, ValueError):
    """A record that breaks one rule or several; `faults` holds all of them.

    `source` and `row` say which record; `field` and `hint` are those of the first fault.
    """

    def __init__(
        self, faults: Iterable[Fault], *, source: str | None = None, row: int | None = None
    ) -> None:
        self.faults = tuple(
            replace(
                fault, source=fault.source or source, row=row if fault.row is None else fault.row
            )
            for fault in faults
        )
        first = self.faults[0]
        self.row = first.row
        self.field = first.field
        super().__init__(first.problem, hint=first.hint, source=first.source)

    def __str__(self) -> str:
        return "\n".join(map(str, self.faults))


class LayoutError(RecordError):
    """A valid record that the page can't hold: a text without room, a character without glyph."""


def shown(value: object) -> str:
    """Write a bad value as a message repeats it: in quotes, short, and with nothing invisible."""
    try:
        text = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    except (RecursionError, ValueError):
        # Python does not write out numbers of thousands of digits, nor bottomless lists.
        return f"a value of the type {type(value).__name__}, too large to be shown,"
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def visible(text: str) -> str:
    """Write a key as a message repeats it: short, and with nothing that a terminal would obey."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text[:_LONGEST_VALUE])


def did_you_mean(wrong: str, known: Iterable[str]) -> str | None:
    """Return 'Did you mean "x"?' where a word is nearly a known one, else None."""
    near = difflib.get_close_matches(wrong.strip().lower(), list(known), n=1, cutoff=0.6)
    return f'Did you mean "{near[0]}"?' if near else None


def sentence(where: str, problem: str, hint: str | None) -> str:
    """Join where, what and how to mend it, in the one form that every message has."""
    problem = problem.rstrip(" .")  # what a library says may end in a full stop
    text = f"{where}: {problem}." if where else f"{problem[:1].upper()}{problem[1:]}."
    return f"{text} {hint}" if hint else text
