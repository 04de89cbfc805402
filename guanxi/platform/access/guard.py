"""The guarded Query: a read that did not pass a Grant raises, whichever QuerySet method started it.

Every SQL statement of Django's ORM is compiled by `Query.get_compiler`, subqueries and aggregates included, and
updates are made by `Query.chain`. The guard sits there; deletes and raw SQL, which build a Query of their own, are
stopped in the QuerySet.
"""

from typing import Any, TypeVar

from django.db import models
from django.db.models.sql import Query

ModelType = TypeVar("ModelType", bound=models.Model)


class UnguardedRead(RuntimeError):
    """A protected table was about to be read or written without a Grant. This is a defect of the code."""


class GuardedQuery(Query):
    """A Query that compiles to SQL only after it was admitted by a Grant or by `unscoped`."""

    admitted: bool = False

    def require_admission(self) -> None:
        """Raise unless this query was admitted."""
        if not self.admitted:
            name = self.model.__name__ if self.model else "?"
            raise UnguardedRead(f"{name} is protected: go through access.grant(...) or access.unscoped(...).")

    def get_compiler(self, *args: Any, **kwargs: Any) -> Any:
        """Compile, if admitted."""
        self.require_admission()
        return super().get_compiler(*args, **kwargs)

    def chain(self, klass: Any = None) -> Any:
        """Clone, if the clone is to be of another kind (an update) only when admitted."""
        if klass is not None and not issubclass(klass, GuardedQuery):
            self.require_admission()
        return super().chain(klass)


class GuardedQuerySet(models.QuerySet[ModelType]):
    """A QuerySet over a GuardedQuery; deletes, inserts and raw SQL need admission as well."""

    def __init__(self, model: Any = None, query: Any = None, using: Any = None, hints: Any = None) -> None:
        super().__init__(model=model, query=query or GuardedQuery(model), using=using, hints=hints)

    def _require_admission(self) -> None:
        query = self.query
        if isinstance(query, GuardedQuery):
            query.require_admission()

    def create(self, **kwargs: Any) -> ModelType:
        """Insert a row, if admitted; Django saves it past this queryset's own query."""
        self._require_admission()
        return super().create(**kwargs)

    def delete(self) -> Any:
        """Delete the rows, if admitted."""
        self._require_admission()
        return super().delete()

    def raw(self, *args: Any, **kwargs: Any) -> Any:
        """Run raw SQL, if admitted."""
        self._require_admission()
        return super().raw(*args, **kwargs)

    def _insert(self, *args: Any, **kwargs: Any) -> Any:
        self._require_admission()
        return super()._insert(*args, **kwargs)  # type: ignore[misc]  # private in the stubs, one place in Django

    def _raw_delete(self, using: Any) -> Any:
        self._require_admission()
        return super()._raw_delete(using)


class GuardedManager(models.Manager[ModelType]):
    """The default manager of protected models. `_base_manager` stays plain for Django's own internals."""

    def get_queryset(self) -> GuardedQuerySet[ModelType]:
        """A queryset that still has to be admitted."""
        return GuardedQuerySet(self.model, using=self._db)


def admit(queryset: GuardedQuerySet[ModelType]) -> GuardedQuerySet[ModelType]:
    """The same queryset, admitted. Called by Grant and `unscoped` alone."""
    admitted = queryset.all()
    query = admitted.query
    if isinstance(query, GuardedQuery):
        query.admitted = True
    return admitted
