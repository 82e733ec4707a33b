"""`check_template` of small drawings: which pages are tried, what each must show, in what order."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import msgspec
import pytest
from drawings import CODE, FEW_WORDS, LABELS, NAME, SHOWN, Faults, Write

from pixattest.errors import TemplateError
from pixattest.model import assets
from pixattest.model.framework import Framework, read_framework
from pixattest.model.issuer import default_issuer
from pixattest.model.record import Rules
from pixattest.template.check import check_template, languages_for
from pixattest.template.samples import sample_records

QR = (
    '<image data-field="qr_address" role="img" aria-label="QR" x="90" y="90" width="99"'
    ' height="99"/>'
)
SIGNATURE = """<!--{% if variant.signed %}--><image data-image="signature" role="img"
 aria-label="Signature" x="9" y="150" width="9" height="9"/><!--{% endif %}-->"""
BAD = "<g fil='#000000'/>"


@pytest.fixture
def draw(write: Write) -> Write:
    """Write a drawing whose words are all known."""
    return partial(write, labels=FEW_WORDS)


def checked(path: Path, framework: Framework, languages: list[str] | None = None) -> list[str]:
    issuer = default_issuer()
    samples = sample_records(framework, Rules.of(framework, issuer))
    found = check_template(
        path, issuer=issuer, framework=framework, languages=languages or ["fr"], samples=samples
    )
    return [*map(str, found)]


def test_nothing_is_wrong_with_a_page_that_shows_name_and_code(faults: Faults) -> None:
    """It need not show more than that."""
    assert faults("") == []


@pytest.mark.parametrize(
    "name", ["full_name", "first_name", "last_name"], ids=["whole", "first", "last"]
)
def test_page_shows_whose_it_is(faults: Faults, name: str) -> None:
    """The name, or a part of it; otherwise it is told, once, without a line."""
    shown = SHOWN.replace("full_name", name)
    assert faults("", shown=shown) == []
    (found,) = faults("", shown=SHOWN.replace(NAME, ""))
    assert found.startswith("page.svg: the page does not show whose it is. Show the name: ")


def test_page_shows_the_code_or_the_qr_code(faults: Faults) -> None:
    """Either will do."""
    without = SHOWN.replace(CODE, "")
    assert faults(QR, shown=without) == []
    (found,) = faults("", shown=without)
    assert "shows neither the verification code nor the QR code: nobody could" in found


def test_what_every_page_must_show_is_told_only_where_nothing_else_is_wrong(faults: Faults) -> None:
    """What was passed over may show it."""
    (found,) = faults(BAD, shown="")
    assert "attribute fil" in found


@pytest.mark.parametrize(
    "condition",
    [
        "variant.sealed and not variant.signed",
        "variant.signed and not variant.sealed",
        "variant.score and not variant.sealed",
        "not variant.score and variant.sealed",
        "not variant.birth_place and variant.signed",
        "variant.recognition and not variant.signed",
        "not variant.recognition",
        "variant.specimen",
        "not variant.specimen",
        "variant.birth_place",
        "variant.max_level == 8",
        "variant.max_level == 1",
        "variant.years == 3",
        "not (variant.score or variant.sealed or variant.signed)",
    ],
)
def test_each_two_traits_of_a_page_are_tried_together_and_apart(
    faults: Faults, condition: str
) -> None:
    """A fault that only some pages have is told once."""
    found = faults(f"{SIGNATURE}\n<!--{{% if {condition} %}}-->{BAD}<!--{{% endif %}}-->")
    assert found == [
        'page.svg, line 5: attribute fil of <g> is not supported. Did you mean "fill"?'
    ]


def test_drawing_without_a_signature_is_not_tried_signed(faults: Faults) -> None:
    """One with its place only where it is not signed is told."""
    assert faults(f"<!--{{% if variant.signed %}}-->{BAD}<!--{{% endif %}}-->") == []
    other = SIGNATURE.replace("if variant.signed", "if not variant.signed and issuer.logo")
    (found,) = faults(other)
    assert "there is no place for the document's signature" in found


def test_page_that_has_no_score_is_tried_where_the_framework_has_none(draw: Write) -> None:
    """No kind of page has one then."""
    path = draw(SHOWN + f"<!--{{% if variant.score %}}-->{BAD}<!--{{% endif %}}-->")
    assert checked(path, read_framework("digcomp")) == []
    assert checked(path, read_framework("crcn")) != []


def test_errors_stand_in_the_order_of_files_and_lines(draw: Write, crcn: Framework) -> None:
    """Those of all drawings of a folder, each once."""
    draw(f"{BAD}\n{SHOWN}\n{BAD}", name="b.svg")
    path = draw(f"\n{BAD}\n{BAD}{SHOWN}", name="a.svg")
    found = checked(path.parent, crcn)
    assert [one.partition(":")[0] for one in found] == [
        f"{name}.svg, line {line}" for name, line in (("a", 3), ("a", 4), ("b", 2), ("b", 4))
    ]
    assert len(checked(path, crcn)) == 2


@pytest.mark.parametrize("rows", [1, 3])
def test_cover_is_tried_with_one_person_and_full(draw: Write, crcn: Framework, rows: int) -> None:
    """The template's own, beside it."""
    path = draw(SHOWN)
    bad = f"<!--{{% if variant.rows == {rows} %}}-->{BAD}<!--{{% endif %}}-->"
    draw(f"\n\n{bad}", name="cover.svg", page='data-rows="3"')
    (found,) = checked(path, crcn)
    assert found.startswith("cover.svg, line 4: attribute fil")
    specimen = bad.replace(f"variant.rows == {rows}", "variant.specimen != (variant.rows == 1)")
    draw(specimen, name="cover.svg", page='data-rows="3"')
    assert checked(path, crcn) == []


