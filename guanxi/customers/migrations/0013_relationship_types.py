"""The types of relationship to begin with."""

from typing import Any

from django.db import migrations

from guanxi.customers.choices import RELATIONSHIP_TYPES


def fill(apps: Any, schema_editor: Any) -> None:
    types = apps.get_model("customers", "RelationshipType")
    for position, (key, joins, name_zh, name_en, inverse_zh, inverse_en) in enumerate(RELATIONSHIP_TYPES):
        names = {"name_zh": name_zh, "name_en": name_en, "inverse_zh": inverse_zh, "inverse_en": inverse_en}
        types.objects.get_or_create(pk=key, defaults={**names, "joins": joins, "position": position})


class Migration(migrations.Migration):
    dependencies = [("customers", "0012_relationships")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
