"""Types of relationship can go out of use."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0016_class_strategies")]

    operations = [
        migrations.AddField(
            model_name="relationshiptype",
            name="is_active",
            field=models.BooleanField(db_default=True, default=True),
        ),
    ]
