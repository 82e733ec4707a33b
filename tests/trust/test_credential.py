"""What travels inside a file: the record, and an Open Badge that others can verify."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from copy import deepcopy
from importlib import resources
from io import BytesIO
from typing import Any

import msgspec
import pikepdf
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from support import EXAMPLES

from pixattest import CredentialError, Press, Record, read_issuer
from pixattest.model.issuer import Seal, Validity
from pixattest.trust.credential import NAME, attach_record, open_attached, sign_credential
from pixattest.trust.keys import SealKey, from_base64url, public_keys, to_base64url
from pixattest.trust.signing import Signer, read_signature

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = SealKey(PRIVATE)
KEYS = public_keys(json.dumps({"keys": [KEY.public]}))


@pytest.fixture(scope="module")
def sealing() -> Press:
    """A press with a key."""
    issuer = read_issuer(EXAMPLES / "issuer.toml")
    seal = Seal(site="https://attestations.example/verify/", key="key.pem")
    return Press(issuer=msgspec.structs.replace(issuer, seal=seal), key=KEY)


@pytest.fixture
def attached(sealing: Press, record: dict[str, Any]) -> dict[str, Any]:
    """The JSON in the example's file."""
    return dict(json.loads(attachment(sealing.render(record, attach=True))))


def attachment(pdf: bytes) -> bytes:
    """The file in a document, as the standards say where it is."""
    with pikepdf.open(BytesIO(pdf)) as document:
        (found,) = document.Root.AF
        assert [str(document.Root.Names.EmbeddedFiles.Names[0])] == [NAME]
        assert (found.AFRelationship, str(found.UF)) == ("/Data", NAME)
        file = found.EF.UF
        data = file.read_bytes()
        assert file.Subtype == "/application/json"
        assert int(file.Params.Size) == len(data)
        return bytes(data)


def tell(said: Mapping[str, Any]) -> bytes:
    """An attached file that says so."""
    return json.dumps(said).encode()


def public() -> Ed25519PublicKey:
    """What everybody may know."""
    return PRIVATE.public_key()


# Who reads it.


def test_the_attached_record_prints_the_same_attestation(
    sealing: Press, record: dict[str, Any]
) -> None:
    """It is a record as any other, without its class."""
    document = sealing.render(record | {"group": "TCAP1"}, attach=True)
    found = json.loads(attachment(document))["record"]
    assert "group" not in found
    assert sealing.render(found, attach=True) == document


def test_openbadgeslib_verifies_the_badge(press: Press, record: dict[str, Any]) -> None:
    """An independent implementation of Open Badges 3.0 finds it signed and whole."""
    from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier

    # It goes by the clock: of an issuer whose certifications outlast this test.
    lasting = msgspec.structs.replace(press.issuer, validity=(Validity(99),))
    data = attach_record(press.read(record), lasting, press.framework, "fr", KEY)
    token = json.loads(data)["credential"]
    badge = OB3Verifier(public()).verify(token)
    assert badge.id == "https://app.pix.fr/verification-certificat?code=P-GVVP6HBM"
    assert badge.achievement.achievement_type == "Certification"
    assert len(badge.achievement.result_descriptions) == 17
    other = Ed25519PrivateKey.generate().public_key()
    with pytest.raises(OB3VerificationError, match="signature"):
        OB3Verifier(other).verify(token)


def test_every_word_of_the_badge_is_defined(attached: dict[str, Any]) -> None:
    """Expanded by its contexts and compacted again, nothing is lost: each term means something."""
    from pyld import jsonld

    contexts = resources.files("openbadgeslib.ob3") / "contexts"
    known = {
        "https://www.w3.org/ns/credentials/v2": "credentials-v2.json",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json": "ob-v3p0-context-3.0.3.json",
    }

    def load(url: str, _: Any) -> dict[str, Any]:
        content = json.loads((contexts / known[url]).read_text(encoding="utf-8"))
        return {"documentUrl": url, "document": content, "contextUrl": None}

    claims = dict(open_attached(tell(attached), KEYS).credential or {})
    for name in ("iss", "nbf", "exp"):  # of the token, not of the badge
        del claims[name]
    expanded = jsonld.expand(claims, {"documentLoader": load})
    compacted = jsonld.compact(expanded, claims["@context"], {"documentLoader": load})
    assert shape(compacted) == shape(claims)


