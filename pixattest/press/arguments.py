"""Arguments as a caller gives them → what a press uses, or an error that says what to give.

Each of these mix-ups would raise a Python error far from its cause, or print nothing at all.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from pixattest.errors import InputError
from pixattest.model.record import Record
from pixattest.output import Sink, new_file

if TYPE_CHECKING:
    from os import PathLike

Source = Record | Mapping[str, object]
"""A record, or the JSON-like mapping to read one from."""

PATH = (str, os.PathLike)
"""Types of a path."""


def check_type(name: str, given: object, types: tuple[type, ...], wanted: str) -> None:
    """Refuse an argument that is given and is of none of some types.

    Args:
        name: of the argument.
        given: None: it is not given.
        types: of which it may be.
        wanted: what to give, for the message.

    Raises:
        InputError: it is of another type.
    """
    if given is not None and not isinstance(given, types):
        raise _mixed_up(name, given, wanted)


def check_method(name: str, given: object, method: str, wanted: str) -> None:
    """Refuse an argument that is given and lacks a method or attribute.

    The arguments are those of `check_type`; an optional package need not be imported for its type.

    Raises:
        InputError: it lacks the method.
    """
    if given is not None and not hasattr(given, method):
        raise _mixed_up(name, given, wanted)


def several(records: Iterable[Source]) -> Iterable[Source]:
    """Records, where a caller may give one, or the path of a file.

    Raises:
        InputError: they are not several records.
    """
    if isinstance(records, Record | Mapping):
        raise InputError("this is one record", hint="Use render, or put it into a list.")
    if isinstance(records, str | bytes | os.PathLike) or not isinstance(records, Iterable):
        raise _mixed_up("records", records, "records first, such as a list of them")
    return records


def opened(target: str | PathLike[str] | Sink, *, force: bool) -> AbstractContextManager[Sink]:
    """What takes the bytes of a file: a new file, if the target is a path.

    Raises:
        InputError: the target is neither a path nor takes bytes.
    """
    if isinstance(target, str | os.PathLike):
        return new_file(Path(target), force=force)
    if not hasattr(target, "write"):
        raise _mixed_up("target", target, "a path, or a stream that takes bytes")
    return nullcontext(target)


def _mixed_up(name: str, given: object, wanted: str) -> InputError:
    # The value is not shown: it may be of a person.
    problem = f"{name} can't be of the type {type(given).__name__}"
    return InputError(problem, hint=f"Give {wanted}.")
