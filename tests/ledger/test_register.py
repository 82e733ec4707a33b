"""Through any ledger: issue, print, keep the page, and print it again as it was."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from keys import SEAL_KEY
from support import EXAMPLES, ROOT

from pixattest import LayoutError, Press, RecordError
from pixattest.errors import LedgerError
from pixattest.ledger import Page
from pixattest.ledger.register import Register
from pixattest.ledger.reprint import keep, reprint
from pixattest.ledger.sql import SqlLedger
from pixattest.trust.keys import generate_key


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A template and an issuer that may change."""
    shutil.copytree(ROOT / "templates/attestation", tmp_path / "own")
    shutil.copy(EXAMPLES / "signature.png", tmp_path / "own")
    shutil.copy(EXAMPLES / "issuer.toml", tmp_path / "own")
    return tmp_path / "own"


def press_in(home: Path) -> Press:
    return Press(home, home / "issuer.toml")


@pytest.fixture
def press(home: Path) -> Press:
    """One that prints from there."""
    return press_in(home)


@pytest.fixture
def bare(record: dict[str, Any]) -> dict[str, Any]:
    """The example without code."""
    return record | {"verification_code": None}


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return str(document[0].get_textpage().get_text_range())


def change(home: Path) -> None:
    """Another wording and another signatory; then all of it is gone."""
    labels = home / "labels/fr.toml"
    labels.write_text(labels.read_text("utf-8").replace("Prénom et nom", "Nom"), encoding="utf-8")


def test_what_an_application_prints_is_kept(
    ledger: SqlLedger, press: Press, bare: dict[str, Any], now: datetime
) -> None:
    """A code for one without; the same for the same certification; its page in the history."""
    register = Register(ledger, press)
    (issued,) = register.issue([register.draft(bare)], now)
    code = issued.record.verification_code
    history = ledger.find(code)
    assert history is not None
    assert history.revisions[0].printings == ()
    assert code in text_of(press.render(issued.record))
    assert register.printed([issued], now) == []
    history = ledger.find(code)
    assert history is not None
    ((edition, page, when),) = history.revisions[0].printings
    assert (edition, when) == (register.edition, now)
    assert [page] == [*press.digests([issued.record], single_page_file=True)]
    again = Register(ledger, press)
    (twice,) = again.issue([again.draft(bare)], now)
    assert (twice.state, twice.record) == ("again", issued.record)


def test_what_its_page_cannot_hold_is_no_draft(
    ledger: SqlLedger, press: Press, bare: dict[str, Any]
) -> None:
    """Nor what breaks a rule: a code is not spent on it."""
    register = Register(ledger, press)
    with pytest.raises(LayoutError):
        register.draft(bare | {"last_name": "漢字"})
    with pytest.raises(RecordError):
        register.draft(bare | {"levels": {}})


def test_a_number_tells_two_certifications_of_one_person(
    ledger: SqlLedger, press: Press, bare: dict[str, Any]
) -> None:
    """Who passes twice in a year has two attestations; by their days where there is no number."""
    register = Register(ledger, press)
    drafts = [register.draft(bare, number=number) for number in ("7", "8")]
    drafts += [register.draft(bare | {"delivered_on": day}) for day in ("2024-02-09", "2024-06-14")]
    issued = register.issue(drafts)
    assert [one.state for one in issued] == ["new"] * 4
    assert len({one.record.verification_code for one in issued}) == 4


@pytest.mark.slow
@pytest.mark.parametrize("alone", [True, False])
def test_a_reprint_is_the_same_page_whatever_has_changed(
    ledger: SqlLedger, home: Path, press: Press, bare: dict[str, Any], alone: bool
) -> None:
    """The same bytes as the file that was made of it first, from what the ledger has alone."""
    register = Register(ledger, press, single_page_file=alone)
    issued = register.issue([register.draft(bare)])
    record = issued[0].record
    file = io.BytesIO()
    press.write([record], file)
    first = press.render(record) if alone else file.getvalue()
    register.printed(issued)
    change(home)
    other = press_in(home)
    (_,) = Register(ledger, other, single_page_file=alone).issue([register.draft(bare)])
    assert "Prénom et nom" not in text_of(other.render(record))
    shutil.rmtree(home)
    made = reprint(ledger, record.verification_code)
    assert made.pdf == first
    keep(ledger, made)
    history = ledger.find(record.verification_code)
    assert history is not None
    assert len(history.revisions[0].printings) == 1


