"""Record + issuer → the file that travels inside the PDF: the record, and a signed badge of it.

The badge is an OpenBadgeCredential (Open Badges 3.0), a W3C Verifiable Credential 2.0. It is
secured as a JSON Web Token (RFC 7519) with the issuer's key for seals, whose public half is in the
`keys.json` beside the issuer's verification page.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

import msgspec

from pixattest.errors import CredentialError
from pixattest.model.fields import Kind
from pixattest.model.framework import Framework, name_in
from pixattest.model.issuer import Issuer, last_day
from pixattest.model.record import FIELDS, Record
from pixattest.trust.jws import read_jws, sign_jws
from pixattest.trust.keys import to_base64url

if TYPE_CHECKING:
    from pixattest.trust.keys import PublicKeys, SealKey

# Name of the attached file.
NAME = "attestation.json"

# An attached file has 1 MiB at most.
LARGEST = 1 << 20

# These documents define the words of a credential; nobody needs to fetch them.
CONTEXTS = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
)

# Type of the signed text that holds a badge.
_TYPE = "JWT"

# Fields of a record, and the kinds of identity (Open Badges 3.0, B.7.9) that hold them.
_IDENTITIES = {
    "first_name": "ext:givenName",
    "last_name": "ext:familyName",
    "birth_date": "ext:birthDate",
    "birth_place": "ext:birthPlace",
}

# The result of one of the framework's own fields is named by this and the field's key.
_EXTRA = "extra."

# Fields that are attached, and have no place of their own in a badge: each is a result, which is
# named by this and the field's name.
_FIELD = "record."

_ATTACHED = [name for name, field in FIELDS.items() if field.attached]
_FURTHER = [
    name
    for name in _ATTACHED
    if FIELDS[name].kind in (Kind.TEXT, Kind.DATE)
    and name not in (*_IDENTITIES, "centre", "delivered_on")
]


class Attached(NamedTuple):
    """What an attached file says.

    Attributes:
        record: the record as `read_record` takes it.
        credential: a credential that says the same, and whose signature was checked; None if the
            file has none.
    """

    record: dict[str, Any]
    credential: dict[str, Any] | None


def attach_record(
    record: Record, issuer: Issuer, framework: Framework, language: str, key: SealKey | None
) -> bytes:
    """Make the file that travels with a record: JSON, the same bytes on any day.

    Args:
        record: the record; all of it but its class is in the file.
        issuer: the issuer who attests.
        framework: the framework whose competences are attested.
        language: language of the names in the credential.
        key: the key that signs the credential. None: there is no credential, and the record proves
            nothing.
    """
    attached: dict[str, Any] = {"record": _plain(record)}
    if key:
        badge = make_credential(record, issuer, framework, language)
        attached["credential"] = sign_credential(badge, key)
    return msgspec.json.format(msgspec.json.encode(attached), indent=2)


def open_attached(data: bytes, keys: PublicKeys) -> Attached:
    """Read an attached file, check its signature, and compare its record with its credential.

    The caller has to compare the record with the page that it came with.

    Raises:
        CredentialError: it is not such a file, it was altered, or an unknown key has signed it.
    """
    if len(data) > LARGEST:
        raise _not_genuine("is too large")
    try:
        said = msgspec.json.decode(data)
        record, token = said["record"], said.get("credential")
        if not isinstance(record, dict):
            raise TypeError
    except (msgspec.MsgspecError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise _not_genuine("is not the JSON of an attestation") from None
    if token is None:
        return Attached(record, None)
    credential = open_credential(token, keys)
    try:
        agree = _filled(record_of(credential)) == _filled(record)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        agree = False
    if not agree:
        raise _not_genuine("has a record that is not the one that was signed")
    return Attached(record, credential)


def make_credential(
    record: Record, issuer: Issuer, framework: Framework, language: str
) -> dict[str, Any]:
    """Make an OpenBadgeCredential of a record; it is not signed yet."""
    years = issuer.validity_years(record.delivered_on)
    profile = {"id": issuer.verification.url, "type": ["Profile"], "name": issuer.name}
    base = f"{issuer.verification.url}#{framework.id}"
    described, results = _results(record, framework, language, base)
    name = name_in(framework.name, language)
    credential: dict[str, Any] = {
        "@context": [*CONTEXTS],
        "id": issuer.verification.qr.replace("{code}", record.verification_code),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": issuer.certification,
        "issuer": profile,
        "validFrom": _midnight(record.delivered_on),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [*_identities(record)],
            "licenseNumber": record.verification_code,
            "source": {
                "id": uuid5(NAMESPACE_URL, f"{issuer.verification.url}#{record.centre}").urn,
                "type": ["Profile"],
                "name": record.centre,
            },
            "achievement": {
                "id": base,
                "type": ["Achievement"],
                "achievementType": "Certification",
                "name": issuer.certification,
                "description": name,
                "criteria": {"narrative": name},
                "inLanguage": language,
                "creator": profile,
                "resultDescription": described,
            },
            "result": results,
        },
    }
    if years is not None:
        after = last_day(record.delivered_on, years) + timedelta(1)
        credential["validUntil"] = _midnight(after)
    return credential


def sign_credential(credential: Mapping[str, Any], key: SealKey) -> str:
    """Sign a credential as a compact JWT (Open Badges 3.0, 8.2); the same key gives the same."""
    claims = dict(credential)
    claims |= {"iss": claims["issuer"]["id"], "jti": claims["id"]}
    claims["nbf"] = _seconds(claims["validFrom"])
    if "validUntil" in claims:
        claims["exp"] = _seconds(claims["validUntil"])
    header = {"alg": "EdDSA", "typ": _TYPE, "kid": to_base64url(key.kid)}
    return sign_jws(header, claims, key)


def open_credential(token: object, keys: PublicKeys) -> dict[str, Any]:
    """Check a signed credential; return its claims. One that has expired is genuine all the same.

    Raises:
        CredentialError: it is malformed, it was altered, or an unknown key has signed it.
    """
    try:
        if not isinstance(token, str):
            raise ValueError("a token is a text")
        jws = read_jws(token, _TYPE)
    except ValueError:
        raise _not_genuine("holds no signed credential") from None
    if jws.kid not in keys:
        raise _not_genuine("is signed by an unknown key")
    if not jws.is_signed_by(keys[jws.kid]):
        raise _not_genuine("was altered after it was signed")
    try:
        return msgspec.json.decode(jws.payload, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError):
        raise _not_genuine("holds no signed credential") from None


def record_of(credential: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record, without its class, of which `make_credential` has made a credential.

    Raises:
        KeyError, IndexError, TypeError, ValueError: something else has made the credential.
    """
    subject = credential["credentialSubject"]
    said = {entry["identityType"]: entry["identityHash"] for entry in subject["identifier"]}
    record = {name: said.get(kind) for name, kind in _IDENTITIES.items()}
    base = subject["achievement"]["id"]
    said = {
        entry["resultDescription"].removeprefix(f"{base}-"): entry["value"]
        for entry in subject["result"]
    }
    extra = {
        name.removeprefix(_EXTRA): said.pop(name) for name in [*said] if name.startswith(_EXTRA)
    }
    further = {name: said.pop(f"{_FIELD}{name}", None) for name in _FURTHER}
    found = {name: int(value) for name, value in said.items()}
    allowed = subject["achievement"]["resultDescription"][0]["allowedValue"]
    return (
        record
        | further
        | ({"extra": extra} if extra else {})
        | {
            "centre": subject["source"]["name"],
            "delivered_on": credential["validFrom"][:10],
            "verification_code": subject["licenseNumber"],
            "score": found.pop("score", None),
            "max_level": int(allowed[-1]),
            "levels": {number: level for number, level in found.items() if level},
        }
    )


