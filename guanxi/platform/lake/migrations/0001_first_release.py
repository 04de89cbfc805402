import django.db.models.functions.datetime
import guanxi.platform.records.tables
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ('lake', '0001_initial'),
        ('lake', '0002_declared_columns'),
    ]


    initial = True

    dependencies = [
    ]

    operations = [
        guanxi.platform.records.tables.MakeTables(
            operations=[
                migrations.CreateModel(
                    name='LakeState',
                    fields=[
                        ('dataset', models.CharField(max_length=60, primary_key=True, serialize=False)),
                        ('cluster', models.BigIntegerField()),
                        ('base_id', models.BigIntegerField()),
                        ('next_transaction', models.BigIntegerField()),
                        ('declared', models.TextField(blank=True)),
                        ('refreshed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ],
                ),
                migrations.CreateModel(
                    name='LakePart',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('dataset', models.CharField(max_length=60)),
                        ('month', models.CharField(blank=True, max_length=7)),
                        ('path', models.CharField(max_length=200, unique=True)),
                        ('row_count', models.BigIntegerField()),
                        ('written_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ],
                    options={
                        'indexes': [models.Index(fields=['dataset', 'month'], name='lake_part_month')],
                    },
                ),
            ],
        ),
    ]
