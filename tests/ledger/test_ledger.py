"""Drafts → what is issued, under which code: the same in a SQLite file and in PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixattest import Record, Rules, read_record
from pixattest.errors import LedgerError
from pixattest.ledger import (
    Draft,
    Issued,
    Page,
    Printing,
    Revocation,
    certification_key,
    open_ledger,
)
from pixattest.ledger.sql import SqlLedger
from pixattest.model.framework import crcn

Drafts = Callable[..., Draft]


def states(issued: list[Issued]) -> list[str]:
    return [one.state for one in issued]


def code_of(issued: Issued) -> str:
    return issued.record.verification_code


# What identifies a certification.


def test_key_passes_over_how_a_name_was_typed(draft: Drafts) -> None:
    """Case, composition and spaces make no other certification."""
    one = draft(last_name="Lefèvre  Martin", first_name="Zoé", centre="Lycée Curie")
    other = draft(
        last_name="LEFE\u0300VRE\u00a0MARTIN", first_name="zoe\u0301", centre="LYCÉE CURIE"
    )
    assert one.key == other.key


@pytest.mark.parametrize(
    "change",
    [
        {"last_name": "Autre"},
        {"first_name": "Autre"},
        {"birth_date": "2003-01-13"},
        {"centre": "Autre"},
        {"delivered_on": "2024-02-10"},
    ],
)
def test_key_holds_who_where_and_when(draft: Drafts, change: dict[str, str]) -> None:
    """A change to any of the five is another certification."""
    assert draft().key != draft(**change).key


def test_key_takes_the_day_of_the_test(draft: Drafts) -> None:
    """Two deliveries of one test are one certification."""
    tested = date(2024, 1, 15)
    keys = {
        certification_key(draft(delivered_on=day).record, tested_on=tested)
        for day in ("2024-02-09", "2024-03-01")
    }
    assert len(keys) == 1


def test_key_is_the_number_where_there_is_one(draft: Drafts) -> None:
    """Whatever the record says."""
    assert draft(number="1234").key == draft(number=" 1234 ", last_name="Autre").key
    assert draft(number="1234").key != draft(number="1235").key


# Issuing.


def test_a_record_is_issued_and_found(
    ledger: SqlLedger, edition: str, draft: Drafts, now: datetime
) -> None:
    """Its code leads to the whole record, its edition and its time."""
    asked = draft()
    (issued,) = ledger.issue([asked], edition, now)
    assert issued == Issued(asked.record, 1, "new")
    history = ledger.find(code_of(issued))
    assert history is not None
    (revision,) = history.revisions
    assert (history.code, history.revocation) == (code_of(issued), None)
    assert (revision.number, revision.record, revision.edition) == (1, asked.record, edition)
    assert (revision.issued, revision.printings) == (now, ())


def test_what_was_issued_is_kept_for_the_next_who_opens(
    ledger: SqlLedger, where: str, edition: str, draft: Drafts, now: datetime
) -> None:
    """Another connection sees it as soon as `issue` returns, and gives the same code."""
    (issued,) = ledger.issue([draft()], edition, now)
    with open_ledger(where, create=False) as other:
        (again,) = other.issue([draft()], edition, now)
    assert again == Issued(issued.record, 1, "again")


def test_a_drawn_code_yields_to_the_recorded_one(
    ledger: SqlLedger, edition: str, draft: Drafts, now: datetime
) -> None:
    """A batch twice issues nothing twice, however often codes are drawn for it."""
    people = [f"Personne {n}" for n in range(20)]
    first = ledger.issue([draft(last_name=name) for name in people], edition, now)
    later = now + timedelta(days=7)
    second = ledger.issue([draft(last_name=name) for name in reversed(people)], edition, later)
    assert states(second) == ["again"] * 20
    assert [one.record for one in second] == [one.record for one in reversed(first)]
    assert all(history.revisions[0].issued == now for history in ledger.histories())


def test_a_given_code_is_kept(
    ledger: SqlLedger, edition: str, draft: Drafts, now: datetime
) -> None:
    """It is the attestation's from then on, also for a draft without code."""
    (issued,) = ledger.issue([draft("P-GVVP6HBM")], edition, now)
    (again,) = ledger.issue([draft()], edition, now)
    assert (code_of(issued), code_of(again), again.state) == ("P-GVVP6HBM", "P-GVVP6HBM", "again")


