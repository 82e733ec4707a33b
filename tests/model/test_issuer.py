"""issuer.toml → Issuer: who attests, where it is verified, and for how long it is valid."""

from __future__ import annotations

import json
import pickle
import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixattest import Press
from pixattest.errors import IssuerError
from pixattest.model import assets
from pixattest.model.framework import crcn, read_framework
from pixattest.model.issuer import (
    DEFAULT_FIELDS,
    Issuer,
    default_issuer,
    last_day,
    read_issuer,
    text_of,
)
from pixattest.model.record import Rules, read_record
from pixattest.model.schema import schema

SHIPPED = assets.ISSUER.read_text(encoding="utf-8")
ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "issuer.toml"
RECORD = EXAMPLE.with_name("record.json")
TITLE = re.findall(r"^title = (.*)$", SHIPPED, re.MULTILINE)[0]
QR = 'qr = "https://app.pix.fr/verification-certificat?code={code}"'
URL = 'url = "https://app.pix.fr/verification-certificat"'
PATTERN = 'code_pattern = "P-[A-Z0-9]{8}"'


def read_edited(folder: Path, *edits: tuple[str, str]) -> Issuer:
    """The built-in issuer's file with some things changed."""
    text = SHIPPED
    for old, new in edits:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    path = folder / "issuer.toml"
    path.write_text(text, encoding="utf-8")
    return read_issuer(path)


# The last day of validity


@pytest.mark.parametrize(
    ("delivered", "years", "last"),
    [
        ("2024-02-09", 3, "2027-02-09"),
        ("2024-02-29", 3, "2027-02-28"),
        ("2024-02-29", 1, "2025-02-28"),
        ("2024-02-29", 4, "2028-02-29"),
        ("2024-02-29", 8, "2032-02-29"),
        ("2096-02-29", 4, "2100-02-28"),
        ("1996-02-29", 4, "2000-02-29"),
        ("2023-02-28", 1, "2024-02-28"),
        ("2024-02-28", 3, "2027-02-28"),
        ("2024-03-01", 3, "2027-03-01"),
        ("2024-12-31", 1, "2025-12-31"),
        ("2024-01-01", 99, "2123-01-01"),
        ("2025-08-31", 5, "2030-08-31"),
    ],
)
def test_last_day_has_the_same_number_where_there_is_one(
    delivered: str, years: int, last: str
) -> None:
    """29 February ends on the 28th in common years, no other day moves."""
    assert last_day(date.fromisoformat(delivered), years) == date.fromisoformat(last)


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)), st.integers(1, 99))
def test_last_day_is_in_the_same_month(delivered: date, years: int) -> None:
    """Whatever the day: the year is counted on, and only the 29th of February moves."""
    last = last_day(delivered, years)
    assert (last.year, last.month) == (delivered.year + years, delivered.month)
    assert last.day == delivered.day or (delivered.day, last.day, last.month) == (29, 28, 2)


# Policies


def test_validity_is_three_years_by_default() -> None:
    """From ever, until a policy says otherwise."""
    for delivered in (date(1990, 1, 1), date(2024, 2, 9), date(2999, 12, 31)):
        assert default_issuer().validity_years(delivered) == 3