def _plain(record: Record) -> dict[str, Any]:
    """Return a record as JSON has it, without what is nobody else's business, such as its class."""
    values = record.as_mapping()
    return {name: values[name] for name in _ATTACHED if name in values}


def _filled(record: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is null: an earlier version did not have all the fields of today."""
    return {name: value for name, value in record.items() if value is not None}


def _identities(record: Record) -> list[dict[str, Any]]:
    said = {"name": f"{record.first_name} {record.last_name}"}
    values = record.as_mapping()
    for name, kind in _IDENTITIES.items():
        if values[name] is not None:
            said[kind] = values[name]
    return [
        {"type": "IdentityObject", "hashed": False, "identityHash": value, "identityType": kind}
        for kind, value in said.items()
    ]


def _results(
    record: Record, framework: Framework, language: str, base: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Describe the results, and list them: a level for each competence, a score, texts.

    The level of a competence that was not acquired is 0.
    """
    levels = [str(level) for level in range(record.max_level + 1)]
    described: list[dict[str, Any]] = [
        {
            "id": f"{base}-{number}",
            "type": ["ResultDescription"],
            "name": f"{number} {name_in(competence.name, language)}",
            "resultType": "PerformanceLevel",
            "allowedValue": levels,
        }
        for number, competence in framework.competences.items()
    ]
    found: dict[str, int | str] = {
        number: record.levels.get(number, 0) for number in framework.competences
    }
    if record.score is not None:
        found["score"] = record.score
        described.append(
            {
                "id": f"{base}-score",
                "type": ["ResultDescription"],
                "name": "Score",
                "resultType": "RawScore",
                "valueMin": "0",
                "valueMax": str(framework.max_score(record.max_level)),
            }
        )
    described += [
        {
            "id": f"{base}-{_EXTRA}{key}",
            "type": ["ResultDescription"],
            "name": name_in(framework.fields[key].name, language),
            "resultType": "Result",
        }
        for key in record.extra
    ]
    found |= {f"{_EXTRA}{key}": text for key, text in record.extra.items()}
    values = record.as_mapping()
    for name in _FURTHER:
        if values[name] is not None:
            found[f"{_FIELD}{name}"] = values[name]
            described.append(
                {
                    "id": f"{base}-{_FIELD}{name}",
                    "type": ["ResultDescription"],
                    "name": name.replace("_", " "),
                    "resultType": "Result",
                }
            )
    results = [
        {"type": ["Result"], "resultDescription": f"{base}-{what}", "value": str(value)}
        for what, value in found.items()
    ]
    return described, results


def _midnight(day: date) -> str:
    """Return the moment at which a day begins."""
    return f"{day.isoformat()}T00:00:00Z"


def _seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())


def _not_genuine(problem: str) -> CredentialError:
    return CredentialError(
        problem, source=NAME, hint="It is not what its issuer has signed: ask the issuer."
    )
