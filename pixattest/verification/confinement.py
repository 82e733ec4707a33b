"""Function + arguments → what it returns, from a process with little memory and time.

A file that others made may lead a parser to take gigabytes or hours, or to crash. Here that ends
only the process which reads the file. Nothing that comes from it is unpickled.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.spawn import get_executable
from typing import Any, TypeVar

import msgspec

from pixattest import errors
from pixattest.errors import PixattestError

# The process may have addresses for 1 GiB; Windows and macOS do not enforce that.
_MEMORY = 1 << 30

_Result = TypeVar("_Result")

_BEGIN = f"import sys; sys.path[:] = sys.argv[1:]; from {__name__} import _answer; _answer()"


class ConfinedError(Exception):
    """There is no answer: the process took too much, ended, or met an unforeseen error."""


class _Refusal(msgspec.Struct, tag=True, frozen=True):
    """An error that the function raised; `kind` is empty if it is no PixattestError."""

    kind: str
    problem: str
    hint: str | None = None
    source: str | None = None


class _Returned(msgspec.Struct, tag=True, frozen=True):
    value: msgspec.Raw


def confine(
    function: Callable[..., Any], *given: Any, returns: type[_Result], seconds: float
) -> _Result:
    """Call a function in a process of its own; return what it returns.

    Args:
        function: a function of a module.
        given: its arguments, which are pickled.
        returns: type of its result, as msgspec decodes it.
        seconds: time after which the process is stopped.

    Raises:
        PixattestError: the function raised it. It has the same class if that class takes the
            arguments of PixattestError.
        ConfinedError: the function needs more time or memory, or breaks.
    """
    # -I: neither the working directory nor the environment adds modules to those of this process.
    paths = [os.path.abspath(path) for path in sys.path]  # noqa: PTH100 - "" is the current one
    try:
        done = subprocess.run(
            [get_executable(), "-I", "-c", _BEGIN, *paths],
            input=pickle.dumps((function, given)),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=True,
        )
        answer = msgspec.json.decode(done.stdout, type=_Refusal | _Returned)
        if isinstance(answer, _Returned):
            return msgspec.json.decode(answer.value, type=returns)
    except subprocess.TimeoutExpired:
        raise ConfinedError(f"it was not done after {seconds:.0f} seconds") from None
    except (subprocess.CalledProcessError, msgspec.DecodeError) as reason:
        raise ConfinedError("it broke off, or needed more than 1 GB of memory") from reason
    if not answer.kind:
        raise ConfinedError(f"it broke off ({answer.problem})")
    kind: type[PixattestError] = getattr(errors, answer.kind)
    raise kind(answer.problem, hint=answer.hint, source=answer.source)


def _answer() -> None:
    """Call the function in the process that was started for it, and write the answer."""
    output = os.dup(1)
    os.dup2(2, 1)  # what libraries print is no answer
    function, given = pickle.load(sys.stdin.buffer)
    _limit()
    answer: _Refusal | _Returned
    try:
        answer = _Returned(msgspec.Raw(msgspec.json.encode(function(*given))))
    except PixattestError as error:
        plain = type(error).__init__ is PixattestError.__init__
        kind = type(error).__name__ if plain else PixattestError.__name__
        answer = _Refusal(kind, error.problem, error.hint, error.source)
    except Exception as error:
        answer = _Refusal("", f"{type(error).__name__}: {error}")
    with os.fdopen(output, "wb") as file:
        file.write(msgspec.json.encode(answer))


def _limit() -> None:
    """Limit the memory of this process, and let it leave no core dump."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for what, most in ((resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(what)
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with suppress(ValueError, OSError):  # macOS, whose processes begin with more addresses
            resource.setrlimit(what, (least, least))
