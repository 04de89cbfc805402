"""A night of the pools is taken back block by block, and goes on when the one who does it dies."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stewardship", "0013_managers_told")]

    operations = [
        migrations.AddField("recyclerun", "undo_entry_id", models.UUIDField(null=True)),
        migrations.AddField("recyclerun", "undo_run_id", models.BigIntegerField(null=True)),
        migrations.AddField("recyclerun", "undo_moved_at", models.DateTimeField(null=True)),
        migrations.AddField("recyclerun", "undo_ended_at", models.DateTimeField(null=True)),
        migrations.RunSQL(
            "UPDATE stewardship_recyclerun SET undo_ended_at = undone_at WHERE undone_at IS NOT NULL",
            migrations.RunSQL.noop,
        ),
    ]
