"""Forms about customers, made from the models."""

from typing import ClassVar

from django import forms

from guanxi.customers.models import Account

FORM_FIELDS = (
    "kind",
    "relation",
    "name",
    "short_name",
    "industry",
    "size",
    "region",
    "city",
    "address",
    "website",
    "credit_rating",
    "tax_id",
    "source",
    "since_on",
    "note",
)


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's forms take no parameter at run time
    """The fields of an account that people type; uniqueness is the database's, rules are the command's."""

    class Meta:
        model = Account
        fields: ClassVar[tuple[str, ...]] = FORM_FIELDS
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "since_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "note": forms.Textarea(attrs={"rows": 3}),
        }

    def validate_unique(self) -> None:
        """Left to the database: a form must not read unguarded tables."""
