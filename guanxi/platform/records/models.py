"""The base model of everything people work on."""

from typing import Any, ClassVar, TypeVar

import pghistory
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from guanxi.platform.access.guard import GuardedManager
from guanxi.platform.access.protection import Protection

ModelType = TypeVar("ModelType", bound=models.Model)


class Record(models.Model):
    """Base of all records: identity, version for optimistic locking, time stamps, trash.

    Subclasses declare `protection`. They are read through a Grant and written through `change()` only.
    """

    protection: ClassVar[Protection]

    id = models.BigAutoField(primary_key=True)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    created_at = models.DateTimeField(_("Created"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("Last changed"), db_default=Now(), editable=False)
    trashed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[GuardedManager[Any]] = GuardedManager()

    class Meta:
        abstract = True


def tracked(model: type[ModelType]) -> type[ModelType]:
    """Keep the former values of each changed or deleted row, by triggers, with the audit entry as context."""
    decorate = pghistory.track(
        pghistory.UpdateEvent(row=pghistory.Old),
        pghistory.DeleteEvent(),
        obj_field=pghistory.ObjForeignKey(related_name="+", db_index=True),
        context_field=pghistory.ContextJSONField(),
        context_id_field=pghistory.ContextUUIDField(),
    )
    tracked_model: type[ModelType] = decorate(model)
    return tracked_model
