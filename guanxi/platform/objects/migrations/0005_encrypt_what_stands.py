from django.db import migrations

from guanxi.platform.jobs.queue import defer

# Rows of these stand only in an installation that has worked already.
USED = ("customfields_customfield", "objects_savedview", "audit_auditentry")


def ask(apps, schema_editor):
    """Have what stands there in clear encrypted by the worker; asking commits with the migration."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"(SELECT 1 FROM {table} LIMIT 1)" for table in USED))
        if cursor.fetchone() is not None:
            defer("objects.encrypt")


class Migration(migrations.Migration):
    dependencies = [
        ("objects", "0004_encrypted_views_and_changes"),
        ("customfields", "0004_bank_numbers"),
        ("audit", "0002_reads_of_note"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]

    operations = [migrations.RunPython(ask, migrations.RunPython.noop)]
