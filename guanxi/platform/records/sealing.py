"""Encrypted values of records: which they are, how the door seals them, and by what tokens they are found.

A column of the program is an `EncryptedTextField`, which seals itself. Values of fields that people made stand sealed
inside the custom column: `change()` and `create()` seal them before the record is saved.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.platform.access.grant import grant, may
from guanxi.platform.access.protection import ENCRYPTED, made_sensitivities, protection_of
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.encryption.cipher import compared, is_sealed, token_of
from guanxi.platform.encryption.fields import encrypted_columns
from guanxi.platform.encryption.in_use import Unreadable, number_token, open_text, seal_text
from guanxi.platform.records.values import CUSTOM, PATH

TEXT_LETTER = "t_"
SHORTEST_NUMBER = 6
FEWEST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class SealedPlace:
    """Where encrypted values stand: the name by which the protection knows the field, the place they are bound to."""

    name: str
    place: str

    @property
    def stored(self) -> str:
        """The key of the custom column, for a field that people made."""
        return self.name.removeprefix(PATH)

    @property
    def is_made(self) -> bool:
        """Whether people made the field."""
        return self.name.startswith(PATH)


def place_of(object_key: str, stored: str) -> str:
    """The place that values of a field which people made are bound to."""
    return f"{object_key}.{stored}"


def is_encrypted(name: str, sensitivity: str) -> bool:
    """Whether the values of a field that people made are encrypted: texts of the classes that are."""
    return sensitivity in ENCRYPTED and name.removeprefix(PATH).startswith(TEXT_LETTER)


def sealed_places(model: type[models.Model]) -> tuple[SealedPlace, ...]:
    """The fields of an object whose values are encrypted, those that people made last."""
    key = protection_of(model).key
    own = tuple(SealedPlace(column.name, column.place) for column in encrypted_columns(model) if column.has_token)
    made = (name for name, kind in made_sensitivities(key).items() if is_encrypted(name, kind))
    return (*own, *(SealedPlace(name, place_of(key, name.removeprefix(PATH))) for name in made))


def seal_record(record: models.Model, *, former: Mapping[str, object]) -> None:
    """Seal what stands clear in the custom column; `former` is the record's values by column as they were read.

    A value that did not change stays as it is stored, one that cannot be read is neither changed nor taken away.
    Raises: RuleViolation("record.invalid") naming the field.
    """
    for column in encrypted_columns(type(record)):
        before = former.get(column.attname)
        if isinstance(before, Unreadable) and getattr(record, column.attname) != before:
            raise _refusal(column.name)
    own = getattr(record, CUSTOM, None)
    if not own and not former.get(CUSTOM):
        return
    setattr(record, CUSTOM, _sealed(type(record), own or {}, former.get(CUSTOM)))


def _sealed(model: type[models.Model], values: Mapping[str, object], former: object) -> dict[str, object]:
    """The custom values with those sealed that have to be."""
    key = protection_of(model).key
    known: Mapping[str, object] = former if isinstance(former, dict) else {}
    wanted = {item.stored for item in sealed_places(model) if item.is_made}
    found = dict(values)
    for name in {**known, **found}:
        before, value = known.get(name), found.get(name)
        if value == before or not (name in wanted or is_sealed(before) or is_sealed(value)):
            continue
        clear = open_text(str(before), place=place_of(key, name)) if is_sealed(before) else None
        if clear is not None and value == clear:
            found[name] = before
        elif isinstance(clear, Unreadable) or (name not in wanted and is_sealed(value)):
            raise _refusal(name.partition("_")[2])
        elif name in wanted and isinstance(value, str):
            found[name] = seal_text(value, place=place_of(key, name))
    return found


def _refusal(field: str) -> RuleViolation:
    message = gettext("This cannot be changed as long as what stands there cannot be read: its key is missing.")
    return RuleViolation("record.invalid", "Some fields need another look.", fields={field: [message]})


def sealed_column_value(model: type[models.Model], name: str, value: object) -> object:
    """A value of a column as an update writes it: of a field that people made and that is encrypted, sealed."""
    wanted = {item.name: item for item in sealed_places(model) if item.is_made}
    if name not in wanted or not isinstance(value, str) or not value:
        return value
    return seal_text(value, place=wanted[name].place)


def numbers_of(record: models.Model) -> tuple[str, ...]:
    """The tokens by which a record is found by its encrypted numbers."""
    return tuple(_tokens(record))


def _tokens(record: models.Model) -> Iterator[str]:
    for item in sealed_places(type(record)):
        value = getattr(record, CUSTOM).get(item.stored) if item.is_made else getattr(record, item.name)
        if isinstance(value, Unreadable):
            value = value.stored
        if is_sealed(value):
            yield token_of(str(value))
        elif value:
            yield number_token(str(value), place=item.place)


def may_be_number(words: str) -> bool:
    """Whether words that somebody typed may be a whole number of the kinds that are encrypted."""
    number = compared(words)
    return len(number) >= SHORTEST_NUMBER and sum(letter.isdigit() for letter in number) >= FEWEST_DIGITS


def asked_numbers(model: type[models.Model], words: str, actor: Actor) -> tuple[str, ...]:
    """The tokens that words ask for, if they may be a whole number: one for each field that the actor reads whole."""
    if not may_be_number(words) or not may(actor, model, Action.VIEW):
        return ()
    permission = grant(actor, model)
    places = (item for item in sealed_places(model) if permission.field_access(item.name) >= FieldAccess.READ)
    return tuple(number_token(words, place=item.place) for item in places)
