"""What becomes of what is kept about a record when the record is deleted for good.

Every table that names records says it here, when the program starts: its rows go along, or they hold the record, which
then stays in the trash. A foreign key that says nothing is found at start.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.models import Share
from guanxi.platform.access.prepared import Among
from guanxi.platform.files.models import KeptFile
from guanxi.platform.objects.models import FavouriteRecord, OpenedRecord
from guanxi.platform.objects.spec import Label, ObjectSpec

REASON = "trash: what belongs to a record goes with it when it is deleted for good"


@dataclass(frozen=True, slots=True)
class Belonging:
    """The rows of one table that are about records.

    `link` is the column that leads to a record of `object_key`; without one, the table names records of all objects by
    `object_key` and `record_id`. `label` is what the rows are called when they are counted, "" for what nobody counts,
    such as a search index. `holds` is the sentence why a record with such rows is not deleted; "" = they go with it.
    `stays` is true of rows that keep the record they came with when it is merged into another, because they are read
    through both or are worked out anew.
    """

    model: type[models.Model]
    label: Label = ""
    object_key: str = ""
    link: str = ""
    holds: Label = ""
    stays: bool = False

    def rows(self, object_key: str, ids: Sequence[int]) -> models.QuerySet[Any, Any]:
        """The rows about these records of an object."""
        rows = unscoped(self.model, reason=REASON).order_by()
        if self.link:
            return rows.filter(Among(self.link_column, list(ids)))
        return rows.filter(Among("record_id", list(ids)), object_key=object_key)

    @property
    def link_column(self) -> str:
        """The column by which rows lead to records."""
        return str(getattr(self.model._meta.get_field(self.link), "attname", "record_id")) if self.link else "record_id"


_belongings: list[Belonging] = []


def register_belongings(*belongings: Belonging) -> None:
    """Say what becomes of tables that name records. Raises: ValueError for one that was said already."""
    for item in belongings:
        if any((item.model, item.link) == (known.model, known.link) for known in _belongings):
            raise ValueError(f"What becomes of {item.model.__name__} is said twice.")
        _belongings.append(item)


def belongings_of(object_key: str) -> tuple[Belonging, ...]:
    """The tables whose rows go with a record of an object, those of higher rooms first."""
    return tuple(item for item in reversed(_belongings) if item.object_key in ("", object_key) and not item.holds)


def holds_of(object_key: str) -> tuple[Belonging, ...]:
    """The tables whose rows keep a record of an object from being deleted."""
    return tuple(item for item in _belongings if item.object_key in ("", object_key) and item.holds)


def moving_with(object_key: str) -> tuple[Belonging, ...]:
    """The tables whose rows go over to the other record when one of an object is merged."""
    return tuple(item for item in _belongings if item.object_key in ("", object_key) and not item.stays)


def unsaid_links(specs: Sequence[ObjectSpec]) -> Iterator[str]:
    """The foreign keys to records of objects that do not say what becomes of their rows, as sentences."""
    keys = {spec.model: spec.key for spec in specs if spec.verbs is not None}
    said = {(item.model, item.link) for item in _belongings}
    for model in apps.get_models():
        if hasattr(model, "pgh_tracked_model"):
            continue  # the history of a table goes with its rows
        for field in model._meta.concrete_fields:
            target = field.related_model
            if isinstance(target, type) and target in keys and (model, field.name) not in said:
                yield (
                    f"{model.__name__}.{field.name} leads to {keys[target]}: say by register_belongings what becomes "
                    "of its rows when such a record is deleted for good."
                )


register_belongings(
    Belonging(OpenedRecord, stays=True),
    Belonging(FavouriteRecord),
    Belonging(Share, _("Shares")),
    Belonging(KeptFile, _("Files in fields")),
)
