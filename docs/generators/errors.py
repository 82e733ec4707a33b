"""The tree of errors, and mistakes that are made → the page on errors."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from generators.drawings import EXAMPLE, printed
from generators.markdown import table
from pixattest import Press, errors
from pixattest.model import assets


def errors_page() -> Iterator[str]:
    """The tree, each kind, and messages that mistakes really give."""
    yield "# Errors\n"
    yield "All errors that pixattest raises on purpose descend from `PixattestError`. Each says"
    yield "where, what and how to mend it, and has the parts as attributes (`source`, `line`,"
    yield "`problem`, `hint`). A record's faults are all told at once, in `faults`.\n"
    yield "<!-- not run: a tree, which tests/test_errors.py holds to the code -->"
    yield "```text"
    yield (errors.__doc__ or "").partition("\n\n")[2].strip()
    yield "```\n"
    yield "On the command line they go to standard error; the exit status is 1 for a `RecordError`,"
    yield "otherwise 2. `--debug` shows where in the code they come from.\n"
    yield "## Messages you may meet\n"
    yield "Each is what the mistake beside it gives, tried when this page was made.\n"
    yield from table(("mistake", "message"), *((w, f"`` {m} ``") for w, m in messages()))


def _given(**changes: object) -> dict[str, object]:
    return EXAMPLE | changes


def _without(name: str) -> dict[str, object]:
    return {key: value for key, value in EXAMPLE.items() if key != name}


MISTAKES: dict[str, Callable[[Press, Path], object]] = {
    "A field is missing.": lambda press, _: press.read(_without("last_name")),
    "There is no verification code.": lambda press, _: press.read(_without("verification_code")),
    "A field's name is misspelt.": lambda press, _: press.read(
        _without("centre") | {"centr": "LP De Bougainville"}
    ),
    "A date is written as people do.": lambda press, _: press.read(_given(birth_date="12/1/2003")),
    "A day does not exist.": lambda press, _: press.read(_given(birth_date="2007-02-31")),
    "Born after the delivery.": lambda press, _: press.read(_given(birth_date="2025-01-12")),
    "A level is above the highest one.": lambda press, _: press.read(_given(levels={"3.2": 9})),
    "A competence does not exist.": lambda press, _: press.read(_given(levels={"3,2": 1})),
    "Nothing was acquired.": lambda press, _: press.read(_given(levels={})),
    "The score is too high.": lambda press, _: press.read(_given(score=9000)),
    "A name has letters that no font has.": lambda press, _: press.render(_given(first_name="Անի")),
    "A text has no room.": lambda press, _: press.render(_given(centre="W" * 99)),
    "A record's file is not there.": lambda press, _: press.read_file("record.json"),
    "There is nothing to print.": lambda press, here: press.write([], here / "class.pdf"),
    "The target is there already.": lambda press, here: press.write([EXAMPLE], here / "taken.pdf"),
    "A template is not there.": lambda *_: Press(template="atestation"),
    "A language has no labels.": lambda *_: Press(language="br"),
    "An issuer's key is misspelt.": lambda _, here: Press(issuer=here / "issuer.toml"),
    "A drawing has an unknown field.": lambda _, here: _draw(
        here, '<g role="note"><text data-field="ful_name">Ada</text></g>'
    ),
    "A text of a drawing has no role.": lambda _, here: _draw(here, "<text>Ada</text>"),
    "A picture of a drawing is not described.": lambda _, here: _draw(
        here, '<g role="img"><rect width="9" height="9"/></g>'
    ),
    "A drawing has a gradient.": lambda _, here: _draw(
        here, '<rect width="9" height="9" fill="url(#shade)"/>'
    ),
}
"""Mistakes, and what makes them with a press, in a folder."""


def _draw(folder: Path, body: str) -> None:
    printed(body, folder)


def messages() -> Iterator[tuple[str, str]]:
    """Each mistake and the first line that it gives."""
    press = Press()
    press.render(EXAMPLE)  # a fault of the template itself would be taken for each mistake's
    issuer = assets.ISSUER.read_text(encoding="utf-8")
    for mistake, make in MISTAKES.items():
        with tempfile.TemporaryDirectory() as temporary:
            here = Path(temporary)
            (here / "taken.pdf").touch()
            (here / "issuer.toml").write_text(issuer.replace("title =", "titel ="), "utf-8")
            try:
                make(press, here)
            except errors.PixattestError as error:
                told = str(error).splitlines()
                # The record's file names the field; the rest of the message is the same.
                yield mistake, told[-1].replace(f"{temporary}/", "")
            else:
                raise AssertionError(f"{mistake} gives no error")
