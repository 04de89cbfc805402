"""Rows of objects and fields that people made, for the pages on which they are made."""

from guanxi.platform.customfields.models import CustomField, CustomObject, CustomRollUp, Tag


def made_objects() -> tuple[tuple[CustomObject, ...], tuple[CustomObject, ...]]:
    """The objects that people made: those in use and those out of sight."""
    rows = tuple(CustomObject.objects.order_by("pk"))
    return tuple(row for row in rows if row.retired_at is None), tuple(row for row in rows if row.retired_at)


def object_row(key: str) -> CustomObject | None:
    """One object that people made; None for one of the program."""
    return CustomObject.objects.filter(key=key).first()


def fields_of_object(key: str) -> tuple[CustomField, ...]:
    """The fields that people made for an object in their order, those out of sight too."""
    return tuple(CustomField.objects.filter(object_key=key))


def field_row(field_id: int) -> CustomField | None:
    """One field that people made."""
    return CustomField.objects.filter(pk=field_id).first()


def roll_ups_of_object(key: str) -> tuple[CustomRollUp, ...]:
    """The roll-ups that people made for an object, those out of sight too."""
    return tuple(CustomRollUp.objects.filter(object_key=key))


def roll_up_row(roll_up_id: int) -> CustomRollUp | None:
    """One roll-up that people made."""
    return CustomRollUp.objects.filter(pk=roll_up_id).first()


def tags_of_object(key: str) -> tuple[Tag, ...]:
    """The tags of an object in their order, those that are offered no more too."""
    return tuple(Tag.objects.filter(object_key=key))


def tag_row(tag_id: int, *, object_key: str) -> Tag | None:
    """One tag of an object."""
    return Tag.objects.filter(pk=tag_id, object_key=object_key).first()
