"""The catalogues read what the code says, and check what translators wrote."""

from babel.messages.catalog import Message

from guanxi.platform.ui import catalogues


def test_a_name_given_to_gettext_on_import_is_known() -> None:
    assert catalogues.extracted().get("waiting") is not None  # `_l("waiting")` in jobs.py


def test_a_singular_may_leave_out_the_number() -> None:
    pair = ("One is done", "All %(count)s are done")
    assert catalogues._fault_kind(Message(pair, ("One is done", "All %(count)s are done"))) == ""
    assert catalogues._fault_kind(Message(pair, ("%(count)s 位都完成了",))) == ""


def test_a_lost_or_misspelt_placeholder_is_a_fault() -> None:
    assert catalogues._fault_kind(Message("%(count)s left", "余下")) == "placeholders"
    assert catalogues._fault_kind(Message("%(count)s left", "余 %(number)s 位")) == "placeholders"