@pytest.mark.slow
def test_a_reprint_is_of_the_edition_that_was_printed(
    ledger: SqlLedger, home: Path, press: Press, bare: dict[str, Any]
) -> None:
    """Issued from one, and never printed from it: what was printed counts."""
    first = Register(ledger, press)
    (issued,) = first.issue([first.draft(bare)])
    code = issued.record.verification_code
    assert "Prénom et nom" in text_of(reprint(ledger, code).pdf)
    change(home)
    second = Register(ledger, press_in(home))
    second.printed(second.issue([second.draft(bare)]))
    assert reprint(ledger, code).edition == second.edition
    assert "Prénom et nom" not in text_of(reprint(ledger, code).pdf)


@pytest.mark.slow
def test_a_reprint_is_of_the_edition_that_was_printed_last(
    ledger: SqlLedger, home: Path, press: Press, bare: dict[str, Any], now: datetime
) -> None:
    """It is what its holder has; whoever wants another one asks for it by its name's beginning."""
    first = Register(ledger, press)
    first.printed(first.issue([first.draft(bare)]), now)
    change(home)
    second = Register(ledger, press_in(home))
    issued = second.issue([second.draft(bare)])
    code = issued[0].record.verification_code
    assert (reprint(ledger, code).edition, reprint(ledger, code).others) == (first.edition, ())
    second.printed(issued, now + timedelta(days=1))
    made = reprint(ledger, code)
    assert (made.edition, made.printed) == (second.edition, now + timedelta(days=1))
    assert (made.template, made.language) == ("template.svg", "fr")
    assert [other.edition for other in made.others] == [first.edition]
    assert "Prénom et nom" not in text_of(made.pdf)
    made = reprint(ledger, code, edition=first.edition[:12].upper())
    assert (made.edition, made.printed) == (first.edition, now)
    assert "Prénom et nom" in text_of(made.pdf)
    keep(ledger, made, now + timedelta(days=2))
    assert reprint(ledger, code).edition == first.edition


def test_an_edition_that_is_not_clear_prints_nothing(
    ledger: SqlLedger, press: Press, bare: dict[str, Any], now: datetime
) -> None:
    """None of that name, or several: those that there are, are told."""
    register = Register(ledger, press)
    (issued,) = register.issue([register.draft(bare)])
    code = issued.record.verification_code
    with pytest.raises(LedgerError, match="was never printed"):
        reprint(ledger, code, edition=register.edition)
    # More than there are digits to begin with.
    editions = [ledger.keep_edition(b"%d" % number) for number in range(17)]
    for edition in editions:
        ledger.printed([Page(code, 1, "ab12")], edition, now)
    for wrong in ("x", "", f"{editions[0]}0"):
        with pytest.raises(LedgerError, match="was not printed from the edition") as told:
            reprint(ledger, code, edition=wrong)
        assert all(edition[:12] in str(told.value.hint) for edition in editions)
    digit = next(e[0] for e in editions if sum(o[0] == e[0] for o in editions) > 1)
    with pytest.raises(LedgerError, match="Several editions") as told:
        reprint(ledger, code, edition=digit)
    for edition in editions:
        assert (edition[:12] in str(told.value.hint)) == (edition[0] == digit)


@pytest.mark.slow
def test_a_sealed_page_is_printed_again_with_its_key(
    ledger: SqlLedger, press_for: Callable[..., Press], bare: dict[str, Any], now: datetime
) -> None:
    """The same file with the same key; without it, or with another one, none."""
    press = press_for(sealed=True)
    register = Register(ledger, press)
    (issued,) = register.issue([register.draft(bare)], now)
    pdf = press.render(issued.record)
    register.printed([issued], now)
    code = issued.record.verification_code
    assert reprint(ledger, code, key=SEAL_KEY).pdf == pdf
    assert b"key.pem" not in ledger.edition(ledger.find(code).revisions[0].edition)
    for key in (None, generate_key()):
        with pytest.raises(LedgerError, match="its pages are sealed by the key") as told:
            reprint(ledger, code, key=key)
        assert str(told.value).startswith(f"edition {register.edition[:12]}: ")
        assert "--key" in str(told.value.hint)


