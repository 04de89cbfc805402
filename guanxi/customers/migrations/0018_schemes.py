"""Schemes say what they are for and who may sort by them, classes whom they mean; both can go out of use."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

COLOURS = [
    ("", "Grey"),
    ("prim", "Indigo"),
    ("closer", "Teal"),
    ("ok", "Green"),
    ("away", "Orange"),
    ("danger", "Red"),
]


class Migration(migrations.Migration):
    dependencies = [("customers", "0017_relationship_types_in_use")]

    operations = [
        migrations.AddField(
            "classification", "purpose", models.CharField(blank=True, db_default="", default="", max_length=300)
        ),
        migrations.AddField(
            "classification",
            "setters",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60), blank=True, db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField("classification", "is_active", models.BooleanField(db_default=True, default=True)),
        migrations.AddField(
            "classoption", "definition", models.CharField(blank=True, db_default="", default="", max_length=300)
        ),
        migrations.AddField(
            "classoption",
            "colour",
            models.CharField(blank=True, choices=COLOURS, db_default="", default="", max_length=10),
        ),
        migrations.AddField("classoption", "is_active", models.BooleanField(db_default=True, default=True)),
        migrations.CreateModel(
            name="ClassMerge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_key", models.SlugField(max_length=60)),
                ("into_key", models.SlugField(max_length=60)),
                ("entry_id", models.UUIDField(unique=True)),
                ("moved", models.PositiveIntegerField(default=0)),
                ("merged_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("merged_by", models.CharField(max_length=120)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "classification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="customers.classification"
                    ),
                ),
            ],
        ),
    ]
