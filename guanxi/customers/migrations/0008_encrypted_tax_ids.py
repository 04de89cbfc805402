import pgtrigger
from django.db import migrations

from guanxi.platform.encryption.fields import EncryptedTextField
from guanxi.platform.encryption.in_use import Unreadable, open_text

BATCH = 1_000
PLACE = "account.tax_id"
TABLES = (("customers_account", "id"), ("customers_accountevent", "pgh_id"))


def nothing(apps, schema_editor):
    """What stands there is encrypted by a job, block by block, once the program runs."""


def decrypt(apps, schema_editor):
    """Write the tax ids in clear again, for a version that cannot read them otherwise."""
    with pgtrigger.ignore("customers.Account:update_update"), schema_editor.connection.cursor() as cursor:
        for table, key in TABLES:
            last = 0
            while rows := _batch(cursor, table, key, last):
                last = rows[-1][0]
                for pk, stored in rows:  # one by one: what ignores the trigger knows no executemany
                    clear = open_text(stored, place=PLACE)
                    if not isinstance(clear, Unreadable):
                        cursor.execute(f"UPDATE {table} SET tax_id = %s WHERE {key} = %s", [clear, pk])


def _batch(cursor, table, key, last):
    cursor.execute(
        f"SELECT {key}, tax_id FROM {table} WHERE {key} > %s AND starts_with(tax_id, 'enc:') ORDER BY {key} LIMIT {BATCH}",
        [last],
    )
    return cursor.fetchall()


class Migration(migrations.Migration):
    dependencies = [("customers", "0007_contacts_with_lists")]

    operations = [
        migrations.AlterField(
            model_name=name,
            name="tax_id",
            field=EncryptedTextField(blank=True, max_length=40, place=PLACE, verbose_name="Tax id"),
        )
        for name in ("account", "accountevent")
    ] + [migrations.RunPython(nothing, decrypt)]
