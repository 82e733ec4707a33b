"""What went wrong → one tree of errors, each saying where, what, and how to mend it."""

from __future__ import annotations

import copy
import importlib
import multiprocessing
import pickle
import pkgutil
import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import pytest

import pixattest
from pixattest import errors
from pixattest.errors import (
    CredentialError,
    Fault,
    FrameworkError,
    InputError,
    IssuerError,
    LayoutError,
    LedgerError,
    OutputError,
    PixattestError,
    RecordError,
    SealError,
    SelectionError,
    SigningError,
    TemplateError,
    did_you_mean,
    shown,
)
from pixattest.intake.values import MisreadError

SIMPLE = [
    InputError,
    IssuerError,
    FrameworkError,
    TemplateError,
    OutputError,
    SelectionError,
    SigningError,
    LedgerError,
    CredentialError,
]
FAULT = Fault("levels.3.2", 9, "9 is not a level from 0 to 6", "Correct the level.")


def test_tree_is_as_drawn_at_the_top_of_the_module() -> None:
    """The drawing has every error, below the one it descends from."""
    assert errors.__doc__ is not None
    drawn: dict[str, str] = {}
    path: list[str] = []
    for branch, name in re.findall(r"^([│ ]*[├└]── |)(\w+Error)\b", errors.__doc__, re.MULTILINE):
        depth = len(branch) // 4
        path[depth:] = [name]
        drawn[name] = path[depth - 1] if depth else "Exception"
    classes = {
        name: value
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, Exception)
    }
    assert drawn == {name: value.__mro__[1].__name__ for name, value in classes.items()}


@pytest.mark.parametrize("kind", SIMPLE)
@pytest.mark.parametrize(
    ("details", "message"),
    [
        ({}, "Is broken."),
        ({"hint": "Mend it."}, "Is broken. Mend it."),
        ({"source": "a.toml"}, "a.toml: is broken."),
        ({"source": "a.toml", "line": 7}, "a.toml, line 7: is broken."),
        ({"line": 7, "hint": "Mend it."}, "line 7: is broken. Mend it."),
        ({"source": "a.toml", "hint": "Mend it."}, "a.toml: is broken. Mend it."),
    ],
)
def test_message_is_where_what_and_mend(
    kind: type[PixattestError], details: dict[str, object], message: str
) -> None:
    """What is not known leaves no gap, and each part is an attribute too."""
    error = kind("is broken", **details)  # type: ignore[arg-type]
    assert str(error) == message
    assert error.problem == "is broken"
    assert {name: getattr(error, name) for name in ("hint", "source", "line")} == {
        "hint": None,
        "source": None,
        "line": None,
    } | details


@pytest.mark.parametrize(
    ("source", "row", "where"),
    [
        ("a.jsonl", 3, 'a.jsonl, record 3, field "levels.3.2": '),
        ("a.jsonl", None, 'a.jsonl, field "levels.3.2": '),
        (None, 3, 'record 3, field "levels.3.2": '),
        (None, None, 'field "levels.3.2": '),
    ],
)
@pytest.mark.parametrize("kind", [RecordError, LayoutError])
def test_fault_of_a_record_says_where(
    kind: type[RecordError], source: str | None, row: int | None, where: str
) -> None:
    """The error's own source and row are those of its faults."""
    error = kind([FAULT], source=source, row=row)
    assert str(error) == f"{where}9 is not a level from 0 to 6. Correct the level."
    assert (error.source, error.row) == (source, row)
    assert (error.field, error.hint) == (FAULT.field, FAULT.hint)
    assert (error.faults[0].source, error.faults[0].row) == (source, row)


def test_source_and_row_that_a_fault_has_are_kept() -> None:
    """Naming the file once more, further up, does not move the fault."""
    first = RecordError([FAULT], source="a.jsonl", row=3)
    again = RecordError(first.faults, source="b.jsonl", row=9)
    assert again.faults == first.faults
    assert (again.source, again.row) == ("a.jsonl", 3)


def test_message_of_a_record_has_a_line_for_each_fault() -> None:
    """In the order in which they were found."""
    other = Fault("score", -1, "-1 is too low", "Correct the score.")
    lines = str(RecordError([FAULT, other], source="a.json")).splitlines()
    assert lines == [
        'a.json, field "levels.3.2": 9 is not a level from 0 to 6. Correct the level.',
        'a.json, field "score": -1 is too low. Correct the score.',
    ]


