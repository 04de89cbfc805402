"""Forms of these pages: a new token, an invitation, somebody's place in the house, what is asked of a sign-in."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django import forms
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import WRITING
from guanxi.platform.accounts.commands import NewUser, Place, ShareTerms, SignInPolicy
from guanxi.platform.accounts.models import OrgUnit
from guanxi.platform.accounts.preferences import PASSWORD_LENGTH
from guanxi.platform.accounts.queries import (
    administers_everybody,
    all_roles,
    first_colleagues,
    roles_to_give,
    unit_names,
    units_to_administer,
)
from guanxi.platform.objects.fields import MOST_OFFERED
from guanxi.platform.people.scopes import ScopeLine, action_of
from guanxi.platform.people.words import SHARE_WAYS, UNIT_KINDS
from guanxi.platform.search.tokens import sort_key
from guanxi.platform.ui.context import LANGUAGE_NAMES


class Extent(TextChoices):
    """How much of a person's rights a token has."""

    READ = "read", _("Read everything that I may see")
    ALL = "all", _("Everything that I may do")
    CHOSEN = "chosen", _("Only what is ticked below")


class Lifetime(TextChoices):
    """For how many days a token is valid."""

    MONTH = "30", _("30 days")
    QUARTER = "90", _("90 days")
    YEAR = "365", _("One year")
    ALWAYS = "", _("Until it is revoked")


class TokenForm(forms.Form):
    """A new token: its name, how long it lives, what it may do."""

    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("What uses it: till in Suzhou, reports, a script.")
    )
    lifetime = forms.ChoiceField(
        label=_("Valid for"), choices=Lifetime.choices, initial=Lifetime.QUARTER, required=False
    )
    extent = forms.ChoiceField(label=_("What it may do"), choices=Extent.choices, initial=Extent.READ)
    scopes = forms.MultipleChoiceField(required=False)

    def __init__(self, data: object = None, *, lines: tuple[ScopeLine, ...]) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # the query string's own class
        scopes = self.fields["scopes"]
        if isinstance(scopes, forms.MultipleChoiceField):
            scopes.choices = [(box.scope, box.scope) for line in lines for box in line.boxes if box.scope]

    def clean(self) -> None:
        """A token of chosen rights needs at least one."""
        if self.cleaned_data.get("extent") == Extent.CHOSEN and not self.cleaned_data.get("scopes"):
            self.add_error("extent", _("Tick at least one right, or choose another extent."))

    def chosen_scopes(self) -> tuple[str, ...] | None:
        """The ticked rights; None for all that the person has."""
        return tuple(self.cleaned_data["scopes"]) if self.cleaned_data["extent"] == Extent.CHOSEN else None

    def is_read_only(self) -> bool:
        """Whether the token changes nothing."""
        scopes = self.chosen_scopes()
        if scopes is None:
            return bool(self.cleaned_data["extent"] == Extent.READ)
        return not any(action_of(scope) in WRITING for scope in scopes)

    def expires_at(self) -> datetime | None:
        """When it ends; None for never."""
        days = self.cleaned_data["lifetime"]
        return timezone.now() + timedelta(days=int(days)) if days else None


