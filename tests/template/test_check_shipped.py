"""`check_template` of the shipped drawings, and of what is wrong with them when they are spoilt."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PIL import Image
from support import EXAMPLES

from pixattest.model import assets
from pixattest.model.framework import read_framework
from pixattest.model.issuer import default_issuer
from pixattest.model.record import Rules
from pixattest.template.check import check_template
from pixattest.template.copying import copy_template
from pixattest.template.samples import NAMES, sample_records

pytestmark = pytest.mark.slow

Spoil = Callable[..., list[str]]


@pytest.fixture
def spoilt(tmp_path: Path) -> Spoil:
    """What is found wrong with the shipped template once some of a drawing is replaced.

    In French, where no language is asked for; None are all of them. With the whole folder, or
    another drawing in it, instead of the spoilt one.
    """

    def check(
        *changes: tuple[str, str],
        drawing: str = "template.svg",
        framework: str = "crcn",
        languages: Sequence[str] | None = ("fr",),
        checked: str | None = None,
        picture: Path | None = None,
        **parts: str,
    ) -> list[str]:
        folder = tmp_path / f"mine-{len([*tmp_path.iterdir()])}"
        copy_template(folder)
        for name, content in parts.items():
            (folder / f"{name}.svg").write_text(content, encoding="utf-8")
        if picture:
            shutil.copy(picture, folder)
        path = folder / drawing
        text = path.read_text(encoding="utf-8")
        for before, after in changes:
            assert before in text
            text = text.replace(before, after, 1)
        path.write_text(text, encoding="utf-8")
        attested, issuer = read_framework(framework), default_issuer()
        found = check_template(
            path if checked is None else folder / checked,
            issuer=issuer,
            framework=attested,
            languages=languages,
            samples=sample_records(attested, Rules.of(attested, issuer)),
        )
        return [*map(str, found)]

    return check


def at(part: str, drawing: str = "template.svg") -> str:
    """Where a drawing that ships has the text, the first time, as an error says it."""
    before, found, _ = (
        (assets.TEMPLATES / "attestation" / drawing).read_text("utf-8").partition(part)
    )
    assert found
    return f"{drawing}, line {1 + before.count(chr(10))}"


@pytest.mark.parametrize("language", assets.languages())
def test_nothing_is_wrong_with_a_shipped_template(spoilt: Spoil, language: str) -> None:
    """Every drawing passes, for every kind of page, in every language."""
    assert spoilt(languages=[language], checked="") == []


@pytest.mark.parametrize("drawing", ["template.svg", "landscape.svg"])
@pytest.mark.parametrize("framework", ["digcomp", str(EXAMPLES / "framework.toml")])
def test_nothing_is_wrong_with_another_framework(
    spoilt: Spoil, framework: str, drawing: str
) -> None:
    """There is room for its names, without a score, with levels by name."""
    assert spoilt(framework=framework, drawing=drawing, languages=None) == []


def test_further_pages_are_passed_over_where_levels_are_not_told_of(spoilt: Spoil) -> None:
    """The other drawings of the folder can be used; it alone is refused."""
    assert spoilt(framework="digcomp", languages=["de"], checked="") == []
    (found,) = spoilt(framework="digcomp", languages=["de"], checked="detailed.svg")
    assert "the framework does not say in de what its levels mean" in found


def test_names_of_jinja_that_are_not_known_hide_nothing(spoilt: Spoil) -> None:
    """Neither each other nor what is wrong with an element."""
    found = spoilt(
        ("{{ label.name }}", "{{ label.nmae }}"),
        ("{{ label.born }}", "{{ labell.born }}"),
        ("<!--{% if variant.score %}", "<!--{% if variant.scroe %}"),
        ('data-field="centre"', 'data-field="center"'),
    )
    assert ["nmae" in found[0], "'labell' is undefined" in found[1], '"centre"' in found[2]] == [
        True,
        True,
        True,
    ]
    assert [line.partition(":")[0] for line in found] == [
        at("{{ label.name }}"),
        at("{{ label.born }}"),
        at('data-field="centre"'),
        at("<!--{% if variant.score %}"),
    ]
    assert "'scroe'" in found[3]


def test_everything_is_told_at_once_with_its_line(spoilt: Spoil) -> None:
    """Faults of many kinds, none of which hides another."""
    found = spoilt(
        ('data-field="full_name"', 'data-field="ful_name"'),
        ('rx="7" fill="#F4F6F9"', 'rx="7" fil="#F4F6F9" rotate="9"'),
        ('<g role="note">', "<g>"),
        ('data-field="centre" data-width="183"', 'data-field="centre" data-width="60"'),
    )
    assert [line.partition(":")[0] for line in found] == [
        at('data-field="full_name"'),
        at('data-field="centre"'),
        at('rx="7" fill="#F4F6F9"'),
        at('rx="7" fill="#F4F6F9"'),
        at('data-format="{{ label.score_note }}'),
    ]
    assert 'Did you mean "full_name"?' in found[0]
    assert "would have no room. Widen data-width" in found[1]
    assert 'attribute fil of <rect> is not supported. Did you mean "fill"?' in found[2]
    assert "attribute rotate of <rect>" in found[3]
    assert "a text stands in no element with a role" in found[4]


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        (".label { font-size: 8.5px; fill: #5E6C84; }", ".label { fill: #9AA5B4; }", "is 2.50:1"),
        ('data-set-fill="{{ ink }}"/>\n', "/>\n", "is 4.24:1"),
        (".note { font-size: 7.6px", ".note { font-size: 4px", "a text of 4 points is too small"),
        ('"Source Serif 4"; font-weight: 600; font-size: 13px', "Garamond", "'Garamond' is not"),
    ],
    ids=["pale grey on white", "white on light red", "tiny letters", "no such font"],
)
def test_what_can_hardly_be_read_is_told(
    spoilt: Spoil, before: str, after: str, problem: str
) -> None:
    """Too little contrast, too small, or in no font that is there."""
    found = spoilt((before, after))
    assert any(problem in line for line in found), found


def test_a_word_that_is_missing_is_told_with_the_file_that_lacks_it(spoilt: Spoil) -> None:
    """Wherever a drawing names it."""
    missing = 'data-text="{{ label.verify }}"', 'data-text="{{ label.motto }}"'
    (found,) = spoilt(missing)
    assert re.match(
        r"template\.svg, line \d+: Jinja2: labels/fr\.toml has no word 'motto'\. ", found
    )
    assert found.endswith("Add it to [words] there.")


SEMIBOLD = "SourceSans3_600SemiBold.ttf"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (SEMIBOLD, "Gone.ttf", "shows 'Source Sans 3' from 'fonts/source-sans-3/Gone.ttf', which"),
        ("fonts/source-sans-3/" + SEMIBOLD, "qr-sample.svg", "which nothing is printed in"),
        (
            "source-sans-3/" + SEMIBOLD,
            "source-serif-4/SourceSerif4_600SemiBold.ttf",
            "which is a font of 'Source Serif 4'",
        ),
        ('font-family: "Source Sans 3"; font-weight: 600', "font-family: Arial", "'Arial', in"),
    ],
    ids=["no such file", "no font of the page", "another font", "no such family"],
)
def test_a_font_that_a_browser_alone_shows_is_told(
    spoilt: Spoil, before: str, after: str, told: str
) -> None:
    """The drawing would look unlike the page."""
    (found,) = spoilt((before, after))
    assert found.startswith("template.svg, line 6: @font-face ")
    assert told in found


@pytest.fixture
def reworded(tmp_path: Path) -> Callable[..., list[str]]:
    """What is found wrong with the shipped template once some of its French words are changed."""

    def check(*changes: tuple[str, str], without: Sequence[str] = ()) -> list[str]:
        folder = tmp_path / "mine"
        copy_template(folder)
        labels = folder / "labels/fr.toml"
        text = labels.read_text(encoding="utf-8")
        for before, after in changes:
            assert before in text
            text = text.replace(before, after, 1)
        labels.write_text(text, encoding="utf-8")
        for drawing in without:
            (folder / drawing).unlink()
        framework, issuer = read_framework("crcn"), default_issuer()
        samples = sample_records(framework, Rules.of(framework, issuer))
        found = check_template(
            folder, issuer=issuer, framework=framework, languages=["fr"], samples=samples
        )
        return [*map(str, found)]

    return check


def line_of(word: str) -> int:
    """Where a French word stands in the shipped labels."""
    path = assets.TEMPLATES / "attestation/labels/fr.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(n for n, line in enumerate(lines, 1) if line.startswith(f"{word} ="))


def test_a_word_with_a_slip_in_it_is_told_once_at_the_labels(reworded: Spoil) -> None:
    """Though two drawings miss it, and not as a fault of theirs."""
    assert reworded(("use_code =", "use_cod =")) == [
        f'labels/fr.toml, line {line_of("use_code")}: the word "use_code" is missing; "use_cod" is'
        ' named by no drawing. Did you mean "use_code"?'
    ]


def test_a_word_that_other_languages_have_is_told_at_the_labels(reworded: Spoil) -> None:
    """There is nothing like it in this one."""
    assert reworded(("use_code =", "motto =")) == [
        'labels/fr.toml: the word "use_code" is missing. Add it to [words].',
        f'labels/fr.toml, line {line_of("use_code")}: the word "motto" is named by no drawing.'
        " Remove it.",
    ]


def test_a_word_beside_the_one_it_was_to_be_is_told(reworded: Spoil) -> None:
    """`titel` beside `title`, where nothing is missing."""
    (found,) = reworded(("\ntitle = ", '\ntitel = "Certificat"\ntitle = '))
    assert found.endswith('the word "titel" is named by no drawing. Did you mean "title"?')


def test_words_of_shipped_drawings_are_not_strays(reworded: Spoil) -> None:
    """Whoever prints no cover deletes its drawing, and not a dozen words."""
    assert reworded(without=["cover.svg", "detailed.svg", "landscape.svg"]) == []


@pytest.mark.parametrize(
    ("word", "before", "after", "hint"),
    [
        ("delivered", "{delivered_on}", "{deliverd_on}", 'Did you mean "delivered_on"?'),
        ("listed", "{person.first_name}", "{person.frist_name}", "first_name"),
    ],
)
def test_a_field_that_a_word_gets_wrong_is_told_once_at_the_labels(
    reworded: Spoil, word: str, before: str, after: str, hint: str
) -> None:
    """Though several drawings show it, one of them for each person."""
    (found,) = reworded((before, after))
    assert found.startswith(
        f"labels/fr.toml, line {line_of(word)}: there is no field '{after[1:-1]}', which the word"
        f' "{word}" shows. '
    )
    assert hint in found


def test_fields_are_listed_by_their_kinds(spoilt: Spoil) -> None:
    """One level for all of them, and each name once."""
    (found,) = spoilt(('data-field="full_name"', 'data-field="volledige_naam"'))
    names = found.partition("Fields are ")[2].rstrip(".").split(", ")
    assert len(names) == len(set(names)) < 25
    assert "level:1.1 and so on" in names


DELIVERED = 'x="168" y="258" data-format="{{ label.delivered }}"'
LABEL = 'x="168" y="144" data-text="{{ label.name }}"'
QR_X, QR_SIDE = 'data-set-x="{{ card.qr_x }}"', 'data-set-width="{{ card.qr }}"'


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        (DELIVERED, DELIVERED.replace("258", "858"), "a text stands outside of the page"),
        (DELIVERED, DELIVERED.replace("168", "560"), "a text stands over the edge of the page"),
        (LABEL, LABEL.replace("144", "-144"), "a text stands outside of the page"),
        (QR_X, 'data-set-x="601"', "an image stands outside of the page"),
        (QR_SIDE, 'data-set-width="30"', "would be printed smaller than 25 mm"),
    ],
)
def test_what_could_not_be_seen_or_read_by_a_phone_is_told(
    spoilt: Spoil, before: str, after: str, problem: str
) -> None:
    """Bound and static texts and the QR code, once each, by their lines."""
    found = spoilt((before, after))
    assert len(found) == 1, found
    assert re.match(r"template\.svg, line \d+: ", found[0])
    assert problem in found[0]


def test_what_is_wrong_in_one_kind_of_page_only_is_told(spoilt: Spoil) -> None:
    """A fault that stands where the score is missing."""
    found = spoilt(('d="M80 213 L95', 'd="80 213 L95'))
    assert len(found) == 1
    assert "the path does not begin with M" in found[0]


CENTRE = 'data-field="centre"', 'data-field="center"'


@pytest.mark.parametrize("drawing", ["template.svg", "landscape.svg", "detailed.svg", "cover.svg"])
def test_every_drawing_of_a_folder_is_checked(spoilt: Spoil, drawing: str) -> None:
    """Each is told by its name and line."""
    change = ('"{{ label.page }}"', '"{pagge}"') if drawing == "detailed.svg" else CENTRE
    found = spoilt(change, drawing=drawing, checked="")
    assert len(found) == 1
    assert re.match(rf"{re.escape(drawing)}, line \d+: there is no field", found[0]), found


@pytest.mark.parametrize(
    ("drawing", "checked", "used"),
    [
        ("cover.svg", "template.svg", True),
        ("template.svg", "detailed.svg", True),
        ("landscape.svg", "template.svg", False),
        ("detailed.svg", "template.svg", False),
    ],
)
def test_a_template_is_checked_with_what_it_uses(
    spoilt: Spoil, drawing: str, checked: str, used: bool
) -> None:
    """Its cover and its first page, not the other drawings of the folder."""
    change = ('"{{ label.page }}"', '"{pagge}"') if drawing == "detailed.svg" else CENTRE
    assert bool(spoilt(change, drawing=drawing, checked=checked)) == used


def test_what_another_drawing_includes_or_shows_is_none_of_its_own(spoilt: Spoil) -> None:
    """A part is told of where it is drawn, once, with its own line; a sample never."""
    found = spoilt(
        ("</svg>", '<!--{% include "part.svg" %}--></svg>'),
        ('href="qr-sample.svg"', 'href="sample.svg"'),
        checked="",
        part='<g role="paragraph">\n<text x="9" y="9" data-field="ful_name"/></g>',
        sample="<svg/>",
    )
    assert len(found) == 1
    assert found[0].startswith("part.svg, line 2: there is no field 'ful_name'")


def test_first_page_that_is_not_there_does_not_hide_other_faults(spoilt: Spoil) -> None:
    """It is told as the others are."""
    first = 'data-first-page="template.svg"', 'data-first-page="none.svg"'
    found = spoilt(first, drawing="detailed.svg", checked="", loose="<svg")
    assert len(found) == 2
    assert found[0].startswith("detailed.svg: data-first-page is 'none.svg'")
    assert found[1].startswith("loose.svg, line 1")


@pytest.mark.parametrize(
    "condition",
    [
        "variant.sealed",
        "not variant.sealed and variant.score",
        "variant.signed and not variant.sealed",
        "variant.signed and variant.specimen",
        "not variant.signed and variant.recognition",
    ],
)
def test_sealed_and_signed_pages_are_tried(spoilt: Spoil, condition: str) -> None:
    """A fault that only some pages have, by what they are two and two."""
    bad = f'<!--{{% if {condition} %}}-->\n<g fil="#000000"/><!--{{% endif %}}--></svg>'
    found = spoilt(("</svg>", bad))
    assert len(found) == 1
    assert "attribute fil of <g> is not supported" in found[0]


SIGNATURE = "{% if issuer.signature_image or variant.signed %}"


def test_a_place_that_takes_no_signature_is_told(spoilt: Spoil) -> None:
    """It shows the picture of one, and is not there when the document is signed."""
    found = spoilt((SIGNATURE, "{% if issuer.signature_image and not variant.signed %}"))
    assert len(found) == 1
    assert "there is no place for the document's signature" in found[0]


def test_a_drawing_without_any_signature_may_be_so(spoilt: Spoil) -> None:
    """Not all documents are signed."""
    assert spoilt(('data-image="signature" href="signature-sample.svg"', 'data-sample=""')) == []


def test_a_list_has_room_for_the_longest_sample(spoilt: Spoil) -> None:
    """Names and centres of a whole page of people."""
    found = spoilt(
        ('data-width="174" data-min-size="3.6" data-lines="5"', 'data-width="90"'),
        ('data-field="centre" data-width="152"', 'data-field="centre" data-width="40"'),
        drawing="cover.svg",
        checked="template.svg",
    )
    assert {line.partition(":")[0] for line in found} == {
        at('data-field="centre"', "cover.svg"),
        at('data-width="174" data-min-size="3.6" data-lines="5"', "cover.svg"),
    }
    assert 'Toulouse-Lautrec de Vaucresson" would have no room' in found[0]
    assert 'Maximilienne-Alexandrine Philippine" would have no room' in "".join(found)


@pytest.mark.parametrize("form", ["KA-??????", "P-????????"])
def test_samples_have_a_code_whatever_the_issuer_accepts(form: str) -> None:
    """In the form of new ones; a pattern alone does not say how to write one."""
    rules = Rules(read_framework("crcn"), re.compile(r"KA-\w{6}"), new_code=form)
    codes = {record.verification_code for record in sample_records(rules.framework, rules).values()}
    assert codes == {form.replace("?", "W")}


@pytest.mark.parametrize("name", assets.framework_names())
def test_samples_are_valid_records_of_any_framework(name: str) -> None:
    """One for each name, the full one with every competence."""
    framework = read_framework(name)
    found = sample_records(framework, Rules.of(framework))
    assert tuple(found) == NAMES
    assert set(found["full"].levels) == set(framework.competences)


CODE = 'x="386" y="368" data-set-x="{{ card.text }}" data-set-y="{{ card.code }}"'
QR_PLACE = f'{QR_X} data-set-y="{{{{ card.qr_y }}}}"'


def test_a_text_that_stands_on_another_is_told_with_both(spoilt: Spoil) -> None:
    """Once, at the line of the later one, with how far."""
    (found,) = spoilt((LABEL, LABEL.replace("144", "174")))
    later = re.escape(at('data-field="full_name"'))
    label = at("{{ label.name }}").split()[-1]
    assert re.match(
        rf"{later}: '.+' stands on 'Prénom et nom :' of line "
        rf"{label}, over [\d.]+ x [\d.]+ points(, when the record is \w+)?\. Move one of them",
        found,
    ), found


def test_a_field_that_runs_into_the_next_text_when_it_is_long_is_told(spoilt: Spoil) -> None:
    """Only a long record's centre or place reaches so far."""
    room = 'data-width="186" data-min-size="7.5" data-lines="4" data-height="34.6"'
    (found,) = spoilt((room, 'data-width="379"'))
    assert "Saint-Genest" in found
    assert f"of {at('label.born_at').split(', ')[1]}, over" in found
    assert "when the record is long" in found