def types(*names: str) -> dict[str, Any]:
    """A set of types with these in it; a|b: one of them."""
    return many(STRING) | {"allOf": [{"contains": {"enum": name.split("|")}} for name in names]}


def words(names: str) -> dict[str, Any]:
    """A vocabulary that others may extend."""
    return {"anyOf": [{"enum": names.split()}, {"type": "string", "pattern": "^ext:[\\w.-]+$"}]}


def thing(required: str, closed: bool = False, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required.split(),
        "properties": properties,
        "additionalProperties": not closed,
    }


def many(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


STRING = {"type": "string", "minLength": 1}
URI = {"type": "string", "pattern": "^[a-z][a-z0-9+.-]*:[!-~]+$"}
MOMENT = {
    "type": "string",
    "pattern": "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(Z|[+-]\\d\\d:\\d\\d)$",
}
PROFILE = thing("id type", id=URI, type=types("Profile"), name=STRING)
OPEN_BADGE = thing(
    "@context id type name issuer validFrom credentialSubject",
    **{
        "@context": {
            "type": "array",
            "minItems": 2,
            "prefixItems": [
                {"const": "https://www.w3.org/ns/credentials/v2"},
                {"pattern": r"^https://purl\.imsglobal\.org/spec/ob/v3p0/context-3\.0\.\d+\.json$"},
            ],
        }
    },
    id=URI,
    type=types("VerifiableCredential", "AchievementCredential|OpenBadgeCredential"),
    name=STRING,
    issuer=PROFILE,
    validFrom=MOMENT,
    validUntil=MOMENT,
    credentialSubject=thing(
        "type identifier achievement",  # or an id in the identifier's place
        closed=True,
        type=types("AchievementSubject"),
        licenseNumber=STRING,
        source=PROFILE,
        identifier=many(
            thing(
                "type hashed identityHash identityType",
                closed=True,
                type={"const": "IdentityObject"},
                hashed={"type": "boolean"},
                identityHash=STRING,
                identityType=words(
                    "name sourcedId systemId productId userName accountId emailAddress"
                    " nationalIdentityNumber isbn issn lisSourcedId oneRosterSourcedId"
                    " sisSourcedId ltiContextId ltiDeploymentId ltiToolId ltiPlatformId ltiUserId"
                    " identifier"
                ),
            )
        ),
        achievement=thing(
            "id type criteria description name",
            id=URI,
            type=types("Achievement"),
            achievementType=words(
                "Achievement Assessment Award Badge Certificate CertificateOfCompletion"
                " Certification Competency Course Diploma License MicroCredential"
            ),
            name=STRING,
            description=STRING,
            criteria=thing("", id=URI, narrative=STRING),
            creator=PROFILE,
            inLanguage={"type": "string", "pattern": "^[a-z]{2,4}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$"},
            resultDescription=many(
                thing(
                    "id type name resultType",
                    id=URI,
                    type=types("ResultDescription"),
                    name=STRING,
                    resultType=words(
                        "GradePointAverage LetterGrade Percent PerformanceLevel PredictedScore"
                        " RawScore Result RubricCriterion RubricCriterionLevel RubricScore"
                        " ScaledScore Status"
                    ),
                    allowedValue=many(STRING),
                    valueMin=STRING,
                    valueMax=STRING,
                )
            ),
        ),
        result=many(
            thing("type", type=types("Result"), resultDescription=URI, value=STRING),
        ),
    ),
)
"""What Open Badges 3.0 demands of the classes that a badge of ours is made of (B.1 and C of the
specification), in our words: 1EdTech's own schema is theirs to give out."""


@pytest.mark.parametrize(
    "changes", [{}, {"score": None, "birth_place": None}, {"levels": {"3.3": 1}, "score": 0}]
)
def test_the_badge_is_as_the_standard_says(
    sealing: Press, record: dict[str, Any], changes: dict[str, Any]
) -> None:
    """Each class with its properties; and each result is one that the achievement describes."""
    import jsonschema

    badge = open_attached(
        attachment(sealing.render(record | changes, attach=True)), KEYS
    ).credential
    assert badge is not None
    faults = [*jsonschema.Draft202012Validator(OPEN_BADGE).iter_errors(badge)]
    assert not faults
    subject = badge["credentialSubject"]
    described = {one["id"]: one for one in subject["achievement"]["resultDescription"]}
    for result in subject["result"]:
        of = described.pop(result["resultDescription"])
        allowed = of.get("allowedValue") or range(int(of["valueMin"]), int(of["valueMax"]) + 1)
        assert result["value"] in map(str, allowed)
    assert not described


@pytest.mark.parametrize(
    "spoil",
    [
        lambda badge: badge.pop("validFrom"),
        lambda badge: badge["@context"].reverse(),
        lambda badge: badge["type"].pop(),
        lambda badge: badge.update(validUntil="2027-02-10"),
        lambda badge: badge["credentialSubject"].update(birthDate="2003-01-12"),
        lambda badge: badge["credentialSubject"]["achievement"].pop("criteria"),
        lambda badge: badge["credentialSubject"]["result"][0].update(value=2),
    ],
)
def test_a_spoilt_badge_is_not_as_the_standard_says(
    attached: dict[str, Any], spoil: Callable[[dict[str, Any]], object]
) -> None:
    """So that the test above can fail."""
    import jsonschema

    badge = open_attached(tell(attached), KEYS).credential
    assert badge is not None
    spoil(badge)
    assert not jsonschema.Draft202012Validator(OPEN_BADGE).is_valid(badge)


def shape(value: Any) -> Any:
    """A JSON-LD document without what its form leaves open: lists of one, order of keys."""
    if isinstance(value, dict):
        return {name: shape(below) for name, below in value.items()}
    if isinstance(value, list) and len(value) == 1:
        return shape(value[0])
    return [shape(below) for below in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"score": None},
        {"birth_place": None},
        {"max_level": 8, "levels": {"5.2": 8}, "score": 64},
        {"levels": {"3.3": 1}, "score": 0},
        {"first_name": "Ltd. <script>", "last_name": '"\\ ]]>'},
    ],
)
def test_a_badge_says_all_of_its_record(
    sealing: Press, record: dict[str, Any], changes: dict[str, Any]
) -> None:
    """Opened, both halves agree; `open_attached` refuses them otherwise."""
    data = attachment(sealing.render(record | changes, attach=True))
    found = open_attached(data, KEYS)
    expected = sealing.read(record | changes).as_mapping()
    del expected["group"]
    assert found.record == expected
    assert found.credential is not None