class PlaceForm(forms.Form):
    """Title, unit and roles of somebody; only units and roles that the actor may give are offered."""

    title = forms.CharField(label=_("Job title"), max_length=80, required=False)
    unit_id = forms.TypedChoiceField(label=_("Department"), coerce=int, empty_value=None, required=False)
    roles = forms.MultipleChoiceField(
        label=_("Roles"), widget=forms.CheckboxSelectMultiple({"class": "ck"}), required=False
    )

    def __init__(self, *args: object, actor: Actor, kept: Collection[str] = (), **kwargs: object) -> None:
        """`kept` are roles that the person has and the actor may not take."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # what Django's forms take
        self.kept = tuple(kept)
        for name, choices in (
            (
                "unit_id",
                [
                    ("", _("No department")),
                    *((unit.pk, _indented(unit.name, unit.path)) for unit in units_to_administer(actor)),
                ],
            ),
            ("roles", [(role.key, role.label) for role in roles_to_give(actor)]),
        ):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = choices

    def place(self) -> Place:
        """What was chosen."""
        values = self.cleaned_data
        return Place(values["title"], values["unit_id"], tuple(sorted({*values["roles"], *self.kept})))


class InvitationForm(PlaceForm):
    """Somebody who is to join: address, name, language, place."""

    email = forms.EmailField(label=_("E-mail address"), help_text=_("The one-time link goes there."))
    family_name = forms.CharField(label=_("Family name"), max_length=60)
    given_name = forms.CharField(label=_("Given name"), max_length=60)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGE_NAMES)
    field_order = ("email", "language", "family_name", "given_name", "title", "unit_id", "roles")

    def person(self) -> NewUser:
        """Who was typed."""
        values, place = self.cleaned_data, self.place()
        return NewUser(
            email=values["email"],
            password=None,
            family_name=values["family_name"],
            given_name=values["given_name"],
            title=place.title,
            unit_id=place.unit_id,
            roles=place.roles,
            language=values["language"],
        )


class PolicyForm(forms.Form):
    """What the house asks of passwords, and of which roles a second factor."""

    password_length = forms.IntegerField(
        label=_("Shortest password"),
        min_value=int(PASSWORD_LENGTH.minimum or 1),
        max_value=int(PASSWORD_LENGTH.maximum or 128),
        help_text=_("So many characters at least. Length protects better than special characters."),
    )
    refuse_common = forms.BooleanField(label=_("Refuse passwords that many people use"), required=False)
    refuse_similar = forms.BooleanField(label=_("Refuse passwords like the name or the e-mail address"), required=False)
    second_factor_roles = forms.MultipleChoiceField(
        label=_("Roles that need a second factor"), widget=forms.CheckboxSelectMultiple({"class": "ck"}), required=False
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # what Django's forms take
        field = self.fields["second_factor_roles"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [(role.key, role.label) for role in all_roles()]

    def policy(self) -> SignInPolicy:
        """What was chosen."""
        return SignInPolicy(
            **{**self.cleaned_data, "second_factor_roles": tuple(self.cleaned_data["second_factor_roles"])}
        )


class UnitForm(forms.Form):
    """A unit of the house: what it is called, its level, below which one it stands."""

    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("Level"), choices=list(UNIT_KINDS.items()))
    parent_id = forms.TypedChoiceField(label=_("Below"), coerce=int, empty_value=None, required=False)

    def __init__(self, *args: object, actor: Actor, moved: OrgUnit | None = None, **kwargs: object) -> None:
        """`moved` is the unit that is changed: neither it nor what is below it is offered as its place."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # what Django's forms take
        offered = [
            (unit.pk, _indented(unit.name, unit.path))
            for unit in units_to_administer(actor)
            if moved is None or moved.pk not in unit.path
        ]
        if moved is not None and moved.parent_id and moved.parent_id not in dict(offered):
            del self.fields["parent_id"]
            return
        if administers_everybody(actor):
            offered = [("", _("On top of the house")), *offered]  # type: ignore[list-item]  # the empty choice is a text
        field = self.fields["parent_id"]
        if isinstance(field, forms.ChoiceField):
            field.choices = offered


class ShareForm(forms.Form):
    """With whom a record is shared, how, until when."""

    whom = forms.ChoiceField(label=_("With"))
    how = forms.ChoiceField(label=_("To"), choices=SHARE_WAYS.items())
    ends_on = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Empty: until somebody ends it."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # what Django's forms take
        field = self.fields["whom"]
        colleagues = sorted(first_colleagues(MOST_OFFERED), key=lambda person: sort_key(person.name))
        if isinstance(field, forms.ChoiceField):
            field.choices = [
                ("", _("Choose…")),
                (_("Colleagues"), [(f"person.{person.id}", person.name) for person in colleagues]),
                (_("Departments"), [(f"unit.{unit_id}", name) for unit_id, name in unit_names().items()]),
            ]

    def terms(self) -> ShareTerms:
        """What was chosen."""
        kind, _dot, whom_id = self.cleaned_data["whom"].partition(".")
        how = self.cleaned_data["how"]
        return ShareTerms(
            user_id=int(whom_id) if kind == "person" else None,
            unit_id=int(whom_id) if kind == "unit" else None,
            may_edit=how != "view",
            is_team=how == "team",
            ends_on=self.cleaned_data["ends_on"],
        )


def _indented(name: str, path: Collection[int]) -> str:
    """A unit's name, moved in by its level in the tree."""
    return f"{'　' * (len(path) - 1)}{name}"
