"""issuer.toml → Issuer: who attests, where it is verified, and for how long it is valid."""

# Annotations are not postponed here: as text, each would be compiled at every start.

import calendar
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, field

from pixattest.errors import IssuerError, did_you_mean
from pixattest.model import assets
from pixattest.model.codes import ALPHABET, CODE_FORM, accepts
from pixattest.model.settings import Text, hint_at_languages, in_language, read_toml

_Line = Annotated[str, Meta(min_length=1, max_length=200)]
_Particle = Annotated[
    str, Meta(pattern=r"[^\W\d_]", description="words before a last name, such as van den")
]


class Wordmark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The text, or the logo (path of a PNG or JPEG), at the top of the page."""

    text: _Line | None = None
    logo: str | None = None


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The signatory's title over the signature image (path of a PNG or JPEG)."""

    title: Text
    image: str | None = None


# A code has 6 drawn characters at least: 24^6 are 1.9e8 codes.
_LEAST_DRAWN = 6


class Verification(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a code is verified.

    Attributes:
        shown: the address as printed.
        url: what the printed address links to.
        qr: the address in the QR code, with `{code}`.
        code_pattern: regular expression that a whole code matches.
        new_code: what a new code looks like, with `?` for each of its drawn characters.
    """

    shown: _Line
    url: _Line
    qr: _Line
    code_pattern: str
    new_code: _Line = CODE_FORM


# The fields of a record that a seal may hold, as `Record` declares them; dates, levels and code are
# always in a seal.
SealField = Literal["first_name", "last_name", "birth_date", "birth_place", "centre", "score"]


# The fields that a seal holds where the issuer chooses no others.
DEFAULT_FIELDS: tuple[SealField, ...] = (
    "first_name",
    "last_name",
    "birth_date",
    "centre",
    "score",
)


class Seal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How attestations are sealed.

    Attributes:
        site: address of the verification page, which the QR code opens with the seal after `#`.
        key: path of the encrypted private key.
        keys: path of the public keys, a JWKS.
        fields: what the seal says of the person, which the page has to show; without it, all but
            `birth_place`.
    """

    site: _Line
    key: str
    keys: str = "keys.json"
    fields: tuple[SealField, ...] = DEFAULT_FIELDS


class Validity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Years of validity of what is delivered from a date on (None: from ever)."""

    years: Annotated[int, Meta(ge=1, le=99)]
    since: date | None = field(default=None, name="from")


class Recognition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence of professional recognition, printed on what is delivered from a date on.

    Attributes:
        text: the sentence.
        since: that date.
    """

    text: Text
    since: date = field(name="from")


class Signing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How documents are signed.

    Attributes:
        timestamp: address of the time-stamp authority (RFC 3161), if one is asked.
        level: of PAdES (ETSI EN 319 142-1); None: the highest that is possible without roots.
        roots: PEM files of the certificates that the signatures' revocation answers descend from.
    """

    timestamp: _Line | None = None
    level: Literal["B-B", "B-T", "B-LT"] | None = None
    roots: tuple[str, ...] = ()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an issuer's file says.

    Attributes:
        name: who issues: the author in a document's properties.
        fonts: paths of TrueType files, for letters that the template's fonts lack.
        certification: what was passed, as in "une certification Pix".
        centre: certification centre of records that name none.
        notice: a sentence at the foot of every page, such as what the document is not.
        framework: whose competences are attested, where nothing else is asked for: a shipped name,
            or path of a TOML file; None: the CRCN.
        language: of the page, where nothing else is asked for; None: French.
        template: of the page, where nothing else is asked for: a shipped name, or path of a folder
            or SVG; None: `attestation`.
        particles: words that count after the last name which they begin when people are sorted,
            such as `van den`; none: last names are sorted as written.
    """

    name: _Line
    wordmark: Wordmark
    signature: Signature
    verification: Verification
    validity: Annotated[tuple[Validity, ...], Meta(min_length=1)]
    recognition: Recognition | None = None
    signing: Signing = Signing()
    seal: Seal | None = None
    fonts: tuple[str, ...] = ()
    certification: _Line = "Pix"
    centre: _Line | None = None
    notice: Text | None = None
    framework: _Line | None = None
    language: _Line | None = None
    template: _Line | None = None
    particles: tuple[_Particle, ...] = ()


class Issuer(_File, frozen=True):
    """Who attests; read it with `read_issuer`. Paths in it are absolute once it is read."""

    source: str = "issuer"

    def __repr__(self) -> str:
        return f"<Issuer {self.name!r}, {self.source}>"

    def validity_years(self, delivered_on: date) -> int | None:
        """Years of validity under the policy of that day; None when no policy reaches it."""
        held = [v for v in self.validity if v.since is None or v.since <= delivered_on]
        return max(held, key=lambda v: v.since or date.min).years if held else None

    def recognises(self, delivered_on: date) -> bool:
        """Whether the sentence of professional recognition is printed for that day."""
        return self.recognition is not None and self.recognition.since <= delivered_on


def last_day(delivered_on: date, years: int) -> date:
    """The last day of validity, a whole day.

    A term in years ends on the day with the same number and month, or on the last day of the
    month where there is none: 29 February 2024 and three years give 28 February 2027.
    Source: French code of civil procedure, articles 641 and 642.
    """
    year = delivered_on.year + years
    longest = calendar.monthrange(year, delivered_on.month)[1]
    return delivered_on.replace(year=year, day=min(delivered_on.day, longest))


Usual = Literal["framework", "language", "template"]

# The framework, language and template that are taken where neither a caller nor the issuer names
# one.
USUAL: dict[Usual, str] = {"framework": "crcn", "language": "fr", "template": "attestation"}

_SHIPPED = {"framework": assets.framework_names, "template": assets.template_names}


def usual(issuer: Issuer, key: Usual) -> str:
    """Return what an issuer prints with where nothing else is asked for: a name, or a path.

    Raises:
        IssuerError: it is neither a shipped one nor a file that is there.
    """
    named: str | None = getattr(issuer, key)
    if named is None:
        return USUAL[key]
    if key == "language" or named in (shipped := _SHIPPED[key]()):
        return named
    path = Path(named)
    if (path / "template.svg" if path.is_dir() else path).is_file():
        return named
    near = did_you_mean(path.name, shipped)
    mend = (
        f"Name a shipped one ({', '.join(shipped)}), or a path from the folder of {issuer.source}."
    )
    raise IssuerError(
        f"{key} is {named!r}, and there is no {key} there",
        source=issuer.source,
        hint=f"{near} {mend}" if near else mend,
    )


def unsaid(issuer: Issuer) -> Issuer:
    """Return the issuer without its usual framework, language and template.

    No page depends on those three once they are chosen.
    """
    return msgspec.structs.replace(issuer, **dict.fromkeys(USUAL))


def read_issuer(path: str | Path) -> Issuer:
    """Read an issuer's TOML file.

    Raises:
        IssuerError: the file can't be read, or a value in it can't be used.
    """
    path = Path(path)
    said = read_toml(path, _File, IssuerError)
    issuer = Issuer(**{name: getattr(said, name) for name in said.__struct_fields__})
    here = path.resolve().parent

    def absolute(name: str | None) -> str | None:
        return name and str(here / name)

    def placed(key: Usual) -> str | None:
        named: str | None = getattr(issuer, key)
        return named if named in _SHIPPED[key]() else absolute(named)

    issuer = msgspec.structs.replace(
        issuer,
        wordmark=Wordmark(text=issuer.wordmark.text, logo=absolute(issuer.wordmark.logo)),
        signature=msgspec.structs.replace(issuer.signature, image=absolute(issuer.signature.image)),
        signing=msgspec.structs.replace(
            issuer.signing, roots=tuple(str(here / root) for root in issuer.signing.roots)
        ),
        seal=issuer.seal
        and msgspec.structs.replace(
            issuer.seal, key=str(here / issuer.seal.key), keys=str(here / issuer.seal.keys)
        ),
        fonts=tuple(str(here / font) for font in issuer.fonts),
        framework=issuer.framework and placed("framework"),
        template=issuer.template and placed("template"),
        source=path.name,
    )
    check_issuer(issuer, str(path))
    return issuer


@cache
def default_issuer() -> Issuer:
    """The built-in issuer: the Pix example, without a signature image."""
    return read_issuer(assets.ISSUER)


def text_of(issuer: Issuer, key: str, text: Text, language: str) -> str:
    """Return the issuer's text at a key, such as `signature.title`, in a language.

    Raises:
        IssuerError: the issuer has no such text in that language.
    """
    said = in_language(text, language)
    if said is None:
        raise IssuerError(
            f"{key} has no text in {language!r} beside {text!r}",
            source=issuer.source,
            hint=hint_at_languages(language, text),
        )
    return said


def speaks(issuer: Issuer, language: str) -> bool:
    """Whether the issuer has each of its texts on a page in a language."""
    texts = [issuer.signature.title, issuer.notice]
    texts += [issuer.recognition.text] if issuer.recognition else []
    return all(in_language(text, language) is not None for text in texts if text)


def check_issuer(issuer: Issuer, source: str) -> None:
    """Refuse values that have the right shape, and can't be used all the same.

    Raises:
        IssuerError: a value that can't be used.
    """

    def refuse(problem: str, hint: str) -> None:
        raise IssuerError(problem, source=source, hint=hint)

    verification = issuer.verification
    if (issuer.wordmark.text is None) == (issuer.wordmark.logo is None):
        hint = "Keep one of the two." if issuer.wordmark.text else "Give one of the two."
        refuse("[wordmark] needs either text or logo", hint)
    if re.search("[{}]", verification.qr.replace("{code}", "")):
        refuse(
            f"[verification] qr is {verification.qr!r}, with braces that are not filled",
            "Put {code} where the verification code stands, and no other braces.",
        )
    if "{code}" not in verification.qr:
        refuse(
            f"[verification] qr is {verification.qr!r}, without {{code}}",
            "Put {code} where the verification code stands in the address.",
        )
    for name in ("url", "qr"):
        address = getattr(verification, name)
        if not re.fullmatch(r"https?://[\x21-\x7e]+", address):
            refuse(
                f"[verification] {name} is {address!r}, not an http or https address",
                "Write it with its https:// and without spaces or accents.",
            )
    signing = issuer.signing
    if signing.timestamp and not re.fullmatch(r"https?://[\x21-\x7e]+", signing.timestamp):
        refuse(
            f"[signing] timestamp is {signing.timestamp!r}, not an http or https address",
            "Write it with its https:// and without spaces or accents.",
        )
    if signing.level in ("B-T", "B-LT") and not signing.timestamp:
        refuse(
            f"[signing] level {signing.level} needs a time-stamp authority",
            "Give its address as timestamp, or sign with level B-B.",
        )
    if (signing.level == "B-LT") != bool(signing.roots):
        refuse(
            "[signing] level B-LT and roots go together",
            "Name the PEM files of the root certificates, or leave both out.",
        )
    # WebCrypto, which checks a seal, is there on safe pages only: https, or this very machine.
    if issuer.seal and not re.fullmatch(
        r"(https://|http://(localhost|127\.0\.0\.1)[:/])[\x21\x24-\x7a\x7e]+", issuer.seal.site
    ):
        refuse(
            f"[seal] site is {issuer.seal.site!r}, not an https address of a page",
            "Write it with its https:// and without #, spaces, braces or accents.",
        )
    try:
        re.compile(verification.code_pattern)
    except re.error as reason:
        refuse(
            f"[verification] code_pattern is not a regular expression: {reason}",
            'The default is "P-[A-Z0-9]{8}".',
        )
    form = verification.new_code
    if form != CODE_FORM:
        if form.count("?") < _LEAST_DRAWN:
            refuse(
                f"[verification] new_code is {form!r}, with fewer than {_LEAST_DRAWN} signs '?'",
                f'Leave enough to chance, such as "{CODE_FORM}": nobody may guess a code.',
            )
        if not accepts(re.compile(verification.code_pattern), form):
            refuse(
                f"[verification] new_code is {form!r}, whose codes code_pattern"
                f" {verification.code_pattern!r} does not accept",
                f"Let the pattern accept {ALPHABET} in the place of each '?'.",
            )
    starts = [policy.since for policy in issuer.validity]
    if len(set(starts)) < len(starts):
        refuse("two [[validity]] hold from the same date", "Keep one of the two.")