def test_the_same_record_gives_the_same_bytes(sealing: Press, record: dict[str, Any]) -> None:
    """A badge's signature is deterministic."""
    assert sealing.render(record, attach=True) == sealing.render(record, attach=True)


def test_without_a_key_the_record_travels_alone(press: Press, record: dict[str, Any]) -> None:
    """It can be read, and proves nothing."""
    found = open_attached(attachment(press.render(record, attach=True)), KEYS)
    assert found.record["verification_code"] == "P-GVVP6HBM"
    assert found.credential is None


# Attacks.


def edit(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Change a field of the record."""

    def change(said: dict[str, Any]) -> None:
        said["record"][name] = value

    return change


def edit_badge(said: dict[str, Any]) -> None:
    """Change a level in the badge, and leave its signature."""
    head, body, mark = said["credential"].split(".")
    claims = json.loads(from_base64url(body))
    claims["credentialSubject"]["result"][0]["value"] = "6"
    said["credential"] = f"{head}.{to_base64url(json.dumps(claims).encode())}.{mark}"


def sign_anew(said: dict[str, Any]) -> None:
    """Sign it with a key that the issuer does not have."""
    badge = open_attached(tell(said), KEYS).credential
    assert badge is not None
    said["credential"] = sign_credential(badge, SealKey(Ed25519PrivateKey.generate()))


def sign_with_nothing(said: dict[str, Any]) -> None:
    """Say that no algorithm was used."""
    _, body, _ = said["credential"].split(".")
    header = {"alg": "none", "typ": "JWT", "kid": to_base64url(KEY.kid)}
    said["credential"] = f"{to_base64url(json.dumps(header).encode())}.{body}."


@pytest.mark.parametrize(
    ("attack", "problem"),
    [
        (edit("score", 700), "not the one that was signed"),
        (edit("last_name", "Durand"), "not the one that was signed"),
        (edit("levels", {"1.1": 6}), "not the one that was signed"),
        (edit("extra", True), "not the one that was signed"),
        (edit_badge, "altered"),
        (sign_anew, "unknown key"),
        (sign_with_nothing, "no signed credential"),
    ],
)
def test_a_forged_attachment_is_caught(
    attached: dict[str, Any], attack: Callable[[dict[str, Any]], None], problem: str
) -> None:
    """Whatever is changed, in the record, the badge or its signature."""
    forged = deepcopy(attached)
    attack(forged)
    with pytest.raises(CredentialError, match=problem):
        open_attached(tell(forged), KEYS)


@pytest.mark.slow
def test_a_swapped_attachment_is_caught(
    sealing: Press, record: dict[str, Any], signer: Signer
) -> None:
    """Another person's genuine badge names another code than the page; a signature breaks."""
    import pymupdf

    mine = sealing.render(record, attach=True, signer=signer)
    other = record | {"last_name": "Durand", "verification_code": "P-22222222"}
    theirs = attachment(sealing.render(other, attach=True))
    swapped = BytesIO()
    with pikepdf.open(BytesIO(mine)) as document:
        document.Root.AF[0].EF.UF.write(theirs)
        document.save(swapped)
    found = open_attached(attachment(swapped.getvalue()), KEYS)
    with pymupdf.open(stream=swapped.getvalue(), filetype="pdf") as page:
        printed = page[0].get_text()
    assert found.record["verification_code"] not in printed
    assert not read_signature(swapped).genuine


@given(
    st.one_of(
        st.binary(max_size=300),
        st.recursive(
            st.none() | st.integers() | st.text(max_size=9),
            lambda below: (
                st.lists(below, max_size=3)
                | st.dictionaries(st.sampled_from(["record", "credential", "x"]), below, max_size=3)
            ),
        ).map(lambda said: json.dumps(said).encode()),
    )
)
def test_whatever_is_attached_is_read_or_refused(data: bytes) -> None:
    """Nothing but CredentialError comes of it."""
    with suppress(CredentialError):
        assert isinstance(open_attached(data, KEYS).record, dict)


@pytest.mark.parametrize("token", ["..", "a.b", "e30.e30.e30", "x" * 100_000, 7, ["a"], {"a": 1}])
def test_what_is_no_token_is_refused(token: Any) -> None:
    """Of any shape and size."""
    with pytest.raises(CredentialError):
        open_attached(tell({"record": {}, "credential": token}), KEYS)


def test_a_signed_credential_of_something_else_is_refused(record: dict[str, Any]) -> None:
    """The issuer's key on other words than those of an attestation does not vouch for a record."""
    said = {"issuer": {"id": "x"}, "id": "y", "validFrom": "2024-01-01T00:00:00Z"}
    with pytest.raises(CredentialError, match="not the one that was signed"):
        open_attached(tell({"record": record, "credential": sign_credential(said, KEY)}), KEYS)


def test_the_largest_attachment_is_not_read() -> None:
    """A file that no attestation has is refused before it is parsed."""
    with pytest.raises(CredentialError, match="too large"):
        open_attached(b" " * (2 << 20), KEYS)


def test_a_record_is_attached_without_a_press(sealing: Press, record: dict[str, Any]) -> None:
    """By the function that the press uses, for applications that keep it elsewhere."""
    read: Record = sealing.read(record)
    data = attach_record(read, sealing.issuer, sealing.framework, "en", KEY)
    credential = open_attached(data, KEYS).credential
    assert credential is not None
    described = credential["credentialSubject"]["achievement"]["resultDescription"]
    assert described[3]["name"] == "2.1 Interact"


def test_fields_of_ones_own_travel_in_the_credential() -> None:
    """As results that are texts, which read as the same record."""
    from pixattest import Rules, read_record
    from pixattest.model.framework import Field, crcn
    from pixattest.model.issuer import default_issuer
    from pixattest.trust.credential import make_credential, record_of

    framework = msgspec.structs.replace(crcn(), fields={"hours": Field(name="Uren", sample="12")})
    raw = json.loads((EXAMPLES / "record.json").read_text("utf-8")) | {"extra": {"hours": "12"}}
    record = read_record(raw, rules=Rules.of(framework))
    credential = make_credential(record, default_issuer(), framework, "fr")
    said = record.as_mapping()
    del said["group"]
    assert record_of(credential) == said
