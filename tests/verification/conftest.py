"""Sealed pages that the tests of this room check."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pixattest import Press


@pytest.fixture(scope="session")
def sealing(press_for: Callable[..., Press]) -> Press:
    """The press of the example, which seals."""
    return press_for(sealed=True)


@pytest.fixture(scope="session")
def page(sealing: Press, example: Mapping[str, Any]) -> bytes:
    """The example, sealed, with its record attached."""
    return sealing.render(example, attach=True)
