from django.db import migrations

from guanxi.platform.jobs.queue import defer


def ask(apps, schema_editor):
    """Have the search index of each object written anew by the worker: its tokens are marked by the object now."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT object_key FROM search_searchentry")
        for (object_key,) in cursor.fetchall():
            defer("objects.reindex", lock=f"objects.reindex:{object_key}", object_key=object_key)


class Migration(migrations.Migration):
    dependencies = [
        ("objects", "0005_encrypt_what_stands"),
        ("search", "0002_ranked_entries"),
    ]

    operations = [migrations.RunPython(ask, migrations.RunPython.noop)]
