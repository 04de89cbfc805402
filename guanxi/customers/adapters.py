"""Electronic business cards as people paste or upload them."""

from pathlib import Path
from tempfile import TemporaryDirectory

from guanxi.customers.analyses.signatures import FIELDS, Found, Signature
from guanxi.platform.transfer.cards import HEADER, card_rows
from guanxi.platform.transfer.cells import Format, Source

COLUMNS = {
    "name": "full_name",
    "title": "title",
    "company": "organisation",
    "mobile": "mobile",
    "phone": "phone",
    "mail": "mail",
    "website": "website",
    "address": "address",
}
BEGINNING = "BEGIN:VCARD"


def is_card(text: str) -> bool:
    """Whether a text is an electronic business card."""
    return text.lstrip("\ufeff \r\n\t")[: len(BEGINNING)].upper() == BEGINNING


def read_card(text: str) -> Signature:
    """What the first card of a text says; nothing where there is none. All values are said to come from its first line.

    Of several numbers of a kind the first is taken.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "card.vcf"
        path.write_text(text, encoding="utf-8")
        row = next(card_rows(path, Source(Format.VCARD, encoding="utf-8")), None)
    if row is None:
        return Signature(())
    cells = {name: str(cell or "") for name, cell in zip(HEADER, row.cells, strict=False)}
    values = {key: cells.get(column, "").partition("; ")[0] for key, column in COLUMNS.items()}
    return Signature(tuple(Found(key, values[key], row.number) for key in FIELDS if values.get(key)))
