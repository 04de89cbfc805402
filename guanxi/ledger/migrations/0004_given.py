"""An index of what customers were given, which is counted against limits and budgets."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("ledger", "0003_connections")]

    operations = [
        AddIndexConcurrently(
            "fact",
            models.Index(
                fields=["occurred_at"],
                condition=models.Q(kind="interaction", sub_kind__in=("gift_given", "material_posted")),
                name="ledger_fact_given",
            ),
        ),
    ]