EVERY = [
    *(kind("is broken", hint="Mend it.", source="a", line=7) for kind in SIMPLE),
    PixattestError("is broken"),
    RecordError([FAULT, FAULT], source="a.jsonl", row=3),
    LayoutError([Fault("centre", ["x"], "does not fit", "Shorten it.")], row=2),
    SealError("is none", reason="malformed", hint="Scan it again."),
    OutputError("is full", source="a.pdf", errno=28),
    MisreadError("is not a level", "Write a figure."),
]


def kinds(kind: type[Exception]) -> Iterator[type[Exception]]:
    yield kind
    for further in kind.__subclasses__():
        yield from kinds(further)


def test_every_kind_of_error_is_pickled_below() -> None:
    """Wherever in the package it is defined."""
    for module in pkgutil.walk_packages(pixattest.__path__, "pixattest."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    own = {kind for kind in kinds(PixattestError) if kind.__module__.startswith("pixattest.")}
    assert own <= {type(error) for error in EVERY}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("error", EVERY, ids=lambda error: type(error).__name__)
def test_errors_survive_pickling(error: Exception, protocol: int) -> None:
    """A worker process can hand its errors back."""
    for found in (pickle.loads(pickle.dumps(error, protocol)), copy.copy(error)):
        assert type(found) is type(error)
        assert str(found) == str(error)
        assert found.args == error.args
        assert vars(found) == vars(error)
        for name in ("errno", "strerror", "filename"):
            assert getattr(found, name, None) == getattr(error, name, None)


def test_what_was_noted_of_an_error_comes_back_with_it() -> None:
    error = InputError("is broken")
    error.add_note("in the third run")
    error.line = 9
    found = pickle.loads(pickle.dumps(error))
    assert (found.__notes__, found.line) == (["in the third run"], 9)


def _fail() -> None:
    raise SealError("is none", reason="malformed", hint="Scan it again.")


@pytest.mark.slow
def test_a_pool_of_processes_hands_an_error_back_and_goes_on() -> None:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        with pytest.raises(SealError, match="Is none") as raised:
            pool.submit(_fail).result()
        assert raised.value.reason == "malformed"
        assert pool.submit(abs, -1).result() == 1


def test_a_bad_record_is_a_bad_value_and_an_unwritable_file_an_error_of_the_system() -> None:
    """So that code that knows nothing of pixattest catches them as it catches others."""
    assert issubclass(RecordError, ValueError)
    with pytest.raises(OSError, match=r"^a\.pdf: is full\. Make room\.$") as raised:
        raise OutputError("is full", source="a.pdf", hint="Make room.", errno=28)
    assert (raised.value.errno, raised.value.strerror, raised.value.filename) == (
        *(28, "is full"),
        "a.pdf",
    )
    assert OutputError("is full").errno is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Camille", "'Camille'"),
        ("Zoé Nguyễn", "'Zoé Nguyễn'"),
        ("a\u202eb\x1b\n", r"'a\u202eb\x1b\n'"),
        ("\ud800", r"'\ud800'"),
        (["\u202e"], r"['\u202e']"),
        (1.5, "1.5"),
        (None, "None"),
        ("x" * 200, "'" + "x" * 58 + "…"),
        ([0] * 1000, "[" + "0, " * 19 + "0" + "…"),
    ],
)
def test_bad_value_is_shown_short_and_visible(value: object, text: str) -> None:
    """In quotes, 60 characters at most, nothing that can't be seen."""
    assert shown(value) == text
    assert len(shown(value)) <= 60


def test_value_that_can_not_be_written_out_is_shown_all_the_same() -> None:
    """Python refuses to write endless numbers and bottomless lists; a message must not fail."""
    bottomless: list[object] = []
    for _ in range(20_000):
        bottomless = [bottomless]
    for value in (10**5000, -(10**5000), bottomless, [10**5000]):
        assert 0 < len(shown(value)) <= 60


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("frist_name", 'Did you mean "first_name"?'),
        ("First_Name ", 'Did you mean "first_name"?'),
        ("centre", 'Did you mean "centre"?'),
        ("center", 'Did you mean "centre"?'),
        ("qwerty", None),
        ("", None),
    ],
)
def test_near_miss_gets_a_suggestion(wrong: str, hint: str | None) -> None:
    """A known word that is near, or nothing: no far-fetched one."""
    assert did_you_mean(wrong, ["first_name", "last_name", "centre"]) == hint


def test_full_stop_of_somebody_else_is_not_doubled() -> None:
    """What a library says may be a whole sentence."""
    error = InputError("can't be read: data format error.", source="a.pdf", hint="Ask for another.")
    assert str(error) == "a.pdf: can't be read: data format error. Ask for another."
    assert str(PixattestError("no answer.")) == "No answer."
