"""docs/web.md: its applications answer as the page says."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pages
import pytest
from keys import SEAL_KEY
from support import EXAMPLES, ROOT

from pixattest import Press
from pixattest.trust.keys import publish_key
from pixattest.trust.revocations import sign_revocations
from pixattest.trust.signing import Signer

pytestmark = pytest.mark.slow

fastapi = pytest.importorskip("fastapi.testclient")
django = pytest.importorskip("django")

Load = Callable[[str], ModuleType]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """A file of the page as a module, in a folder with the examples."""
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    monkeypatch.chdir(tmp_path)

    return lambda name: pages.load("docs/web.md", name, tmp_path)


Post = Callable[[str, object], tuple[int, str, bytes]]
"""A path and JSON, as bytes or to be written → status, type and content of the answer."""


@pytest.fixture(params=["FastAPI", "Django"])
def post(request: pytest.FixtureRequest, load: Load) -> Iterator[Post]:
    """Ask one application, then the other."""
    if request.param == "FastAPI":
        client = fastapi.TestClient(load("api.py").app)

        def ask(path: str, value: object) -> tuple[int, str, bytes]:
            body = value if isinstance(value, bytes) else json.dumps(value)
            headers = {"content-type": "application/json"}
            answer = client.post(path, content=body, headers=headers)
            return answer.status_code, answer.headers["content-type"], answer.content

        yield ask
        return
    from django.conf import settings
    from django.test import Client, override_settings

    if not settings.configured:
        settings.configure(ALLOWED_HOSTS=["testserver"], SECRET_KEY="of a test")
        django.setup()
    with override_settings(ROOT_URLCONF=load("views.py")):
        asking = Client()

        def ask_django(path: str, value: object) -> tuple[int, str, bytes]:
            body = value if isinstance(value, bytes) else json.dumps(value)
            answer: Any = asking.post(path, body, content_type="application/json")
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            return answer.status_code, answer.headers["content-type"], content

        yield ask_django


def test_one_attestation_is_what_the_press_prints(
    post: Post, press: Press, example: Mapping[str, Any]
) -> None:
    assert post("/attestation", dict(example)) == (200, "application/pdf", press.render(example))


def test_a_class_is_streamed(post: Post, press: Press, example: Mapping[str, Any]) -> None:
    """The pieces make the file that `write` makes."""
    people = [dict(example), {**example, "first_name": "Zoé"}]
    whole = b"".join(press.stream(people))
    assert post("/class", people) == (200, "application/pdf", whole)


@pytest.mark.parametrize(("path", "many"), [("/attestation", False), ("/class", True)])
def test_what_is_wrong_with_a_record_is_told(
    post: Post, example: Mapping[str, Any], path: str, many: bool
) -> None:
    wrong = {**example, "birth_date": "12/1/2003", "score": -1}
    status, kind, content = post(path, [dict(example), wrong] if many else wrong)
    assert (status, kind) == (422, "application/json")
    assert b"is not a date" in content
    assert b"is not a whole number" in content


@pytest.mark.parametrize("body", [b"not json", b"3", b"", b"\xff", b'"x"', b"[3]", b"[" * 10_000])
@pytest.mark.parametrize("path", ["/attestation", "/class"])
def test_a_body_that_is_no_record_is_the_asking_ones_fault(
    post: Post, path: str, body: bytes
) -> None:
    """No JSON, or JSON of another kind: a status from 400 to 499."""
    assert 400 <= post(path, body)[0] < 500


@pytest.mark.parametrize("post", ["Django"], indirect=True)
def test_all_faults_of_a_class_are_told_at_once(post: Post, example: Mapping[str, Any]) -> None:
    """Those of each row, with the row's number."""
    wrong = [{**example, "score": -1}, dict(example), {**example, "birth_date": "x"}]
    status, _, content = post("/class", wrong)
    faults = json.loads(content)["faults"]
    assert status == 422
    assert ["record 1" in faults[0], "record 3" in faults[1], len(faults)] == [True, True, 2]


def test_a_press_is_chosen_by_what_a_browser_accepts(load: Load) -> None:
    """A country is passed over, and so is a language that there is none for."""
    answers = load("answers.py")
    asked = {"fr-FR,fr;q=0.9": "fr", "de, nl-BE;q=0.8": "nl", "EN": "en", "": "fr", "*": "fr"}
    assert {said: answers.press_for(said).language for said in asked} == asked


def test_a_class_is_answered_in_a_zip_file(
    load: Load, press: Press, example: Mapping[str, Any]
) -> None:
    record = press.read(example)
    with zipfile.ZipFile(io.BytesIO(load("answers.py").zipped(press, [record]))) as archive:
        assert archive.namelist() == ["P-GVVP6HBM.pdf"]
        assert archive.read("P-GVVP6HBM.pdf") == press.render(record)


def test_a_template_may_lie_in_a_package(
    load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, example: Mapping[str, Any]
) -> None:
    shutil.copytree(ROOT / "templates/attestation", tmp_path / "ours_of_a_test/page")
    (tmp_path / "ours_of_a_test/__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    press = load("answers.py").press_of("ours_of_a_test", "page")
    assert press.template == tmp_path / "ours_of_a_test/page/template.svg"
    assert press.render(press.read(example)).startswith(b"%PDF")


def test_a_class_of_nobody_is_refused(post: Post) -> None:
    assert post("/class", [])[0] == 422


def test_a_letter_that_no_font_has_is_told(post: Post, example: Mapping[str, Any]) -> None:
    status, _, content = post("/attestation", {**example, "first_name": "Անի"})
    assert status == 422
    assert b"ARMENIAN" in content


def test_an_async_view_verifies_in_a_thread(
    load: Load, press_for: Callable[..., Press], example: Mapping[str, Any], signer: Signer
) -> None:
    """A signed and sealed file; what is no file is refused."""
    today = {"delivered_on": date.today().isoformat()}
    content = press_for(sealed=True).render({**example, **today}, signer=signer)
    checking = load("checking.py")
    publish_key(SEAL_KEY, Path("keys.json"))
    Path("revoked.jws").write_bytes(sign_revocations([], SEAL_KEY, datetime.now(UTC)))
    told = fastapi.TestClient(checking.app).post("/check", content=content).json()
    assert {proof["of"]: proof["answer"] for proof in told["proofs"]} == {
        "seal": "genuine",
        "signature": "not all could be checked",
        "attachment": "absent",
    }
    assert fastapi.TestClient(checking.app).post("/check", content=b"x").status_code == 422
