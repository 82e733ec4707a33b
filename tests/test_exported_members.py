"""The public names: what `import pixattest` gives, and at what cost."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import types

import pytest

import pixattest
from pixattest import errors

PUBLIC = [name for name in pixattest.__all__ if name != "__version__"]


def test_public_names_are_these() -> None:
    """A name more or less is a decision, so it is made here too."""
    assert set(pixattest.__all__) == {
        "Answer",
        "Attached",
        "Band",
        "CheckedRow",
        "Competence",
        "CredentialError",
        "Domain",
        "Fault",
        "Field",
        "Framework",
        "FrameworkError",
        "InputError",
        "Issuer",
        "IssuerError",
        "LayoutError",
        "Ledger",
        "LedgerError",
        "OutputError",
        "Part",
        "PixattestError",
        "Press",
        "Record",
        "RecordError",
        "Records",
        "Register",
        "Reprint",
        "RevocationList",
        "Rules",
        "Score",
        "SealError",
        "SealKey",
        "SelectionError",
        "SignatureStatus",
        "Signer",
        "SigningError",
        "TemplateError",
        "Verdict",
        "__version__",
        "executor",
        "generate_key",
        "new_code",
        "open_attached",
        "open_ledger",
        "publish_key",
        "read_framework",
        "read_issuer",
        "read_key",
        "read_public_keys",
        "read_record",
        "read_records",
        "read_signature",
        "render",
        "reprint",
        "schema",
        "verify",
        "write_file",
        "write_key",
    }


def test_public_names_are_sorted_and_exist() -> None:
    """Each once, in the order in which one looks them up."""
    assert pixattest.__all__ == sorted(set(pixattest.__all__))
    assert all(hasattr(pixattest, name) for name in pixattest.__all__)


def test_nothing_else_is_public() -> None:
    """A name without underscore in the package is a module or is exported."""
    found = {
        name
        for name, value in vars(pixattest).items()
        if not name.startswith("_")
        and not isinstance(value, types.ModuleType)
        and name != "annotations"
    }
    assert found <= set(PUBLIC)


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLIC)
def test_public_name_is_there_when_it_is_asked_for_first(name: str) -> None:
    """Each can be imported by itself, whatever was imported before."""
    script = f"from pixattest import {name}; assert {name}.__name__ == {name!r}"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_unknown_name_is_refused() -> None:
    """As by any module."""
    with pytest.raises(AttributeError, match="no attribute 'Pres'"):
        pixattest.Pres  # noqa: B018
    assert set(pixattest.__all__) <= set(dir(pixattest))


@pytest.mark.parametrize("name", PUBLIC)
def test_public_name_is_documented(name: str) -> None:
    """By a sentence of its own, not one that a base class or a decorator left."""
    member = getattr(pixattest, name)
    text = vars(member).get("__doc__") if inspect.isclass(member) else member.__doc__
    assert text
    assert not text.startswith(f"{name}(")
    assert re.match(r"[A-Z].*[.:;]$", text.strip().splitlines()[0])


@pytest.mark.parametrize("name", [name for name in PUBLIC if name not in vars(errors)])
def test_public_methods_are_documented(name: str) -> None:
    """Methods and properties of a public class say what they do."""
    member = getattr(pixattest, name)
    if not inspect.isclass(member):
        assert inspect.signature(member).return_annotation not in (None, inspect.Signature.empty)
        return
    own = {key: value for key, value in vars(member).items() if not key.startswith("_")}
    for key, value in own.items():
        if inspect.isroutine(value) or isinstance(value, property | classmethod):
            assert inspect.getdoc(value), f"{name}.{key}"


def test_every_error_is_public() -> None:
    """Whatever pixattest raises on purpose can be caught by its public name."""
    raised = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, Exception)
    }
    assert raised == {name for name in PUBLIC if name.endswith("Error")}


def test_version_is_one() -> None:
    """Three numbers, as the changelog counts them."""
    assert re.fullmatch(r"\d+\.\d+\.\d+", pixattest.__version__)


def test_import_reads_no_file_but_modules() -> None:
    """No work at import: no template, font or settings file is opened, no socket, no process."""
    script = """
import sys
seen = []
def watch(event, args):
    if event == "open" and isinstance(args[0], str):
        if args[0].endswith((".toml", ".svg", ".ttf", ".otf", ".png", ".icc", ".json")):
            seen.append(args[0])
    elif event.startswith(("socket.connect", "subprocess", "os.system", "urllib")):
        seen.append(event)
sys.addaudithook(watch)
import pixattest
print(seen)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
    assert done.stderr == ""
