"""The operations of a sealed page → what the seal says of the person and the page does not show.

Whoever checks a seal compares the page with it, so a page that leaves something out would be called
a forgery.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from pixattest.model.framework import Framework
from pixattest.model.issuer import Seal
from pixattest.template.plate import Op, Paint, QrSlot, TextSlot, Variant, When

_CHOSEN = {
    "first_name": "first name",
    "last_name": "last name",
    "birth_date": "date of birth",
    "birth_place": "place of birth",
    "centre": "centre",
    "score": "score",
}
"""Fields that a seal holds if the issuer chooses so, and what messages call them."""

_ALWAYS = {
    "verification_code": "verification code",
    "delivered_on": "date of delivery",
    "valid_until": "last day of validity",
}
"""Fields that every seal holds, and what messages call them."""

QR_CODE = "qr"
"""The name that the QR code has among the fields that are shown."""


def find_unshown(
    ops: Sequence[Op], variant: Variant, seal: Seal, framework: Framework
) -> Iterator[tuple[str, str]]:
    """Yield what a sealed page lacks, and how to mend it."""
    unknown = {name for name in ("birth_place", "score") if not getattr(variant, name)}
    levels = {f"level:{number}": f"level of {number}" for number in framework.competences}
    shown = fields_shown(ops, unknown)
    if QR_CODE not in shown:
        yield (
            "the page is sealed, and has no QR code to hold the seal",
            'Draw it: <image data-field="qr_address" …>.',
        )
    for name, words in _CHOSEN.items():
        if name in seal.fields and name not in shown | unknown:
            yield (
                f"the seal says the {words}, and the page does not show it",
                f'Show it (data-field="{name}"), or leave it out of the issuer\'s [seal] fields.',
            )
    for name, words in (_ALWAYS | levels).items():
        if name not in shown:
            yield (
                f"the seal says the {words}, and the page does not show it",
                f'Show it (data-field="{name}"): every seal says it.',
            )


def fields_shown(ops: Iterable[Op], unknown: Collection[str] = ()) -> set[str]:
    """Return the fields that are shown on every page whose record has them.

    Args:
        ops: what is drawn.
        unknown: fields that no record of the page has.
    """
    shown: set[str] = set()
    # What a page shows where a condition holds, and what it shows where the condition does not.
    halves: defaultdict[tuple[str, int | None, bool], set[str]] = defaultdict(set)
    for op in ops:
        if isinstance(op, QrSlot):
            shown.add(QR_CODE)
        elif isinstance(op, TextSlot):
            shown.update(op.format.fields)
        elif isinstance(op, When):
            inner = fields_shown(op.ops, unknown)
            if op.present and op.field.startswith("level:"):
                # A level not reached is not shown; one that was reached may be a fixed text.
                shown |= {op.field} & inner
                if op.least and any(isinstance(o, Paint) and "BT " in o.content for o in op.ops):
                    shown.add(op.field)
            if op.least or op.field.startswith(("level:", "extra.", "group")):
                halves[op.field, op.least, op.present] |= inner
            elif op.present != (op.field in unknown):
                shown |= inner
    for (field, least, present), inner in tuple(halves.items()):
        shown |= inner & halves[field, least, not present]
    if "full_name" in shown:
        shown |= {"first_name", "last_name"}
    return shown