@pytest.mark.parametrize(
    ("delivered", "years"),
    [
        ("1990-01-01", 3),
        ("2025-08-31", 3),
        ("2025-09-01", 5),
        ("2025-09-02", 5),
        ("2029-12-31", 5),
        ("2030-01-01", 2),
        ("2999-01-01", 2),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_policy_of_the_day_of_delivery_holds(
    tmp_path: Path, delivered: str, years: int, turned: bool
) -> None:
    """The latest that began by then, in whatever order the file has them."""
    policies = [
        "[[validity]]\nyears = 3\n",
        "[[validity]]\nfrom = 2025-09-01\nyears = 5\n",
        "[[validity]]\nfrom = 2030-01-01\nyears = 2\n",
    ]
    if turned:
        policies.reverse()
    issuer = read_edited(tmp_path, ("[[validity]]\nyears = 3\n", "".join(policies)))
    assert issuer.validity_years(date.fromisoformat(delivered)) == years


def test_no_policy_may_hold_yet(tmp_path: Path) -> None:
    """When each policy has a date, none holds before the first."""
    issuer = read_edited(tmp_path, ("years = 3", "years = 3\nfrom = 2020-01-01"))
    assert issuer.validity_years(date(2019, 12, 31)) is None
    assert issuer.validity_years(date(2020, 1, 1)) == 3


@pytest.mark.parametrize(
    ("delivered", "recognised"),
    [("2021-12-31", False), ("2022-01-01", True), ("2024-02-09", True)],
)
def test_recognition_begins_on_its_day(delivered: str, recognised: bool) -> None:
    """The sentence is printed on what is delivered from that day on."""
    assert default_issuer().recognises(date.fromisoformat(delivered)) is recognised


def test_recognition_may_be_missing(tmp_path: Path) -> None:
    """An issuer that nobody recognised prints no such sentence."""
    section = re.search(r"^\[recognition\]\nfrom = (.*\n)+", SHIPPED, re.MULTILINE)
    assert section is not None
    issuer = read_edited(tmp_path, (section[0], ""))
    assert issuer.recognition is None
    assert not issuer.recognises(date(2024, 2, 9))


# The file


def test_built_in_issuer_is_the_pix_example() -> None:
    """Its signature is left for a pen; that of `examples/` is an image beside the file."""
    built_in, example = default_issuer(), read_issuer(EXAMPLE)
    assert (built_in.name, built_in.wordmark.text, built_in.fonts) == ("Pix", "pix", ())
    assert built_in.signature.image is None
    assert built_in.verification == example.verification
    assert (
        text_of(built_in, "signature.title", built_in.signature.title, "fr")
        == "Signature du directeur :"
    )
    assert example.signature.image == str(EXAMPLE.with_name("signature.png").resolve())


def test_paths_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From whatever folder pixattest is run, and though the images are not there yet."""
    folder = tmp_path / "school"
    folder.mkdir()
    text = SHIPPED.replace('text = "pix"', 'logo = "art/logo.png"')
    text = text.replace("# image =", "image =").replace(
        'name = "Pix"', f'name = "Pix"\nfonts = ["a.ttf", "{(tmp_path / "b.ttf").as_posix()}"]'
    )
    (folder / "issuer.toml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    issuer = read_issuer("school/issuer.toml")
    home = folder.resolve()
    assert issuer.wordmark.logo == str(home / "art/logo.png")
    assert issuer.signature.image == str(home / "signature.png")
    assert issuer.fonts == (str(home / "a.ttf"), str(tmp_path / "b.ttf"))


@pytest.mark.parametrize(
    ("old", "new", "problem", "hint"),
    [
        # Keys and types
        ('name = "Pix"', 'nam = "Pix"', "unknown field `nam`", 'Did you mean "name"?'),
        ('name = "Pix"', 'name = "Pix"\nhue = 1', "unknown field `hue`", "shipped example"),
        ('name = "Pix"', 'name = "Pix"\nsource = "x"', "unknown field `source`", ""),
        ("shown =", "show =", "unknown field `show` - at `verification`", 'mean "shown"?'),
        ("years = 3", "year = 3", "unknown field `year` - at `validity[0]`", 'mean "years"?'),
        ("from = 2022", "form = 2022", "unknown field `form` - at `recognition`", 'mean "from"?'),
        ('name = "Pix"', "", "missing required field `name`", "shipped example"),
        ("[signature]\ntitle", "[signature]\n# title", "field `title` - at `signature`", ""),
        ('name = "Pix"', "name = 3", "expected `str`, got `int` - at `name`", ""),
        ('name = "Pix"', 'name = ""', "expected `str` of length >= 1 - at `name`", ""),
        ('name = "Pix"', f'name = "{"x" * 201}"', "length <= 200 - at `name`", ""),
        ("years = 3", 'years = "3"', "got `str` - at `validity[0].years`", ""),
        ("years = 3", "years = 0", "expected `int` >= 1 - at `validity[0].years`", ""),
        ("years = 3", "years = 100", "expected `int` <= 99 - at `validity[0].years`", ""),
        ("years = 3", "years = true", "got `bool` - at `validity[0].years`", ""),
        ("years = 3", "years = 2.5", "got `float` - at `validity[0].years`", ""),
        ("2022-01-01", "2022-01-01T10:00:00", "got `datetime` - at `recognition.from`", ""),
        ("2022-01-01", "2022-02-30", "is not TOML: invalid date", ""),
        (TITLE, "3", "got `int` - at `signature.title`", ""),
        (TITLE, "{ fr = 3 }", "got `int` - at `signature.title", ""),
        ("[[validity]]", "[validity]", "expected `array`, got `object` - at `validity`", ""),
        ('name = "Pix"', 'name = "Pix"\nfonts = [3]', "got `int` - at `fonts[0]`", ""),
        ('name = "Pix"', 'name = "Pix"\nparticles = ["-"]', "words before a last name", ""),
        # What has the right shape and can't be used
        ('text = "pix"', 'text = "pix"\nlogo = "a.png"', "needs either text or logo", "Keep one"),
        ('text = "pix"', "", "needs either text or logo", ""),
        ("{code}", "", "without {code}", "Put {code} where the verification code stands"),
        ("?code={code}", "?code={Code}", "{Code}", "Put {code} where"),
        ("?code={code}", "?code={code}&name={name}", "{name}", "{code}"),
        (URL, 'url = "ftp://app.pix.fr/"', "not an http or https address", "https://"),
        (URL, 'url = "app.pix.fr/"', "not an http or https address", "https://"),
        (URL, 'url = "https://"', "not an http or https address", "https://"),
        (URL, 'url = "https://app.pix.fr/vérifier"', "not an http or https address", "accents"),
        (URL, 'url = "https://app.pix.fr/a b"', "not an http or https address", "spaces"),
        (URL, 'url = "https://app.pix.fr/\\n"', "not an http or https address", "spaces"),
        (URL, 'url = "javascript:alert(1)"', "not an http or https address", "https://"),
        (QR, 'qr = "app.pix.fr/{code}"', "qr is 'app.pix.fr/{code}', not an http", "https://"),
        (QR, 'qr = "https://app.pix.fr/{code}\\n"', "not an http or https address", "spaces"),
        (PATTERN, 'code_pattern = "P-[A-Z"', "is not a regular expression", "P-[A-Z0-9]{8}"),
        (PATTERN, f'{PATTERN}\nnew_code = "P-????"', "fewer than 6 signs '?'", "P-????????"),
        (PATTERN, f'{PATTERN}\nnew_code = "CF-????????"', "does not accept", "2346789BCDFG"),
        (PATTERN, 'code_pattern = "*"', "is not a regular expression", "P-[A-Z0-9]{8}"),
        ("years = 3", "years = 3\n[[validity]]\nyears = 5", "two [[validity]] hold", "Keep one"),
        (
            "years = 3",
            "years = 3\nfrom = 2025-01-01\n[[validity]]\nyears = 5\nfrom = 2025-01-01",
            "two [[validity]] hold from the same date",
            "Keep one",
        ),
    ],
)
def test_mistake_in_the_file_is_told(
    tmp_path: Path, old: str, new: str, problem: str, hint: str
) -> None:
    """With the file, the key and what to do."""
    with pytest.raises(IssuerError) as caught:
        read_edited(tmp_path, (old, new))
    assert caught.value.source == str(tmp_path / "issuer.toml")
    assert problem in caught.value.problem
    assert caught.value.hint
    assert hint in caught.value.hint
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "misleading"),
    [
        ('text = "pix"', "", "Keep one of the two"),
        ("?code={code}", "?code={code}&name={name}", "without {code}"),
    ],
)
def test_message_does_not_tell_of_another_mistake(
    tmp_path: Path, old: str, new: str, misleading: str
) -> None:
    """Without a wordmark there are no two to choose from; an address with {code} has it."""
    with pytest.raises(IssuerError) as caught:
        read_edited(tmp_path, (old, new))
    assert misleading not in str(caught.value)


@pytest.mark.parametrize("file", [assets.ISSUER, EXAMPLE], ids=["built-in", "example"])
def test_lines_that_are_offered_in_comments_can_be_used(tmp_path: Path, file: Path) -> None:
    """Who copies the file and takes the # away gets what the comment says."""
    text = file.read_text(encoding="utf-8")
    text = re.sub(r"^# (image|logo|fonts) =", r"\1 =", text, flags=re.MULTILINE)
    text = re.sub(r"^text = .*\n(?=logo)", "", text, flags=re.MULTILINE)
    path = tmp_path / "issuer.toml"
    path.write_text(text, encoding="utf-8")
    issuer = read_issuer(path)
    assert issuer.fonts
    assert issuer.wordmark.logo
    assert issuer.signature.image


def test_validity_is_needed(tmp_path: Path) -> None:
    """An empty list of policies is a mistake, as is none."""
    for edits in (
        [("[[validity]]\nyears = 3\n", "")],
        [("[[validity]]\nyears = 3\n", ""), ('name = "Pix"', 'name = "Pix"\nvalidity = []')],
    ):
        with pytest.raises(IssuerError, match="validity"):
            read_edited(tmp_path, *edits)


def test_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """With its path."""
    path = tmp_path / "none.toml"
    with pytest.raises(IssuerError) as caught:
        read_issuer(path)
    assert str(caught.value) == f"{path}: there is no such file. Check its path."


@pytest.mark.parametrize(
    "address",
    [
        "https://x.example/{code}",
        "http://localhost:8000/?c={code}#top",
        "https://x.example/{code}/{code}",
    ],
)
def test_address_may_have_the_code_anywhere(tmp_path: Path, address: str) -> None:
    """Once or more."""
    issuer = read_edited(tmp_path, (QR, f'qr = "{address}"'))
    assert issuer.verification.qr == address


def test_new_codes_have_the_issuer_s_form(tmp_path: Path) -> None:
    """Those that are drawn are among those that are accepted."""
    own = 'code_pattern = "CF-[A-Z0-9]{6}"\nnew_code = "CF-??????"'
    rules = Rules.of(issuer=read_edited(tmp_path, (PATTERN, own)))
    raw = json.loads(RECORD.read_text(encoding="utf-8")) | {"verification_code": None}
    drawn = read_record(raw, rules=rules, new_codes=True).verification_code
    assert re.fullmatch(r"CF-[A-Z0-9]{6}", drawn)


def test_code_pattern_is_the_issuer_s(tmp_path: Path) -> None:
    """A regular expression that a whole code matches."""
    issuer = read_edited(tmp_path, (PATTERN, "code_pattern = '[A-Z]{2}\\d{4}'"))
    assert re.fullmatch(issuer.verification.code_pattern, "AB1234")


def test_issuer_is_frozen() -> None:
    """Nothing in it can be assigned."""
    with pytest.raises(AttributeError):
        default_issuer().name = "Other"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        default_issuer().validity[0].years = 9  # type: ignore[misc]


# What is always printed with


def read_usual(home: Path, **usual: str) -> Issuer:
    """The built-in issuer's file with these keys, and what they may name beside it."""
    shutil.copytree(ROOT / "templates/attestation", home / "page", dirs_exist_ok=True)
    shutil.copy(ROOT / "examples/framework.toml", home / "kitchen.toml")
    keys = "".join(f'{key} = "{value}"\n' for key, value in usual.items())
    return read_edited(home, ('name = "Pix"', f'{keys}name = "Pix"'))


def test_without_a_word_it_is_as_ever() -> None:
    """The CRCN, in French, on the template `attestation`."""
    press = Press()
    assert (press.framework, press.language, press.template) == (
        crcn(),
        "fr",
        assets.template_path("attestation").resolve(),
    )


def test_a_press_prints_with_what_the_issuer_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paths are relative to the file, from whatever folder pixattest is run."""
    home = tmp_path / "school"
    home.mkdir()
    read_usual(home, framework="kitchen.toml", language="nl", template="page")
    monkeypatch.chdir(tmp_path)
    press = Press(issuer="school/issuer.toml")
    assert press.framework == read_framework(home / "kitchen.toml")
    assert press.language == "nl"
    assert press.template == (home / "page/template.svg").resolve()
    read_usual(home, framework="digcomp", template="page/landscape.svg")
    press = Press(issuer="school/issuer.toml")
    assert press.framework == read_framework("digcomp")
    assert press.template == (home / "page/landscape.svg").resolve()


def test_a_shipped_name_is_meant_before_a_file_of_that_name(tmp_path: Path) -> None:
    """With ./ before it, it is the file."""
    shutil.copytree(ROOT / "templates/attestation", tmp_path / "landscape")
    shutil.copy(ROOT / "examples/framework.toml", tmp_path / "crcn")
    press = Press(issuer=read_usual(tmp_path, framework="crcn", template="landscape"))
    assert press.framework == crcn()
    assert press.template == assets.template_path("landscape").resolve()
    press = Press(issuer=read_usual(tmp_path, framework="./crcn", template="./landscape"))
    assert press.framework.id == "kitchen"
    assert press.template == (tmp_path / "landscape/template.svg").resolve()


def test_what_a_press_is_given_wins(tmp_path: Path) -> None:
    """Each by itself; what the issuer says in its place need not be there."""
    gone = read_usual(tmp_path, framework="gone.toml", language="tlh", template="gone")
    press = Press("landscape", gone, language="de", framework="digcomp")
    assert press.template == assets.template_path("landscape").resolve()
    assert (press.language, press.framework.id) == ("de", "digcomp")
    issuer = read_usual(tmp_path, framework="kitchen.toml", language="nl", template="page")
    press = Press(issuer=issuer, language="fr")
    assert (press.language, press.framework.id) == ("fr", "kitchen")
    assert Press(issuer=issuer, framework=crcn()).framework == crcn()


def test_records_are_held_against_the_issuer_s_framework(tmp_path: Path) -> None:
    """Whatever reads them, and the schema says its fields."""
    issuer = read_usual(tmp_path, framework="kitchen.toml")
    raw = json.loads(RECORD.read_text(encoding="utf-8"))
    raw |= {"levels": {"1.1": "Advanced"}, "score": None, "max_level": None}
    rules = Rules.of(issuer=issuer)
    assert read_record(raw, rules=rules) == Press(issuer=issuer).read(raw)
    assert read_record(raw, rules=rules).levels == {"1.1": 3}
    assert Rules.of(crcn(), issuer).framework == crcn()
    assert schema(issuer=issuer) == schema(read_framework(tmp_path / "kitchen.toml"))
    assert schema(crcn(), issuer) == schema()


@pytest.mark.slow
def test_a_pickled_press_needs_nothing_that_the_issuer_names(tmp_path: Path) -> None:
    """It was settled where the press was made: another process looks no file up for it."""
    raw = json.loads(RECORD.read_text(encoding="utf-8"))
    raw |= {"levels": {"1.1": "Advanced"}, "score": None, "max_level": None}
    issuer = read_usual(tmp_path, framework="kitchen.toml", language="nl", template="landscape")
    press = Press(issuer=issuer)
    sent = pickle.dumps(press)
    (tmp_path / "kitchen.toml").unlink()
    (tmp_path / "issuer.toml").unlink()
    again = pickle.loads(sent)
    assert (again.language, again.framework) == (press.language, press.framework)
    assert again.render(raw) == press.render(raw)


@pytest.mark.parametrize(
    ("usual", "told"),
    [
        (
            {"framework": "cuisine.toml"},
            r"framework is '.*cuisine\.toml', and there is no framework there",
        ),
        ({"framework": "digcmp"}, r'digcmp.* Did you mean "digcomp"\? Name a shipped one \(crcn, '),
        (
            {"template": "ours"},
            r"template is '.*ours', and there is no template there\. Name ",
        ),
        ({"template": "."}, r"template is '.*', and there is no template there"),
        ({"framework": "."}, r"framework is '.*', and there is no framework there"),
        ({"template": "detailled"}, r'detailled.* Did you mean "detailed"\?'),
        (
            {"language": "tlh"},
            r"language is 'tlh', and the template in .* has no labels in it",
        ),
    ],
    ids=str,
)
def test_what_is_named_and_not_there_is_told_of_the_issuer_s_file(
    tmp_path: Path, usual: dict[str, str], told: str
) -> None:
    """With its name and the key; the file itself can be read, for what needs nothing of it."""
    issuer = read_usual(tmp_path, **usual)
    with pytest.raises(IssuerError, match=told) as caught:
        Press(issuer=issuer)
    assert caught.value.source == "issuer.toml"


# Texts


def test_text_is_said_in_its_language(tmp_path: Path) -> None:
    """One string serves all languages; else the language must be there."""
    issuer = read_edited(tmp_path, (TITLE, '"Le directeur :"'))
    assert text_of(issuer, "signature.title", issuer.signature.title, "de") == "Le directeur :"
    issuer = default_issuer()
    assert (
        text_of(issuer, "signature.title", issuer.signature.title, "en")
        == "Signature of the director:"
    )


@pytest.mark.parametrize("text", [{"fr": "oui"}, {}])
def test_text_in_another_language_is_refused(text: dict[str, str]) -> None:
    """The message has the file, the language and what to add."""
    with pytest.raises(IssuerError) as caught:
        text_of(default_issuer(), "signature.title", text, "de")
    assert caught.value.source == "issuer.toml"
    assert "signature.title has no text in 'de'" in caught.value.problem
    assert caught.value.hint is not None
    assert "de = " in caught.value.hint


SEAL = '[seal]\nsite = "https://x.example/verify/"\nkey = "keys/key.pem"\n'


def read_with_seal(folder: Path, seal: str) -> Issuer:
    path = folder / "issuer.toml"
    path.write_text(assets.ISSUER.read_text(encoding="utf-8") + "\n" + seal, encoding="utf-8")
    return read_issuer(path)


def test_seal_has_its_paths_beside_the_file_and_usual_fields(tmp_path: Path) -> None:
    """Where the key is, and what is said of a person if nothing else is chosen."""
    seal = read_with_seal(tmp_path, SEAL).seal
    assert seal is not None
    assert (seal.key, seal.keys) == (str(tmp_path / "keys/key.pem"), str(tmp_path / "keys.json"))
    assert seal.fields == DEFAULT_FIELDS


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (SEAL.replace("https", "http"), "not an https address"),
        (SEAL.replace("verify/", "verify/#x"), "not an https address"),
        (SEAL.replace("verify/", "{code}"), "not an https address"),
        (SEAL + 'fields = ["levels"]', "levels"),
        (SEAL + 'passphrase = "secret"', "passphrase"),
        ('[seal]\nsite = "https://x.example/"', "key"),
    ],
)
def test_seal_that_can_t_be_used_is_refused(tmp_path: Path, wrong: str, told: str) -> None:
    """A page that is not safe, a field that is no choice, a passphrase where none may be."""
    with pytest.raises(IssuerError, match=told) as caught:
        read_with_seal(tmp_path, wrong)
    assert "secret" not in str(caught.value)


def test_seal_may_be_tried_out_on_this_machine(tmp_path: Path) -> None:
    """Where browsers take http for safe."""
    assert read_with_seal(tmp_path, SEAL.replace("https://x.example", "http://localhost:8000"))


def test_a_repr_names_the_issuer_and_its_file() -> None:
    assert repr(default_issuer()) == f"<Issuer 'Pix', {default_issuer().source}>"
