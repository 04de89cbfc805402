"""Files in fields that people made: taken in, shown, handed out, kept in versions, and never seen by who may not."""

import os
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor, Surface
from guanxi.kernel.errors import AccessDenied, NotFound, RuleViolation
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.accounts.queries import actor_by_user_id
from guanxi.platform.customfields.commands import edit_field, make_field, retire_field
from guanxi.platform.customfields.models import CustomField
from guanxi.platform.files.models import KeptFile
from guanxi.platform.files.preferences import DOCUMENT_MEGABYTES
from guanxi.platform.files.queries import FIELD_FILES, HELD
from guanxi.platform.files.storage import NewFile, remove_unknown_files
from guanxi.platform.objects.bulk import change_many
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.models import BulkAction
from guanxi.platform.objects.registry import fields_of, object_spec, required_verbs
from guanxi.platform.preferences.registry import set_preference
from tests.api.conftest import Caller, address_of
from tests.api.conftest import calling as calling
from tests.cast import Cast, SignIn

PNG = b"\x89PNG\r\n\x1a\n0000"
PDF = b"%PDF-1.7 one"


@pytest.fixture(autouse=True)
def files_folder(tmp_path: Path, settings: LazySettings) -> Path:
    """A folder of files of the test's own."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@dataclass(frozen=True, slots=True)
class Scan:
    """A field of customers that holds a file, its row, and a customer of Alice's."""

    row: CustomField
    account: Account

    @property
    def item(self) -> ObjectField:
        """The field as it is now."""
        return next(item for item in fields_of(object_spec("account")) if item.key == self.row.key)

    @property
    def url(self) -> str:
        """Where its file is."""
        return f"/objects/account/{self.account.pk}/files/{self.row.key}/"

    @property
    def edit_url(self) -> str:
        """Where it is changed in its place."""
        return f"/objects/account/{self.account.pk}/fields/{self.row.key}/"


@pytest.fixture
def scan(cast: Cast, new_account: Callable[..., Account]) -> Scan:
    """A customer with a field for the scan of its licence, which holds nothing yet."""
    named = {"name_zh": "执照", "name_en": "Licence"}
    row = make_field(Account, kind=FieldType.FILE, values=named, actor=cast.dora)
    return Scan(row, new_account("岚川精密仪器"))


def now(actor: Actor) -> Actor:
    """The actor with the rights of today: making a field changed them."""
    assert actor.user_id is not None
    return actor_by_user_id(actor.user_id, surface=Surface.WEB)


def hand_in(scan: Scan, actor: Actor, *, name: str = "执照.pdf", content: bytes = PDF) -> int:
    """Put a file into the field. Returns its id."""
    file = NewFile(name, len(content), [content])
    saved = required_verbs(object_spec("account")).edit(scan.account.pk, {scan.item.column: file}, actor=now(actor))
    return int(scan.item.value_of(saved))


def held(scan: Scan, actor: Actor) -> int | None:
    """The id of the file that the field holds."""
    found: int | None = scan.item.value_of(grant(now(actor), Account).get(scan.account.pk))
    return found


