"""A column of text that is encrypted before it reaches the database, and read in clear by whoever reads the record.

It is found by its whole value alone: `exact` and `in` compare the tokens that stand in the stored texts. Any other
comparison, and an order, would be one of ciphertexts, so they are refused.
"""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Expression, Lookup, Transform
from django.db.models.lookups import IsNull

from guanxi.platform.encryption.cipher import KEY_PLACE, PREFIX, TOKEN_PLACE
from guanxi.platform.encryption.in_use import number_token, open_text, seal_text


def token_sql(column: str) -> str:
    """The SQL of the token of a stored text; an index over it serves every comparison."""
    return f"split_part({column}, ':', {TOKEN_PLACE})"


class Token(Transform):
    """The token of a stored text."""

    lookup_name = "token"
    output_field = models.TextField()

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, Any]:  # noqa: ARG002  # Django's shape
        """The part of the text that is the token."""
        column, parameters = compiler.compile(self.lhs)
        return token_sql(column), parameters


class KeyId(Transform):
    """The name of the key of a stored text, "" for a clear one."""

    lookup_name = "key_id"
    output_field = models.TextField()

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, Any]:  # noqa: ARG002  # Django's shape
        """The part of the text that names the key."""
        column, parameters = compiler.compile(self.lhs)
        sql = f"CASE WHEN starts_with({column}, '{PREFIX}') THEN split_part({column}, ':', {KEY_PLACE}) ELSE '' END"
        return sql, (*parameters, *parameters)


class StoredText(models.TextField):  # type: ignore[type-arg]  # the stubs' parameters are no part of the class
    """Text as a column holds it, of which token and key can be asked for."""


StoredText.register_lookup(Token)
StoredText.register_lookup(KeyId)


class SameNumber(Lookup):
    """Whether the column holds one of some numbers, told by their tokens; "" is found where nothing is stored."""

    lookup_name = "exact"

    def get_prep_lookup(self) -> list[str]:
        """The numbers. Raises: TypeError for what is no text, a defect."""
        asked = self.rhs if isinstance(self.rhs, list | tuple | set) else [self.rhs]
        if not all(isinstance(number, str) for number in asked):
            raise TypeError("Encrypted columns are compared with texts alone.")
        return list(asked)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:  # noqa: ARG002  # Django's shape
        """A comparison of tokens."""
        column, parameters = compiler.compile(self.lhs)
        place = self.lhs.output_field.place
        tokens = [number_token(number, place=place) for number in self.rhs if number]
        found = f"{token_sql(column)} = ANY(%s::text[])"
        if len(tokens) == len(self.rhs):
            return found, (*parameters, tokens)
        return f"({column} = '' OR {found})", (*parameters, *parameters, tokens)


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]  # as above
    """Text that the database holds encrypted. `place` names object and field and is never changed: it is part of
    what is authenticated. Without `has_token` it cannot be found by its value."""

    def __init__(self, *args: Any, place: str, has_token: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.place, self.has_token = place, has_token
        if self.max_length is not None:
            self.validators.append(MaxLengthValidator(self.max_length))

    def deconstruct(self) -> Any:
        """What a migration needs to make the column again."""
        name, path, args, kwargs = super().deconstruct()
        kwargs["place"] = self.place
        if not self.has_token:
            kwargs["has_token"] = False
        if self.max_length is not None:
            kwargs["validators"] = [item for item in self.validators if not isinstance(item, MaxLengthValidator)]
            kwargs = {key: value for key, value in kwargs.items() if key != "validators" or value}
        return name, path, args, kwargs

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:  # noqa: ARG002  # Django's shape
        """The clear text of what is stored."""
        return open_text(value, place=self.place) if value else value

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """What is stored of a clear text."""
        if value is None or isinstance(value, Expression):
            return super().get_db_prep_save(value, connection)
        return seal_text(value if isinstance(value, str) else str(value), place=self.place, has_token=self.has_token)

    def formfield(self, **kwargs: Any) -> Any:
        """A line of text."""
        wanted = {"max_length": self.max_length, "widget": forms.TextInput, **kwargs}
        return super().formfield(**wanted)

    def get_lookup(self, lookup_name: str) -> Any:
        """The comparisons that can be made without reading; none other."""
        known: dict[str, Any] = {"isnull": IsNull}
        if self.has_token:
            known |= {"exact": SameNumber, "in": SameNumber}
        return known.get(lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        """The token and the key of what is stored."""
        return {Token.lookup_name: Token, KeyId.lookup_name: KeyId}.get(lookup_name)


def encrypted_columns(model: type[models.Model]) -> Iterable[EncryptedTextField]:
    """The encrypted columns of a model."""
    return (column for column in model._meta.concrete_fields if isinstance(column, EncryptedTextField))