@pytest.mark.slow
def test_superseded_and_revoked_ones_are_printed_when_asked(
    ledger: SqlLedger, press: Press, bare: dict[str, Any], now: datetime
) -> None:
    """By the number of the revision; and a revoked one only where that is said."""
    register = Register(ledger, press)
    register.issue([register.draft(bare | {"birth_place": "Brest"}, number="7")])
    (issued,) = register.issue([register.draft(bare | {"birth_place": "Rennes"}, number="7")])
    code = issued.record.verification_code
    assert "Rennes" in text_of(reprint(ledger, code).pdf)
    former = reprint(ledger, code, revision=1)
    assert former.superseded
    assert "Brest" in text_of(former.pdf)
    with pytest.raises(LedgerError, match="has no revision 3"):
        reprint(ledger, code, revision=3)
    ledger.revoke(code, "Fraude", now)
    with pytest.raises(LedgerError, match="was revoked on 2026-11-24: Fraude"):
        reprint(ledger, code)
    assert "Rennes" in text_of(reprint(ledger, code, revoked=True).pdf)
    with pytest.raises(LedgerError, match="Nothing was issued"):
        reprint(ledger, "P-33333333")


@pytest.mark.slow
def test_a_page_that_would_be_another_one_is_not_printed(
    ledger: SqlLedger, press: Press, bare: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another release may draw otherwise: it is told which one did, and the page kept back."""
    register = Register(ledger, press)
    issued = register.issue([register.draft(bare)])
    register.printed(issued)
    monkeypatch.setattr("pixattest.pdf.qr.QUIET_ZONE", 5)
    monkeypatch.setattr("pixattest.press.parts.QUIET_ZONE", 5)
    with pytest.raises(LedgerError, match="would not be the one that was printed") as told:
        reprint(ledger, issued[0].record.verification_code)
    assert "It was printed by pixattest" in str(told.value.hint)


# What makes a page the same.


def test_a_page_is_the_same_in_any_place(press: Press, example: Mapping[str, Any]) -> None:
    """First or last, alone in its block or not, in any process's press; not so laid out alone."""
    records = [press.read(dict(example) | {"first_name": name}) for name in ("Zoé", "Léa", "Łucja")]
    digests = [*press.digests(records)]
    assert len(set(digests)) == 3
    assert [*press.digests(reversed(records))] == digests[::-1]
    assert [*press.digests(records[:1])] == digests[:1]
    assert [*Press(press.template, press.issuer).digests(records * 60)] == digests * 60
    assert not {*press.digests(records, single_page_file=True)} & {*digests}


@pytest.mark.parametrize(
    "change",
    [
        {"levels": {"1.1": 3}},
        {"verification_code": "P-22222222"},
        {"birth_place": "Brest"},
        {"score": 300},
    ],
)
@pytest.mark.parametrize("alone", [True, False])
def test_another_page_has_another_digest(
    press: Press, example: Mapping[str, Any], change: dict[str, Any], alone: bool
) -> None:
    """Whatever of the record is shown."""
    one, other = press.read(example), press.read(dict(example) | change)
    assert len({*press.digests([one, other], single_page_file=alone)}) == 2


@pytest.mark.slow
def test_the_texts_of_its_tags_belong_to_a_page(home: Path, example: Mapping[str, Any]) -> None:
    """What only a screen reader tells is content, too."""
    record = press_in(home).read(example)
    before = [*press_in(home).digests([record])]
    template = home / "template.svg"
    text = template.read_text("utf-8")
    template.write_text(text.replace("{{ label.qr }}", "x"), encoding="utf-8")
    assert [*press_in(home).digests([record])] != before