def files_in(folder: Path) -> list[Path]:
    """All files below a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


def uploaded(name: str = "执照.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, content)


def test_a_file_is_handed_in_on_the_card_and_taken_back_by_its_undo(cast: Cast, scan: Scan, sign_in: SignIn) -> None:
    client = sign_in(cast.alice)
    first = client.post(scan.edit_url, {scan.row.key: uploaded()}, headers={"HX-Request": "true"})
    assert first.status_code == 200
    assert f'href="{scan.url}"' in first.content.decode()
    client.post(scan.edit_url, {scan.row.key: uploaded("second.png", PNG)})
    card = client.get(f"/accounts/{scan.account.pk}/").content.decode()
    assert "second.png" in card
    page = client.get(scan.url).content.decode()
    assert f'src="{scan.url}inline/"' in page
    undo = first.headers["HX-Trigger"].partition('"undo": "')[2].partition('"')[0]
    assert client.post(undo, headers={"HX-Request": "true"}).status_code == 409
    assert held(scan, cast.alice) is not None
    client.post(scan.edit_url, {f"{scan.row.key}-clear": "on"})
    assert held(scan, cast.alice) is None
    assert client.get(scan.url).status_code == 404


def test_a_new_record_is_made_with_its_file(cast: Cast, scan: Scan, sign_in: SignIn, files_folder: Path) -> None:
    client = sign_in(cast.alice)
    form = client.get("/objects/account/new/").content.decode()
    assert 'enctype="multipart/form-data"' in form
    posted = {"kind": "organisation", "name": "云杉包装", "relation": "customer", scan.row.key: uploaded()}
    answer = client.post("/objects/account/new/", posted)
    assert answer.status_code == 303, answer.content.decode()
    account = grant(now(cast.alice), Account).queryset().get(name="云杉包装")
    (file,) = unscoped(KeptFile, reason=HELD)
    assert (file.record_id, file.pk) == (account.pk, scan.item.value_of(account))
    answer = client.get(f"/objects/account/{account.pk}/files/{scan.row.key}/download/")
    assert answer.getvalue() == PDF
    refused = client.post("/objects/account/new/", {**posted, "name": "", scan.row.key: uploaded()})
    assert refused.status_code == 422
    assert len(files_in(files_folder)) == 1


def test_it_is_handed_out_and_never_run(cast: Cast, scan: Scan, sign_in: SignIn) -> None:
    client = sign_in(cast.alice)
    for name, content, kind in (("图.png", PNG, "image/png"), ("a.txt", b"<script>1</script>", "")):
        hand_in(scan, cast.alice, name=name, content=content)
        whole = client.get(f"{scan.url}download/")
        assert whole.headers["Content-Type"] == "application/octet-stream"
        assert whole.headers["Content-Disposition"].startswith("attachment")
        inline = client.get(f"{scan.url}inline/")
        assert (inline.status_code, inline.headers["Content-Type"] if kind else "") == (200 if kind else 404, kind)
        for answer in (whole, inline) if kind else (whole,):
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
            assert answer.getvalue()
    assert "&lt;script&gt;" in client.get(scan.url).content.decode()


@pytest.mark.parametrize("name", ["a.html", "a.svg", "a.exe", "a", ".pdf/", "x" * 200 + ".pdf", "a.pdf.js"])
def test_other_kinds_are_refused_and_leave_nothing(
    name: str, cast: Cast, scan: Scan, sign_in: SignIn, files_folder: Path
) -> None:
    with pytest.raises(RuleViolation):
        hand_in(scan, cast.alice, name=name)
    answer = sign_in(cast.alice).post(scan.edit_url, {scan.row.key: uploaded("a.html", b"<script>1</script>")})
    assert answer.status_code == 422
    assert "Files like “a.html” are not taken here." in answer.content.decode()
    assert files_in(files_folder) == []
    assert held(scan, cast.alice) is None


def test_one_that_is_too_large_leaves_nothing(cast: Cast, scan: Scan, files_folder: Path) -> None:
    set_preference(DOCUMENT_MEGABYTES, 1)
    with pytest.raises(RuleViolation) as refused:
        hand_in(scan, cast.alice, content=b"x" * 1_000_001)
    assert refused.value.code == "document.size"
    assert files_in(files_folder) == []


def test_who_may_not_see_the_record_or_the_field_finds_no_file(
    cast: Cast, scan: Scan, sign_in: SignIn, calling: Callable[..., Caller]
) -> None:
    file_id = hand_in(scan, cast.alice)
    addresses = [scan.url, f"{scan.url}inline/", f"{scan.url}download/", f"{scan.url}?file={file_id}"]
    assert [sign_in(cast.alice).get(address).status_code for address in addresses] == [200] * 4
    assert [sign_in(cast.charlie).get(address).status_code for address in addresses] == [404] * 4
    assert sign_in(cast.charlie).post(scan.edit_url, {scan.row.key: uploaded()}).status_code == 404
    edit_field(scan.row.pk, {"sensitivity": "credit"}, model=Account, actor=cast.dora)
    assert [sign_in(cast.alice).get(address).status_code for address in addresses] == [404] * 4
    assert [sign_in(cast.dora).get(address).status_code for address in addresses] == [200] * 4
    place = f"{address_of(scan.account)}/files/{scan.row.key}"
    assert calling(cast.alice).get(place).status_code == 404
    assert calling(cast.alice).get(address_of(scan.account)).json()[scan.row.key] == "****"
    for address in (f"/accounts/{scan.account.pk}/", f"/accounts/?cols=name,{scan.row.key}"):
        assert "执照.pdf" not in sign_in(cast.alice).get(address).content.decode()


def test_who_sees_it_masked_sees_nothing_of_its_name(cast: Cast, scan: Scan, sign_in: SignIn) -> None:
    hand_in(scan, cast.alice, name="13800136021-licence.pdf")
    edit_field(scan.row.pk, {"sensitivity": "reach"}, model=Account, actor=cast.dora)
    client = sign_in(cast.bob)
    assert client.get(scan.url).status_code == 404
    page = client.get(f"/accounts/?cols=name,{scan.row.key}").content.decode()
    assert "****" in page
    assert "138" not in page
    assert ".pdf" not in page


def test_a_retired_field_has_no_file_until_it_comes_back(cast: Cast, scan: Scan, sign_in: SignIn) -> None:
    hand_in(scan, cast.alice)
    retire_field(scan.row.pk, actor=cast.dora)
    assert sign_in(cast.alice).get(scan.url).status_code == 404
    retire_field(scan.row.pk, is_retired=False, actor=cast.dora)
    assert sign_in(cast.alice).get(f"{scan.url}download/").getvalue() == PDF


def test_the_file_of_another_record_or_field_cannot_be_taken(
    cast: Cast, scan: Scan, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    foreign = Scan(scan.row, new_account("云杉包装"))
    other = make_field(Account, kind=FieldType.FILE, values={"name_zh": "约", "name_en": "Paper"}, actor=cast.dora)
    taken = hand_in(foreign, cast.alice)
    verbs = required_verbs(object_spec("account"))
    paper = Scan(other, scan.account)
    for target, file_id in ((scan, taken), (scan, taken + 100), (paper, hand_in(scan, cast.alice))):
        with pytest.raises(RuleViolation) as refused:
            verbs.edit(scan.account.pk, {target.item.column: file_id}, actor=now(cast.alice))
        assert refused.value.code == "record.invalid"
    with pytest.raises(RuleViolation):
        verbs.create({"kind": "organisation", "name": "新", scan.item.column: taken}, actor=now(cast.alice))
    assert sign_in(cast.alice).get(f"{scan.url}?file={taken}").status_code == 404
    with pytest.raises(RuleViolation):
        change_many(
            "account",
            [scan.account.pk],
            action=BulkAction.EDIT,
            values={scan.row.key: taken},
            title="",
            actor=now(cast.alice),
        )
    assert held(scan, cast.alice) not in (None, taken)


def test_who_may_only_read_hands_nothing_in(cast: Cast, scan: Scan, files_folder: Path) -> None:
    verbs, file = required_verbs(object_spec("account")), NewFile("a.pdf", 4, [b"%PDF"])
    with pytest.raises(AccessDenied):
        verbs.edit(scan.account.pk, {scan.item.column: file}, actor=cast.token)
    with pytest.raises(NotFound):
        verbs.edit(scan.account.pk, {scan.item.column: file}, actor=now(cast.charlie))
    assert files_in(files_folder) == []
    assert not unscoped(KeptFile, reason=HELD).exists()


def test_a_replaced_file_stays_in_the_history_and_comes_back(cast: Cast, scan: Scan, sign_in: SignIn) -> None:
    first = hand_in(scan, cast.alice)
    hand_in(scan, cast.alice, name="neu.pdf", content=b"%PDF-1.7 two")
    client = sign_in(cast.alice)
    history = client.get(f"/objects/account/{scan.account.pk}/history/").content.decode()
    assert f'<a href="{scan.url}?file={first}">执照.pdf</a>' in history
    assert "neu.pdf" in history
    assert client.get(f"{scan.url}download/?file={first}").getvalue() == PDF
    assert "former version" in client.get(f"{scan.url}?file={first}").content.decode()
    event = history.partition(f"/objects/account/{scan.account.pk}/history/")[2].partition("/")[0]
    back = client.post(f"/objects/account/{scan.account.pk}/history/{event}/restore/", {"field": scan.row.key})
    assert back.status_code == 303
    assert held(scan, cast.alice) == first
    assert client.get(f"{scan.url}download/").getvalue() == PDF


def test_list_filter_and_export_tell_names(
    cast: Cast, scan: Scan, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    new_account("云杉包装")
    hand_in(scan, cast.dora, name="=1+1.pdf")
    client, key = sign_in(cast.dora), scan.row.key
    page = client.get(f"/accounts/?cols=name,{key}").content.decode()
    assert f'href="{scan.url}"' in page
    assert "=1+1.pdf" in page
    for operator, there, gone in (("filled", "岚川精密仪器", "云杉包装"), ("empty", "云杉包装", "岚川精密仪器")):
        shown = client.get("/accounts/?" + urlencode({"where": f'["{key}","{operator}"]'})).content.decode()
        assert there in shown
        assert gone not in shown
    file = b"".join(client.get(f"/objects/account/export/?cols=name,{key}").streaming_content).decode()  # type: ignore[attr-defined]  # a file
    assert "'=1+1.pdf" in file


def test_programs_hand_files_in_and_read_them(
    cast: Cast, scan: Scan, calling: Callable[..., Caller], files_folder: Path
) -> None:
    caller, address, key = calling(cast.alice), address_of(scan.account), scan.row.key
    version = caller.get(address).json()["version"]
    file = {"name": "执照.pdf", "content": b64encode(PDF).decode()}
    answer = caller.patch(address, {"version": version, key: file}).json()
    place = f"{address}/files/{key}"
    assert answer[key] == {"name": "执照.pdf", "size": len(PDF), "url": place}
    content = caller.get(place)
    assert content.getvalue() == PDF
    assert content.headers["Content-Disposition"].startswith("attachment")
    assert caller.get(f"{address}/files/name").status_code == 404
    assert calling(cast.charlie).get(place).status_code == 404
    new = caller.post("/api/v1/accounts", {"kind": "organisation", "name": "新", "relation": "customer", key: file})
    assert (new.status_code, new.json()[key]["name"]) == (201, "执照.pdf")
    for wrong in (1, "a.pdf", {"name": "a.pdf"}, {"name": "a.pdf", "content": "%%"}, {**file, "more": 1}):
        refused = caller.patch(address, {"version": answer["version"], key: wrong})
        assert refused.json()["data"]["errors"][0]["code"] == "value.file"
    html = {"name": "a.html", "content": b64encode(b"<script>").decode()}
    assert caller.patch(address, {"version": answer["version"], key: html}).json()["title"] == "document.kind"
    stale = caller.patch(address, {"version": version, key: file})
    assert stale.status_code == 409
    assert len(files_in(files_folder)) == 2
    assert caller.patch(address, {"version": answer["version"], key: None}).json()[key] is None
    document = caller.get("/api/v1/openapi.json").json()
    assert f"{'/api/v1/accounts'}/{{id}}/files/{{field}}" in document["paths"]


def test_what_a_transaction_that_was_given_up_left_is_cleared_away(cast: Cast, scan: Scan, files_folder: Path) -> None:
    kept = hand_in(scan, cast.alice)

    with transaction.atomic():
        hand_in(scan, cast.alice, name="lost.pdf", content=b"%PDF-1.7 lost")
        transaction.set_rollback(True)
    assert held(scan, cast.alice) == kept
    assert len(files_in(files_folder)) == 2
    assert remove_unknown_files() == 0
    old = (timezone.now() - timedelta(days=2)).timestamp()
    for path in files_in(files_folder):
        os.utime(path, (old, old))
    assert remove_unknown_files() == 1
    (path,) = files_in(files_folder)
    assert path == FIELD_FILES.path(unscoped(KeptFile, reason=HELD).get(pk=kept).stored_as)
