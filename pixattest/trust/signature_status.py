"""Signature of a document, as it was read → its state and signer, as a value for others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """What became of a document's signature."""

    NONE = "none"  # the document has no signature, and no place for one
    MISSING = "missing"  # its place is empty: it was never made, or was taken away
    BROKEN = "broken"  # the document is not the one that was signed
    INTACT = "intact"


@dataclass(frozen=True, slots=True)
class SignatureStatus:
    """What a document's signature proves.

    Attributes:
        state: what became of the signature.
        trusted: whether one of the given roots certifies the signer.
        signer: name in the signer's certificate; None if no signature can be read.
        signed_at: moment of signing, as the signer says.
        stamped_at: moment of signing, as a time-stamp authority says that the roots certify.
    """

    state: State
    trusted: bool = False
    signer: str | None = None
    signed_at: datetime | None = None
    stamped_at: datetime | None = None

    @property
    def genuine(self) -> bool:
        """Whether somebody who is trusted has signed the whole document as it is."""
        return self.state is State.INTACT and self.trusted
