from django.db import migrations

COPY = """
INSERT INTO access_fieldrule (role_key, object_key, sensitivity, access)
SELECT role_key, object_key, 'bank', access FROM access_fieldrule WHERE sensitivity = 'identity'
ON CONFLICT DO NOTHING
"""
TAKE_AWAY = "DELETE FROM access_fieldrule WHERE sensitivity = 'bank'"


class Migration(migrations.Migration):
    """Bank numbers become a class of their own: what roles may do with identity numbers, which they were, goes on."""

    dependencies = [("access", "0003_sharing_and_limits")]

    operations = [migrations.RunSQL(COPY, TAKE_AWAY)]
