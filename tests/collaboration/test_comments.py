"""Comments: who reads them, who is told, whose they are; nothing for who does not see the record."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.customers.commands import trash_account
from guanxi.customers.models import Account
from guanxi.kernel.errors import AccessDenied, NotFound, RuleViolation
from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.guard import UnguardedRead
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.collaboration.commands.comments import (
    add_comment,
    edit_comment,
    remove_comment,
    restore_comment,
)
from guanxi.platform.collaboration.commands.following import follow
from guanxi.platform.collaboration.models import Comment, Document, Following, Notification
from guanxi.platform.collaboration.queries import BESIDE, comment_rows, follow_state
from guanxi.platform.collaboration.rules import comment_markup, names_mentioned
from tests.cast import Cast, SignIn

MARKUP = "<script>alert(1)</script>\"'& @<b>"
HTMX = {"HX-Request": "true", "HX-Target": "comments"}


def test_a_longer_name_wins_and_each_is_named_once() -> None:
    names = ("Li", "Li Ming", "王伟")
    assert names_mentioned("@Li Ming, @王伟 and @王伟: @Lisa @nobody x@y.cn", names) == ("Li Ming", "王伟", "Li")


def test_the_text_of_a_comment_is_text() -> None:
    assert comment_markup("<b>@A</b>\n2", ["A"]) == '&lt;b&gt;<b class="mention">@A</b>&lt;/b&gt;<br>2'


@given(text=st.text(), mentioned=st.lists(st.text(min_size=1), max_size=3))
def test_no_text_and_no_name_becomes_markup(text: str, mentioned: list[str]) -> None:
    shown = comment_markup(text, mentioned).replace('<b class="mention">', "").replace("</b>", "").replace("<br>", "")
    assert not {"<", ">", '"', "'"} & set(shown)


def test_a_comment_tells_owner_and_mentioned(account: Account, cast: Cast) -> None:
    done = add_comment("account", account.pk, text=f"看看 @{cast.dora.name}", actor=cast.bob)
    assert done.unseeing == ()
    told = set(Notification.objects.values_list("user_id", "kind"))
    assert told == {(cast.alice.user_id, "commented"), (cast.dora.user_id, "mentioned")}
    entry = AuditEntry.objects.get(action="comment")
    assert (entry.object_key, entry.record_id, entry.user_id) == ("account", account.pk, cast.bob.user_id)


def test_who_may_not_see_the_record_is_not_told_and_the_writer_learns_it(account: Account, cast: Cast) -> None:
    done = add_comment("account", account.pk, text=f"@{cast.charlie.name} ?", actor=cast.alice)
    assert done.unseeing == (cast.charlie.name,)
    assert not Notification.objects.exists()


def test_following_muting_and_leaving_decide_who_is_told(account: Account, cast: Cast) -> None:
    follow("account", account.pk, state="left", actor=cast.alice)
    follow("account", account.pk, state="followed", actor=cast.bob)
    follow("account", account.pk, state="muted", actor=cast.dora)
    add_comment("account", account.pk, text=f"@{cast.dora.name}", actor=cast.alice)
    assert list(Notification.objects.values_list("user_id", flat=True)) == [cast.bob.user_id]
    assert follow_state(account, cast.dora) == "muted"


def test_only_who_wrote_a_comment_changes_it(account: Account, cast: Cast) -> None:
    comment_id = add_comment("account", account.pk, text="one", actor=cast.alice).id
    for refused in (
        lambda: edit_comment(comment_id, text="two", actor=cast.bob),
        lambda: remove_comment(comment_id, actor=cast.dora),
    ):
        with pytest.raises(AccessDenied):
            refused()
    assert [row.text for row in comment_rows(account, cast.bob, limit=9)] == ["one"]
    edit_comment(comment_id, text="two", actor=cast.alice)
    remove_comment(comment_id, actor=cast.alice)
    assert comment_rows(account, cast.alice, limit=9) == []
    restore_comment(comment_id, actor=cast.alice)
    (row,) = comment_rows(account, cast.alice, limit=9)
    assert (row.text, row.is_edited) == ("two", True)


@pytest.mark.parametrize("text", ["", "  \n", "x" * 5_001])
def test_a_comment_has_some_text_but_not_too_much(text: str, account: Account, cast: Cast) -> None:
    with pytest.raises(RuleViolation):
        add_comment("account", account.pk, text=text, actor=cast.alice)
    assert not unscoped(Comment, reason=BESIDE).exists()


def test_a_reading_token_writes_nothing(account: Account, cast: Cast) -> None:
    with pytest.raises(AccessDenied):
        add_comment("account", account.pk, text="x", actor=cast.token)
    with pytest.raises(AccessDenied):
        follow("account", account.pk, state="muted", actor=cast.token)
    assert not Following.objects.exists()


def test_comments_and_documents_cannot_be_read_past_their_record(db: None) -> None:
    for model in (Comment, Document):
        with pytest.raises(UnguardedRead):
            model.objects.count()


def test_a_stranger_finds_no_comment_by_any_address(account: Account, cast: Cast, sign_in: SignIn) -> None:
    comment_id = add_comment("account", account.pk, text="秘密", actor=cast.alice).id
    client, one = sign_in(cast.charlie), f"/objects/account/{account.pk}"
    for address in (f"{one}/comments/", f"{one}/colleagues/?q=a", f"/comments/{comment_id}/edit/"):
        assert client.get(address).status_code == 404, address
        assert client.get(address, headers=HTMX).status_code == 404, address
    for address in (
        f"{one}/comments/",
        f"{one}/follow/",
        f"/comments/{comment_id}/edit/",
        f"/comments/{comment_id}/remove/",
        f"/comments/{comment_id}/restore/",
    ):
        assert client.post(address, {"text": "x", "state": "followed"}).status_code == 404, address
    assert client.get("/objects/nothing/1/comments/").status_code == 404
    assert not Following.objects.exists()
    assert [row.text for row in comment_rows(account, cast.alice, limit=9)] == ["秘密"]
    with pytest.raises(NotFound):
        add_comment("account", account.pk, text="x", actor=cast.charlie)


def test_nothing_is_written_beside_a_record_in_the_trash(account: Account, cast: Cast) -> None:
    trash_account(account.pk, actor=cast.dora)
    with pytest.raises(NotFound):
        add_comment("account", account.pk, text="x", actor=cast.alice)


def test_markup_is_text_on_card_and_page(account: Account, cast: Cast, sign_in: SignIn) -> None:
    add_comment("account", account.pk, text=MARKUP, actor=cast.alice)
    client = sign_in(cast.alice)
    for address in (f"/accounts/{account.pk}/", f"/objects/account/{account.pk}/comments/"):
        text = client.get(address).content.decode()
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_a_comment_is_written_with_and_without_a_script(account: Account, cast: Cast, sign_in: SignIn) -> None:
    client, address = sign_in(cast.alice), f"/objects/account/{account.pk}/comments/"
    plain = client.post(address, {"text": "eins"})
    assert (plain.status_code, plain.headers["Location"]) == (303, f"/accounts/{account.pk}/#comments")
    swapped = client.post(address, {"text": f"zwei @{cast.charlie.name}"}, headers=HTMX)
    assert (swapped.status_code, swapped.headers["HX-Retarget"]) == (200, "#comments")
    assert "cannot see this record" in swapped.headers["HX-Trigger"]
    assert client.post(address, {"text": ""}, headers=HTMX).status_code == 422
    assert [row.text for row in comment_rows(account, cast.alice, limit=9)] == [f"zwei @{cast.charlie.name}", "eins"]


def test_only_colleagues_who_see_the_record_are_suggested(account: Account, cast: Cast, sign_in: SignIn) -> None:
    text = sign_in(cast.alice).get(f"/objects/account/{account.pk}/colleagues/?q=test").content.decode()
    assert cast.bob.name in text
    assert cast.dora.name in text
    assert cast.charlie.name not in text