def test_what_is_never_there_at_once_or_meant_to_cover_is_not_told(spoilt: Spoil) -> None:
    """Alternatives of data-when, decoration and pale watermarks."""
    text = 'class="serif" x="168" y="176"'
    assert (
        spoilt(
            (
                "</svg>",
                f'<g role="paragraph"><text data-when="score" {text}>A</text>'
                f'<text data-when="not score" {text}>B</text></g>'.replace("176", "298")
                + f'<text aria-hidden="true" {text}>Nobody</text></svg>',
            )
        )
        == []
    )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ((CODE, 'x="420" y="460"'), "'Code de vérification' stands on the QR code of line"),
        (("</svg>", '<rect x="420" y="420" width="9" height="9"/></svg>'), "a <rect> stands on"),
    ],
    ids=["a text", "a shape"],
)
def test_what_stands_on_the_qr_code_is_told(
    spoilt: Spoil, change: tuple[str, str], told: str
) -> None:
    """A code that something covers can't be scanned."""
    found = spoilt(change)
    assert any(told in line and "it can't be scanned" in line for line in found), found


NAME = 'data-field="full_name"', 'data-text="Camille Martin"'
CODE = 'data-field="verification_code"', 'data-text="P-12345678"'
QR = '<image data-field="qr_address"', '<image data-sample="" data-field="qr_address"'