def test_a_drawn_code_that_is_taken_is_drawn_anew(
    ledger: SqlLedger, edition: str, draft: Drafts, now: datetime
) -> None:
    """Nobody gets another one's code: not from the ledger, nor from a neighbour."""
    ledger.issue([draft("P-22222222")], edition, now)

    def drawn(name: str, code: str) -> Draft:
        asked = draft(code, last_name=name)
        return Draft(asked.key, asked.record, drawn=True)

    issued = ledger.issue(
        [
            drawn("Une", "P-22222222"),
            drawn("Deux", "P-33333333"),
            drawn("Trois", "P-33333333"),
            drawn("Quatre", "P-44444444"),
            draft("P-44444444", last_name="Cinq"),
        ],
        edition,
        now,
    )
    assert states(issued) == ["new"] * 5
    codes = [code_of(one) for one in issued]
    assert len({"P-22222222", *codes}) == 6
    assert (codes[1], codes[4]) == ("P-33333333", "P-44444444")
    assert all(re.fullmatch("P-[2-9B-Y]{8}", code) for code in codes)


def test_a_new_code_is_looked_up_before_it_is_used(
    ledger: SqlLedger,
    edition: str,
    draft: Drafts,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One that is drawn in place of a taken one may be taken, too."""
    ledger.issue([draft("P-22222222"), draft("P-33333333", last_name="B")], edition, now)
    codes = {"P-?666666?": iter(["P-33333333", "P-66666666"])}
    monkeypatch.setattr("pixattest.ledger.issuing.new_code", lambda form: next(codes[form]))
    asked = draft("P-22222222", last_name="C")
    (issued,) = ledger.issue([Draft(asked.key, asked.record, True, "P-?666666?")], edition, now)
    assert (code_of(issued), issued.state) == ("P-66666666", "new")


def test_a_changed_record_supersedes_the_former(
    ledger: SqlLedger, edition: str, draft: Drafts, now: datetime
) -> None:
    """Under the same code; both stay visible, with their times."""
    (first,) = ledger.issue([draft(number="7", last_name="Martn")], edition, now)
    later = now + timedelta(days=1)
    (second,) = ledger.issue([draft(number="7", last_name="Martin")], edition, later)
    assert (second.state, second.revision, code_of(second)) == ("corrected", 2, code_of(first))
    history = ledger.find(code_of(first))
    assert history is not None
    assert [(r.number, r.record.last_name, r.issued) for r in history.revisions] == [
        (1, "Martn", now),
        (2, "Martin", later),
    ]
    (third,) = ledger.issue([draft(number="7", last_name="Martin")], edition, later)
    assert (third.state, third.revision) == ("again", 2)


def test_a_name_is_mended_where_the_code_is_given(
    ledger: SqlLedger, edition: str, draft: Drafts, now: datetime
) -> None:
    """Without certification number the code says which one is meant; the new name leads to it."""
    ledger.issue([draft("P-22222222", last_name="Martn")], edition, now)
    (mended,) = ledger.issue([draft("P-22222222", last_name="Martin")], edition, now)
    assert (mended.state, mended.revision) == ("corrected", 2)
    (again,) = ledger.issue([draft(last_name="Martin")], edition, now)
    assert (again.state, code_of(again)) == ("again", "P-22222222")


def test_a_number_that_is_learnt_later_leads_to_the_same(
    ledger: SqlLedger, edition: str, draft: Drafts, now: datetime
) -> None:
    """First without number, then with code and number, then by the number alone."""
    ledger.issue([draft("P-22222222")], edition, now)
    issued = ledger.issue([draft("P-22222222", number="7")], edition, now)
    issued += ledger.issue([draft(number="7", birth_place="Brest")], edition, now)
    assert states(issued) == ["again", "corrected"]
    (other,) = ledger.issue([draft("P-22222222", number="8")], edition, now)
    assert other.state == "conflict"


@pytest.mark.parametrize("change", [{"delivered_on": "2024-06-14"}, {"first_name": "Léa"}])
def test_the_line_of_another_certification_is_no_correction(
    ledger: SqlLedger, edition: str, draft: Drafts, now: datetime, change: dict[str, str]
) -> None:
    """Who passes twice in a year, or a twin, on a copied line: code and one part, other results."""
    ledger.issue([draft("P-22222222")], edition, now)
    second = draft("P-22222222", score=300, **change)
    assert states(ledger.issue([second], edition, now)) == ["conflict"]
    mended = draft("P-22222222", **change)
    assert states(ledger.issue([mended], edition, now)) == ["corrected"]


def test_what_would_become_of_drafts_is_told_and_nothing_kept(
    ledger: SqlLedger, edition: str, draft: Drafts, now: datetime
) -> None:
    """As `issue` would say it; a code that is known, too."""
    ledger.issue([draft("P-22222222"), draft("P-33333333", number="9")], edition, now)
    ledger.revoke("P-33333333", "Fraude", now)
    asked = [draft(), draft(number="7"), draft(number="9"), draft("P-44444444")]
    told = ledger.foresee(asked)
    assert states(told) == ["again", "new", "revoked", "conflict"]
    assert [code_of(told[0]), code_of(told[2])] == ["P-22222222", "P-33333333"]
    assert len([*ledger.histories()]) == 2
    assert states(ledger.issue(asked, edition, now)) == states(told)


# What is not issued.


def test_the_code_of_another_certification_is_a_conflict(
    ledger: SqlLedger, edition: str, draft: Drafts, now: datetime
) -> None:
    """It is told for that draft; the others go on, and nothing of it is kept."""
    ledger.issue([draft("P-22222222")], edition, now)
    other = draft("P-22222222", last_name="Autre", birth_date="2004-05-06")
    conflict, fine = ledger.issue([other, draft(last_name="Suivante")], edition, now)
    assert (conflict.state, conflict.revision, fine.state) == ("conflict", 0, "new")
    assert str(conflict.fault) == (
        'field "verification_code": P-22222222 is the code of another certification '
        "(Camille Martin, delivered on 2024-02-09). "
        "Correct the code, or leave it out; a correction changes one thing at a time."
    )
    history = ledger.find("P-22222222")
    assert history is not None
    assert len(history.revisions) == 1
    (later,) = ledger.issue([draft(last_name="Autre", birth_date="2004-05-06")], edition, now)
    assert later.state == "new"


def test_two_numbers_are_never_one_certification(
    ledger: SqlLedger, edition: str, draft: Drafts, now: datetime
) -> None:
    """However alike their records are."""
    ledger.issue([draft("P-22222222", number="7")], edition, now)
    (issued,) = ledger.issue([draft("P-22222222", number="8")], edition, now)
    assert issued.state == "conflict"


def test_a_certification_keeps_its_code(
    ledger: SqlLedger, edition: str, draft: Drafts, now: datetime
) -> None:
    """Another one that is given for it is a conflict, which names the recorded one."""
    ledger.issue([draft("P-22222222")], edition, now)
    (issued,) = ledger.issue([draft("P-33333333")], edition, now)
    assert issued.state == "conflict"
    assert issued.fault is not None
    assert issued.fault.value == "P-33333333"
    assert "P-22222222" in issued.fault.problem
    assert ledger.find("P-33333333") is None


def test_twins_with_one_code_are_a_conflict(
    ledger: SqlLedger, edition: str, draft: Drafts, now: datetime
) -> None:
    """What would be a correction from one batch to the next is none within one."""
    twins = [draft("P-22222222", first_name=name) for name in ("Zoé", "Léa")]
    assert states(ledger.issue(twins, edition, now)) == ["new", "conflict"]
    assert states(ledger.issue(twins, edition, now)) == ["again", "conflict"]


def test_a_mended_name_beside_the_former_is_a_conflict(
    ledger: SqlLedger, edition: str, draft: Drafts, now: datetime
) -> None:
    """Which one is right is not for the ledger to say, in whatever order they stand."""
    former = draft("P-22222222", last_name="Martn")
    mended = draft("P-22222222", last_name="Martin")
    ledger.issue([former], edition, now)
    for _ in range(2):
        assert states(ledger.issue([former, mended], edition, now)) == ["again", "conflict"]
        assert states(ledger.issue([mended, former], edition, now)) == ["conflict", "again"]
    assert states(ledger.issue([mended], edition, now)) == ["corrected"]


def test_a_record_that_stands_twice_is_issued_once(
    ledger: SqlLedger, edition: str, draft: Drafts, now: datetime
) -> None:
    """Two of the same are one; two that differ are a conflict, today and the next time."""
    asked = [draft(), draft(), draft(birth_place="Brest")]
    first = ledger.issue(asked, edition, now)
    assert states(first) == ["new", "again", "conflict"]
    assert code_of(first[0]) == code_of(first[1])
    assert states(ledger.issue(asked, edition, now)) == ["again", "again", "conflict"]


def test_what_is_revoked_is_not_issued_again(
    ledger: SqlLedger, edition: str, draft: Drafts, now: datetime
) -> None:
    """Neither the same record nor a corrected one, under whichever code; one reason is told."""
    (issued,) = ledger.issue([draft()], edition, now)
    code = code_of(issued)
    ledger.revoke(code, "Issued by mistake", now)
    for asked in (draft(), draft(birth_place="Brest"), draft(code), draft("P-44444444")):
        (refused,) = ledger.issue([asked], edition, now)
        assert (refused.state, refused.revision) == ("revoked", 1)
        assert refused.fault is not None
        assert f"{code} was revoked on 2026-11-24: Issued by mistake" in refused.fault.problem
        assert "not issued again, under any code" in str(refused.fault.hint)


@pytest.mark.parametrize(
    ("former", "new"),
    [
        ({"number": "7"}, {"number": "8"}),
        ({}, {"number": "8"}),
        ({}, {"delivered_on": "2024-06-14"}),
    ],
)
def test_after_a_revocation_a_new_certification_is_issued_as_the_hint_says(
    ledger: SqlLedger,
    edition: str,
    draft: Drafts,
    now: datetime,
    former: dict[str, str],
    new: dict[str, str],
) -> None:
    """By another number, or another day where there was none; under a code of its own."""
    (issued,) = ledger.issue([draft(**former)], edition, now)
    ledger.revoke(code_of(issued), "Issued by mistake", now)
    (told,) = ledger.issue([draft(**new)], edition, now)
    assert (told.state, code_of(told) != code_of(issued)) == ("new", True)


def test_nothing_asked_is_nothing_issued(ledger: SqlLedger, edition: str, now: datetime) -> None:
    """No draft, no row."""
    assert ledger.issue([], edition, now) == []
    assert list(ledger.histories()) == []


def test_an_unknown_edition_issues_nothing(ledger: SqlLedger, draft: Drafts, now: datetime) -> None:
    """What can't be printed again is not issued."""
    with pytest.raises(LedgerError, match="no edition abc"):
        ledger.issue([draft()], "abc", now)
    assert list(ledger.histories()) == []


# Records of other times.


def test_a_record_comes_back_as_it_was_valid_then(
    ledger: SqlLedger, edition: str, now: datetime, record: dict[str, object]
) -> None:
    """Its code need not have the form that today's issuer asks for."""
    rules = Rules(crcn(), re.compile("OLD-[0-9]+"))
    old = read_record(record | {"verification_code": "OLD-1", "last_name": "D’Ærø 🙂"}, rules=rules)
    ledger.issue([Draft("#1", old)], edition, now)
    history = ledger.find("OLD-1")
    assert history is not None
    found = history.revisions[0].record
    assert found == old
    assert (found.as_mapping(), hash(found)) == (old.as_mapping(), hash(old))
    with pytest.raises(TypeError):
        found.levels["1.1"] = 3  # type: ignore[index]


# Editions and pages.


def test_an_edition_is_known_by_its_content(ledger: SqlLedger) -> None:
    """Any bytes; the same are kept once."""
    content = bytes(range(256)) * 5000
    digest = ledger.keep_edition(content)
    assert ledger.keep_edition(content) == digest
    assert ledger.keep_edition(b"") != digest
    assert ledger.edition(digest) == content
    with pytest.raises(LedgerError, match="no edition"):
        ledger.edition("0" * 64)


def test_a_page_is_kept_once_it_is_printed(
    ledger: SqlLedger, edition: str, draft: Drafts, now: datetime
) -> None:
    """The first time counts; printing the same again changes nothing."""
    (issued,) = ledger.issue([draft()], edition, now)
    page = Page(code_of(issued), 1, "ab12")
    assert ledger.printed([page], edition, now) == []
    assert ledger.printed([page, page], edition, now + timedelta(days=1)) == []
    history = ledger.find(page.code)
    assert history is not None
    assert history.revisions[0].printings == (Printing(edition, "ab12", now),)


def test_it_is_known_from_which_edition_a_page_was_printed_last(
    ledger: SqlLedger, edition: str, draft: Drafts, now: datetime
) -> None:
    """Printed from one, from another, from the first again: its time is the last one's."""
    one, two = ledger.issue([draft(), draft(last_name="Autre")], edition, now)
    other = ledger.keep_edition(b"in English")
    hours = [now + timedelta(hours=number) for number in range(5)]
    pages = [Page(code_of(one), 1, "ab12"), Page(code_of(two), 1, "cd34")]
    ledger.printed(pages, edition, hours[0])
    ledger.printed(pages[:1], other, hours[1])
    for hour in hours[2:4]:
        assert ledger.printed(pages, edition, hour) == []
    history, beside = ledger.histories()
    assert history.revisions[0].printings == (
        Printing(other, "ab12", hours[1]),
        Printing(edition, "ab12", hours[2]),
    )
    assert beside.revisions[0].printings == (Printing(edition, "cd34", hours[0]),)
    ledger.printed([pages[0]._replace(digest="ffff")], other, hours[4])
    assert ledger.find(code_of(one)) == history


def test_another_page_of_the_same_revision_is_told(
    ledger: SqlLedger, edition: str, draft: Drafts, now: datetime
) -> None:
    """The former hash stays; pages beside it are kept; another edition may look otherwise."""
    one, two = ledger.issue([draft(), draft(last_name="Autre")], edition, now)
    ledger.printed([Page(code_of(one), 1, "ab12")], edition, now)
    (fault,) = ledger.printed(
        [Page(code_of(one), 1, "ffff"), Page(code_of(two), 1, "cd34")], edition, now
    )
    assert (fault.field, fault.value) == ("verification_code", code_of(one))
    other = ledger.keep_edition(b"in English")
    later = now + timedelta(hours=1)
    assert ledger.printed([Page(code_of(one), 1, "ffff")], other, later) == []
    history, beside = ledger.histories()
    assert history.revisions[0].printings == (
        Printing(edition, "ab12", now),
        Printing(other, "ffff", later),
    )
    assert [p.page for p in beside.revisions[0].printings] == ["cd34"]


def test_a_page_that_was_not_issued_is_refused(
    ledger: SqlLedger, edition: str, draft: Drafts, now: datetime
) -> None:
    """All or nothing: the pages beside it are not kept either."""
    (issued,) = ledger.issue([draft()], edition, now)
    known = Page(code_of(issued), 1, "ab12")
    for unknown in (known._replace(revision=2), known._replace(code="P-22222222")):
        with pytest.raises(LedgerError, match="no revision"):
            ledger.printed([known, unknown], edition, now)
    with pytest.raises(LedgerError, match="no edition"):
        ledger.printed([known], "abc", now)
    history = ledger.find(known.code)
    assert history is not None
    assert history.revisions[0].printings == ()


# Looking things up.


def test_an_unknown_code_has_no_history(ledger: SqlLedger) -> None:
    """None, not an error: a verifier asks for any code."""
    assert ledger.find("P-22222222") is None


def test_histories_come_in_the_order_of_issue(
    ledger: SqlLedger, edition: str, draft: Drafts, now: datetime
) -> None:
    """All of them, more than are read at a time, while others are issued."""
    drafts = [draft(number=str(n), score=n % 700) for n in range(1203)]
    issued = ledger.issue(drafts, edition, now)
    found = []
    for history in ledger.histories():
        if not found:
            ledger.issue([draft(number="late")], edition, now)
        found.append(history)
    assert [history.code for history in found[:-1]] == [code_of(one) for one in issued]
    assert [h.revisions[0].record for h in found[:-1]] == [one.record for one in issued]
    assert found[7] == ledger.find(found[7].code)


def test_times_come_back_in_utc(
    ledger: SqlLedger, edition: str, draft: Drafts, now: datetime
) -> None:
    """To the microsecond, wherever they were taken."""
    local = now.replace(microsecond=123456).astimezone(timezone(timedelta(hours=5, minutes=30)))
    ledger.issue([draft()], edition, local)
    (history,) = ledger.histories()
    issued = history.revisions[0].issued
    assert (issued, issued.tzinfo) == (local, UTC)


# Revoking.


def test_a_revocation_is_told_with_its_reason(
    ledger: SqlLedger, edition: str, draft: Drafts, now: datetime
) -> None:
    """By the code, and in the list of all that were revoked since a time."""
    issued = ledger.issue([draft(number=str(n)) for n in range(3)], edition, now)
    codes = [code_of(one) for one in issued]
    days = [now + timedelta(days=n) for n in (2, 0, 1)]
    revoked = [
        ledger.revoke(code, f" Fraude n° {n} ", day)
        for n, (code, day) in enumerate(zip(codes, days, strict=True))
    ]
    assert revoked[0] == Revocation(codes[0], "Fraude n° 0", days[0])
    history = ledger.find(codes[0])
    assert history is not None
    assert history.revocation == revoked[0]
    assert ledger.revocations() == [revoked[1], revoked[2], revoked[0]]
    assert ledger.revocations(since=days[2]) == [revoked[2], revoked[0]]


def test_a_revocation_is_made_once(
    ledger: SqlLedger, edition: str, draft: Drafts, now: datetime
) -> None:
    """The first reason stays; an unknown code is told, too."""
    (issued,) = ledger.issue([draft()], edition, now)
    ledger.revoke(code_of(issued), "Fraude", now)
    with pytest.raises(LedgerError, match="revoked already, on 2026-11-24: Fraude"):
        ledger.revoke(code_of(issued), "Erreur", now)
    with pytest.raises(LedgerError, match="nothing was issued"):
        ledger.revoke("P-22222222", "Erreur", now)
    assert [revocation.reason for revocation in ledger.revocations()] == ["Fraude"]


@pytest.mark.parametrize("reason", ["", "  ", "two\nlines", "\x1b[2Jgone"])
def test_a_reason_is_one_line(
    ledger: SqlLedger, edition: str, draft: Drafts, now: datetime, reason: str
) -> None:
    """It is shown on terminals and published."""
    (issued,) = ledger.issue([draft()], edition, now)
    with pytest.raises(LedgerError, match="not one line"):
        ledger.revoke(code_of(issued), reason, now)
    assert ledger.revocations() == []


# Any order of calls.

_CODES = ["P-22222222", "P-33333333", "P-44444444"]
_asked = st.tuples(
    st.sampled_from([None, "7", "8"]),
    st.sampled_from(["Un", "Deux"]),
    st.sampled_from(["Nantes", "Brest"]),
    st.sampled_from([None, *_CODES]),
    st.sampled_from(["2003-01-12", "2004-01-12"]),
)
_worlds = count()
"""Numbers of examples: each has people of its own in the one ledger."""
_calls = st.lists(st.lists(_asked, max_size=4) | st.sampled_from(_CODES), max_size=12)


@settings(
    max_examples=settings.default.max_examples // 2,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(calls=_calls)
def test_any_calls_keep_the_promises(
    ledger: SqlLedger,
    edition: str,
    draft: Drafts,
    now: datetime,
    calls: list[list[tuple[str | None, str, str, str | None, str]] | str],
) -> None:
    """One key, one code, for ever; revisions are what was told, no more and no less."""
    centre = f"Centre {next(_worlds)}"
    own: dict[str, str] = {}
    code_by_key: dict[str, str] = {}
    issued: dict[str, list[Record]] = {}
    revoked: set[str] = set()

    def ours(code: str) -> str:
        return own.setdefault(code, draft(number=centre).record.verification_code)

    for call in calls:
        if isinstance(call, str):
            if ours(call) in issued and ours(call) not in revoked:
                ledger.revoke(ours(call), "Fraude", now)
                revoked.add(ours(call))
            continue
        drafts = [
            draft(
                code and ours(code),
                number=number and f"{number} {centre}",
                last_name=name,
                birth_place=place,
                birth_date=born,
                centre=centre,
            )
            for number, name, place, code, born in call
        ]
        for asked, told in zip(drafts, ledger.issue(drafts, edition, now), strict=True):
            code = code_of(told)
            if told.fault:
                assert told.state in ("revoked", "conflict")
                continue
            assert code not in revoked
            assert code_by_key.setdefault(asked.key, code) == code
            assert asked.drawn or code == asked.record.verification_code
            former = issued.setdefault(code, [])
            expected = (
                "new" if not former else "again" if former[-1] == told.record else "corrected"
            )
            assert told.state == expected
            if expected != "again":
                former.append(told.record)
            assert told.revision == len(former)
        again = ledger.issue(drafts, edition, now)
        assert not {"new", "corrected"} & set(states(again))
    for code, records in issued.items():
        history = ledger.find(code)
        assert history is not None
        assert [revision.record for revision in history.revisions] == records
        assert bool(history.revocation) == (code in revoked)
    for code in own.values():
        assert (ledger.find(code) is None) == (code not in issued)
