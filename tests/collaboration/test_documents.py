"""Documents: what is taken in, how it is handed out, and that it follows its record."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from guanxi.customers.models import Account
from guanxi.kernel.errors import AccessDenied, NotFound, RuleViolation
from guanxi.platform.access.grant import unscoped
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.collaboration.commands.documents import (
    add_document,
    content_path,
    remove_document,
    restore_document,
)
from guanxi.platform.collaboration.models import Document
from guanxi.platform.collaboration.queries import BESIDE, document_rows
from guanxi.platform.files.preferences import DOCUMENT_MEGABYTES
from guanxi.platform.files.storage import NewFile
from guanxi.platform.preferences.registry import set_preference
from tests.cast import Cast, SignIn

PNG = b"\x89PNG\r\n\x1a\n0000"
HTMX = {"HX-Request": "true", "HX-Target": "documents"}


def given(name: str = "合同.pdf", content: bytes = b"%PDF-1.7 one") -> NewFile:
    """A file that is handed in."""
    return NewFile(name, len(content), [content])


def files_in(folder: Path) -> list[Path]:
    """All files below a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_of_the_same_name_is_the_next_version(account: Account, cast: Cast, files_folder: Path) -> None:
    first = add_document("account", account.pk, file=given(), actor=cast.alice)
    same = add_document("account", account.pk, file=given(), actor=cast.bob)
    second = add_document("account", account.pk, file=given(content=b"%PDF-1.7 two"), actor=cast.bob)
    assert (same.pk, second.number, len(files_in(files_folder))) == (first.pk, 2, 2)
    (row,) = document_rows(account, cast.alice)
    assert (row.number, [former.number for former in row.former]) == (2, [1])
    assert AuditEntry.objects.filter(action="add_document").count() == 2
    assert content_path(second).read_bytes() == b"%PDF-1.7 two"
    assert "合同" not in str(content_path(second))


@pytest.mark.parametrize("name", ["a.html", "a.svg", "a.exe", "a", "", ".pdf/", "x" * 200 + ".pdf", "a.pdf.js"])
def test_other_kinds_of_files_are_refused_and_leave_nothing(
    name: str, account: Account, cast: Cast, files_folder: Path
) -> None:
    with pytest.raises(RuleViolation):
        add_document("account", account.pk, file=given(name), actor=cast.alice)
    assert files_in(files_folder) == []
    assert not unscoped(Document, reason=BESIDE).exists()


def test_a_file_that_is_too_large_leaves_nothing(account: Account, cast: Cast, files_folder: Path) -> None:
    set_preference(DOCUMENT_MEGABYTES, 1)
    large = NewFile("a.pdf", 5, iter([b"x" * 600_000, b"x" * 600_000]))
    with pytest.raises(RuleViolation) as refused:
        add_document("account", account.pk, file=large, actor=cast.alice)
    assert refused.value.code == "document.size"
    assert files_in(files_folder) == []


@pytest.mark.parametrize("name", ["../../etc/passwd.txt", "C:\\temp\\passwd.txt", "/passwd.txt", "pass\x00wd.txt"])
def test_a_name_leads_nowhere(name: str, account: Account, cast: Cast, files_folder: Path) -> None:
    document = add_document("account", account.pk, file=given(name), actor=cast.alice)
    assert document.name == "passwd.txt"
    assert content_path(document).is_relative_to(files_folder / "documents")


def test_documents_are_handed_out_and_never_run(account: Account, cast: Cast, sign_in: SignIn) -> None:
    picture = add_document("account", account.pk, file=given("图.png", PNG), actor=cast.alice)
    text = add_document("account", account.pk, file=given("a.txt", "<script>价格".encode("gb18030")), actor=cast.alice)
    client = sign_in(cast.alice)
    for address, kind, disposition in (
        (f"/documents/{picture.pk}/download/", "application/octet-stream", "attachment"),
        (f"/documents/{picture.pk}/inline/", "image/png", "inline"),
        (f"/documents/{text.pk}/download/", "application/octet-stream", "attachment"),
    ):
        answer = client.get(address)
        assert answer.headers["Content-Type"] == kind
        assert answer.headers["Content-Disposition"].startswith(disposition)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert answer.getvalue()
    assert client.get(f"/documents/{text.pk}/inline/").status_code == 404
    page = client.get(f"/documents/{text.pk}/").content.decode()
    assert "&lt;script&gt;价格" in page


def test_a_stranger_finds_no_document(account: Account, cast: Cast, sign_in: SignIn) -> None:
    document = add_document("account", account.pk, file=given(), actor=cast.alice)
    client, one = sign_in(cast.charlie), f"/documents/{document.pk}/"
    for address in (one, f"{one}download/", f"{one}inline/", f"/objects/account/{account.pk}/documents/"):
        assert client.get(address).status_code == 404, address
    file = SimpleUploadedFile("b.pdf", b"%PDF")
    for address in (f"{one}remove/", f"{one}restore/", f"/objects/account/{account.pk}/documents/"):
        assert client.post(address, {"file": file}).status_code == 404, address
    assert [row.name for row in document_rows(account, cast.alice)] == ["合同.pdf"]


def test_who_may_only_read_adds_and_removes_nothing(account: Account, cast: Cast, files_folder: Path) -> None:
    document = add_document("account", account.pk, file=given(), actor=cast.alice)
    with pytest.raises(AccessDenied):
        add_document("account", account.pk, file=given("b.pdf"), actor=cast.token)
    with pytest.raises(AccessDenied):
        remove_document(document.pk, actor=cast.token)
    assert len(files_in(files_folder)) == 1


def test_a_document_goes_to_the_trash_and_comes_back(account: Account, cast: Cast, sign_in: SignIn) -> None:
    document = add_document("account", account.pk, file=given(), actor=cast.alice)
    remove_document(document.pk, actor=cast.alice)
    assert document_rows(account, cast.alice) == []
    assert sign_in(cast.alice).get(f"/documents/{document.pk}/download/").status_code == 404
    restore_document(document.pk, actor=cast.alice)
    assert len(document_rows(account, cast.alice)) == 1
    with pytest.raises(NotFound):
        restore_document(document.pk, actor=cast.alice)


def test_files_are_posted_together_and_a_refused_one_keeps_none_out(
    account: Account, cast: Cast, sign_in: SignIn
) -> None:
    address = f"/objects/account/{account.pk}/documents/"
    files = [SimpleUploadedFile("a.pdf", b"%PDF"), SimpleUploadedFile("b.html", b"<p>")]
    answer = sign_in(cast.alice).post(address, {"file": files}, headers=HTMX)
    assert answer.status_code == 200
    assert "b.html" in answer.headers["HX-Trigger"]
    assert [row.name for row in document_rows(account, cast.alice)] == ["a.pdf"]