def test_cover_that_does_not_say_its_rows_is_told_beside_other_faults(
    draw: Write, crcn: Framework
) -> None:
    """It hides none of another drawing."""
    path = draw(SHOWN + BAD)
    draw("", name="cover.svg")
    found = checked(path, crcn)
    assert [one.partition(",")[0] for one in found] == ["cover.svg", "page.svg"]
    assert "data-rows of <svg> is ''" in found[0]


FLOW = """<g data-flow=""><rect data-column="" x="9" y="9" width="99" height="150" fill="none"/>
<g data-block="level:1.1:1"><g role="paragraph"><text y="9">One</text></g></g></g>"""


@pytest.mark.parametrize("level", [1, 6, 8])
def test_further_pages_are_tried_with_lowest_usual_and_highest_level(
    draw: Write, crcn: Framework, level: int
) -> None:
    """With their first page, which is tried as such."""
    draw(SHOWN + BAD, name="first.svg")
    condition = f"variant.max_level == {level} and variant.specimen == {level == 1}"
    path = draw(
        f"<!--{{% if {condition} %}}-->{BAD}<!--{{% endif %}}-->\n{FLOW}",
        name="more.svg",
        page='data-first-page="first.svg"',
    )
    found = checked(path, crcn)
    assert [one.partition(":")[0] for one in found] == ["first.svg, line 2", "more.svg, line 2"]


def test_words_of_each_language_are_looked_at(draw: Write, crcn: Framework) -> None:
    """In a language that is asked for, of those there are labels in."""
    path = draw(SHOWN + '<g role="paragraph"><text y="60">{{ label.born }}</text></g>')
    (path.parent / "labels/en.toml").write_text(
        LABELS.replace("born =", "bron ="), encoding="utf-8"
    )
    fr, en = (checked(path, crcn, [language]) for language in ("fr", "en"))
    assert not any("en.toml" in one for one in fr)
    assert any("bron" in one and "en.toml" in one for one in en)
    with pytest.raises(TemplateError, match="no labels in the language 'nl'"):
        checked(path, crcn, ["nl"])


def test_languages_are_those_that_template_framework_and_issuer_have(
    draw: Write, crcn: Framework
) -> None:
    """Others are told with the reason; none at all is refused."""
    path = draw(SHOWN)
    for language in ("en", "pl", "tlh"):
        (path.parent / f"labels/{language}.toml").write_text(LABELS, encoding="utf-8")
    issuer = default_issuer()
    languages, left_out = languages_for(path, issuer, crcn)
    assert languages == ["en", "fr"]
    assert left_out == {"the framework has no names in them": ["pl", "tlh"]}
    assert languages_for(path.parent, issuer, crcn) == (languages, left_out)
    for language in ("en", "fr", "pl"):
        (path.parent / f"labels/{language}.toml").unlink()
    with pytest.raises(TemplateError, match="no language in common") as caught:
        languages_for(path, issuer, crcn)
    assert "The template has tlh: add labels" in str(caught.value.hint)


def test_issuer_without_texts_in_a_language_leaves_it_out(draw: Write, crcn: Framework) -> None:
    """One language is told in the singular."""
    path = draw(SHOWN)
    (path.parent / "labels/en.toml").write_text(LABELS, encoding="utf-8")
    issuer = msgspec.structs.replace(default_issuer(), notice={"fr": "Merci."})
    assert languages_for(path, issuer, crcn) == (["fr"], {"the issuer has no texts in it": ["en"]})


def test_further_pages_are_printed_where_levels_are_described() -> None:
    """Only such languages are left, and the others told; of a folder, all are."""
    shipped = assets.TEMPLATES / "attestation"
    issuer, framework = default_issuer(), read_framework("crcn")
    all_, _ = languages_for(shipped, issuer, framework)
    described = [language for language in all_ if framework.describes(language)]
    languages, left_out = languages_for(shipped / "detailed.svg", issuer, framework)
    assert languages == (described or all_)
    silent = [language for language in all_ if language not in described]
    reason = "the framework does not say there what levels mean"
    assert left_out.get(reason, []) == (silent if described else [])
    assert languages_for(shipped / "template.svg", issuer, framework)[0] == all_