def test_page_that_names_nobody_is_told(spoilt: Spoil) -> None:
    """Its sample would stand on every page."""
    (found,) = spoilt(NAME)
    assert found.startswith("template.svg: the page does not show whose it is")


def test_page_that_nobody_could_verify_is_told(spoilt: Spoil) -> None:
    """Either the code or the QR code will do."""
    assert [spoilt(CODE), spoilt(QR)] == [[], []]
    (found,) = spoilt(CODE, QR)
    assert "neither the verification code nor the QR code" in found


@pytest.mark.parametrize(
    ("drawn", "told"),
    [
        ('<rect x="40" y="160" width="300" height="80" fill="#FFFFFF"/>', "a <rect> stands on"),
        ('<rect x="160" y="168" width="300" height="2" fill="#C8102E"/>', "a <rect> stands on"),
        ('<line x1="160" x2="460" y1="169" y2="169" stroke="#C8102E"/>', "a <line> stands on"),
        ('<circle cx="200" cy="170" r="20" fill="#FFFFFF"/>', "a <circle> stands on"),
        (
            '<image href="mark.png" x="168" y="160" width="30" height="30" aria-hidden="true"/>',
            "an image stands on",
        ),
    ],
)
def test_what_hides_a_text_is_told(spoilt: Spoil, tmp_path: Path, drawn: str, told: str) -> None:
    """Drawn after it, and opaque; drawn before, it is the text's ground."""
    Image.new("RGB", (30, 30), "white").save(tmp_path / "mark.png")
    after = spoilt(("</svg>", f"{drawn}</svg>"), picture=tmp_path / "mark.png")
    assert after
    assert all(told in found for found in after)
    assert any("Move one of them, or draw it before the text." in found for found in after)
    clear = drawn.replace("/>", ' opacity="0.2"/>')
    if "<image" not in drawn:
        assert spoilt(("</svg>", f"{clear}</svg>")) == []


def test_shape_beside_a_text_hides_nothing(spoilt: Spoil) -> None:
    """A circle is not its box, and a frame is not filled."""
    frame = '<rect x="160" y="160" width="300" height="30" fill="none" stroke="#000000"/>'
    assert spoilt(("</svg>", f"{frame}</svg>")) == []
