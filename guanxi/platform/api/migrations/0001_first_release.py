import guanxi.platform.encryption.fields
import guanxi.platform.records.tables
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ('api', '0001_initial'),
        ('api', '0002_encrypted_answers'),
    ]


    initial = True

    dependencies = [
    ]

    operations = [
        guanxi.platform.records.tables.MakeTables(
            operations=[
                migrations.CreateModel(
                    name='RequestCount',
                    fields=[
                        ('scope', models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ('minute', models.BigIntegerField()),
                        ('requests', models.PositiveIntegerField()),
                    ],
                ),
                migrations.CreateModel(
                    name='StoredAnswer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('scope', models.CharField(max_length=64)),
                        ('key', models.CharField(max_length=255)),
                        ('digest', models.CharField(max_length=64)),
                        ('status', models.PositiveSmallIntegerField(null=True)),
                        ('headers', models.JSONField(default=dict)),
                        ('body', guanxi.platform.encryption.fields.EncryptedTextField(default='', has_token=False, place='stored_answer.body')),
                        ('at', models.DateTimeField()),
                    ],
                    options={
                        'indexes': [models.Index(fields=['at'], name='api_answer_by_time')],
                        'constraints': [models.UniqueConstraint(fields=('scope', 'key'), name='api_one_answer_per_key')],
                    },
                ),
            ],
        ),
        migrations.RunSQL(
            "ALTER TABLE api_requestcount SET UNLOGGED", reverse_sql="ALTER TABLE api_requestcount SET LOGGED"
        ),
    ]
