"""Operations of a sealed page → what the seal says of the person, and the page does not.

Whoever checks a seal holds the page's words against it, so a page that leaves something out would
be called a forgery.
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
_ALWAYS = {
    "verification_code": "verification code",
    "delivered_on": "date of delivery",
    "valid_until": "last day of validity",
}
QR_CODE = "qr"
"""Stands for the QR code among the fields that are shown."""


def find_unshown(
    ops: Sequence[Op], variant: Variant, seal: Seal, framework: Framework
) -> Iterator[tuple[str, str]]:
    """What a sealed page lacks, each with how to mend it."""
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
    """Fields that are shown of everybody of whom they are known.

    Args:
        ops: what is drawn.
        unknown: fields that are known of nobody.
    """
    shown: set[str] = set()
    halves: defaultdict[tuple[str, int | None, bool], set[str]] = defaultdict(set)
    for op in ops:
        if isinstance(op, QrSlot):
            shown.add(QR_CODE)
        elif isinstance(op, TextSlot):
            shown.update(op.format.fields)
        elif isinstance(op, When):
            inner = fields_shown(op.ops, unknown)
            if op.present and op.field.startswith("level:"):
                # Who has not reached it has no level to show; a number reached may be a fixed text.
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
