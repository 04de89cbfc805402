from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The index by which tax ids are found, built without locking."""

    atomic = False
    dependencies = [("customers", "0008_encrypted_tax_ids")]

    operations = [
        AddIndexConcurrently("account", models.Index(models.F("tax_id__token"), name="customers_account_tax_id"))
    ]
