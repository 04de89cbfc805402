"""Addresses of the pages that every object has: card, form, preview."""


def record_url(object_key: str, record_id: int) -> str:
    """The address of the card of a record that has no page of its own making."""
    return f"/objects/{object_key}/{record_id}/"


def form_url(object_key: str, record_id: int) -> str:
    """The address of the form of a record of any object."""
    return f"/objects/{object_key}/{record_id}/edit/"


def preview_url(object_key: str, record_id: int) -> str:
    """The address of the preview of such a record."""
    return f"/objects/{object_key}/{record_id}/preview/"
