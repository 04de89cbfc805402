"""What accounts are to the firm, to begin with: without an entry, nobody could enter a customer."""

from typing import Any

from django.db import migrations

from guanxi.customers.choices import RELATIONS


def fill(apps: Any, schema_editor: Any) -> None:
    relations = apps.get_model("customers", "Relation")
    if not relations.objects.exists():
        for position, (key, name_zh, name_en) in enumerate(RELATIONS):
            relations.objects.create(pk=key, name_zh=name_zh, name_en=name_en, position=position)


class Migration(migrations.Migration):
    dependencies = [("customers", "0013_relationship_types")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
