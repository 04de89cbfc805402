"""Forms of the ledger: a competitor's promotion, connections and what is pulled from them."""

from django import forms
from django.utils.translation import gettext_lazy as _

from guanxi.catalog.facade import category_choices
from guanxi.ledger.choices import AskedBy, ConnectionKind, Deletions, Paging, PullTarget
from guanxi.ledger.models.enrichment import LONGEST_WAIT_SECONDS, MOST_A_DAY

CHANNELS = (("", "—"), ("shop", _("Shop")), ("online", _("Online")), ("direct", _("Direct sales")))

SCHEDULES = (
    (0, _("By hand alone")),
    (5, _("Every 5 minutes")),
    (15, _("Every 15 minutes")),
    (60, _("Every hour")),
    (240, _("Every 4 hours")),
    (1_440, _("Every day")),
)


class DayInput(forms.DateInput):
    """The browser's own choice of a day."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class PromotionForm(forms.Form):
    """What is known of a competitor's promotion; the field names are those of the record, the depth in per cent."""

    competitor = forms.CharField(label=_("Competitor"), max_length=120)
    name = forms.CharField(label=_("What they offer"), max_length=200, required=False)
    category_keys = forms.MultipleChoiceField(
        label=_("Categories it is for"),
        choices=category_choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Who buys these from us all the same is counted as steadfast."),
    )
    start_on = forms.DateField(label=_("First day"), widget=DayInput)
    end_on = forms.DateField(label=_("Last day"), widget=DayInput)
    percent = forms.IntegerField(label=_("Price off, in per cent"), min_value=0, max_value=100, required=False)
    region = forms.CharField(label=_("Where"), max_length=80, required=False)
    channel = forms.ChoiceField(label=_("Channel"), choices=CHANNELS, required=False)
    source = forms.CharField(label=_("Who noticed it, where"), max_length=200, required=False)


class ConnectionForm(forms.Form):
    """One connection; the field names are those of the record. The secret is never filled in again."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("What your people call it, such as ERP."))
    system = forms.CharField(
        label=_("Short name"),
        max_length=30,
        help_text=_("Stands beside every fact as its source, and cannot be changed: erp, shop-2."),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=ConnectionKind.choices)
    address = forms.CharField(
        label=_("Address"),
        max_length=300,
        help_text=_("A host, an https:// address, or the name of a file in the folder “sources”."),
    )
    port = forms.IntegerField(
        label=_("Port"), min_value=1, max_value=65_535, required=False, help_text=_("Empty: the usual one.")
    )
    database = forms.CharField(label=_("Database"), max_length=120, required=False)
    user_name = forms.CharField(
        label=_("User name"), max_length=120, required=False, help_text=_("One that may only read is enough.")
    )
    secret = forms.CharField(
        label=_("Password or key"),
        max_length=500,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Kept encrypted and never shown again. Empty keeps the old one."),
    )
    header = forms.CharField(
        label=_("Heading that carries the key"),
        max_length=60,
        required=False,
        help_text=_("Of web services; Authorization by default."),
    )
    timeout_seconds = forms.IntegerField(
        label=_("Longest time of one question in seconds"), min_value=1, max_value=3_600, initial=60
    )
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)


class PullForm(forms.Form):
    """What is pulled; the field names are those of the record."""

    name = forms.CharField(label=_("Name"), max_length=80)
    target = forms.ChoiceField(label=_("What the rows become"), choices=PullTarget.choices)
    statement = forms.CharField(
        label=_("Table, SELECT or path"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=_("Of web services the part of the address after that of the connection."),
    )
    every_minutes = forms.TypedChoiceField(label=_("How often"), choices=SCHEDULES, coerce=int)
    owner = forms.TypedChoiceField(label=_("Owner of new customers"), required=False, coerce=int, empty_value=None)
    unit = forms.TypedChoiceField(label=_("Department of new customers"), required=False, coerce=int, empty_value=None)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)


class WebPullForm(PullForm):
    """What is pulled of a web service."""

    rows_path = forms.CharField(
        label=_("Where the rows stand in an answer"), max_length=120, required=False, help_text=_("Such as data.items.")
    )
    lines_path = forms.CharField(
        label=_("Where the lines stand in a row"), max_length=120, required=False, help_text=_("One row for each line.")
    )
    paging = forms.ChoiceField(label=_("Pages"), choices=Paging.choices)
    page_parameter = forms.CharField(label=_("Parameter of the page"), max_length=60, required=False)
    size_parameter = forms.CharField(label=_("Parameter of the size"), max_length=60, required=False)
    page_size = forms.IntegerField(label=_("Rows on a page"), min_value=1, max_value=10_000, initial=500)
    token_path = forms.CharField(label=_("Where the next page is named"), max_length=120, required=False)
    since_parameter = forms.CharField(
        label=_("Parameter for “changed since”"), max_length=60, required=False, help_text=_("Such as updated_since.")
    )


class ColumnsForm(forms.Form):
    """By what rows are known, how far a run came, which are gone."""

    key_column = forms.ChoiceField(label=_("Rows are known by"))
    cursor_column = forms.ChoiceField(label=_("Tells what changed"), required=False)
    overlap = forms.IntegerField(
        label=_("Go back before it, in seconds"),
        min_value=0,
        max_value=10_000_000,
        initial=300,
        help_text=_("For what was committed late. Of a counting column: so many numbers."),
    )
    deletions = forms.ChoiceField(label=_("Rows that are gone"), choices=Deletions.choices)
    deleted_column = forms.ChoiceField(label=_("Column that says so"), required=False)
    known_by = forms.ChoiceField(
        label=_("Customers who are here already are found by"),
        required=False,
        help_text=_("For rows whose key is new. Names may be those of two different customers."),
    )


class SourceForm(forms.Form):
    """One outside source; the field names are those of the record. The secret is never filled in again."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("What your people call it."))
    way = forms.ChoiceField(label=_("How it is asked"))
    address = forms.CharField(
        label=_("Address"),
        max_length=300,
        required=False,
        help_text=_("An https:// address; {value} in it stands for what is asked."),
    )
    asked_by = forms.ChoiceField(label=_("Asked by"), choices=AskedBy.choices)
    parameter = forms.CharField(
        label=_("Parameter"),
        max_length=60,
        required=False,
        help_text=_("Where the address has no {value}; q by default."),
    )
    header = forms.CharField(
        label=_("Heading that carries the key"),
        max_length=60,
        required=False,
        help_text=_("Of web services; Authorization by default."),
    )
    secret = forms.CharField(
        label=_("Password or key"),
        max_length=500,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Kept encrypted and never shown again. Empty keeps the old one."),
    )
    timeout_seconds = forms.IntegerField(
        label=_("Longest time of one question in seconds"), min_value=1, max_value=LONGEST_WAIT_SECONDS, initial=10
    )
    most_a_day = forms.IntegerField(label=_("Questions a day at most"), min_value=1, max_value=MOST_A_DAY, initial=200)
    terms = forms.CharField(
        label=_("What its terms allow"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Shown to whoever looks something up: what may be kept, for how long, for what."),
    )
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)


class PathForm(forms.Form):
    """Which part of an answer goes into which field; the choices of fields are filled in by the page."""

    path = forms.CharField(label=_("Path in the answer"), max_length=120, required=False)
    field = forms.ChoiceField(label=_("Field of the customer"), required=False)
    fills_blank = forms.BooleanField(label=_("fill it by itself where nothing is known"), required=False)
