import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ('audit', '0001_initial'),
        ('audit', '0002_reads_of_note'),
        ('audit', '0003_deeds_of_note'),
    ]


    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('user_id', models.BigIntegerField(null=True)),
                ('actor_name', models.CharField(max_length=120)),
                ('surface', models.CharField(max_length=20)),
                ('address', models.CharField(blank=True, max_length=60)),
                ('object_key', models.CharField(max_length=60)),
                ('record_id', models.BigIntegerField(null=True)),
                ('action', models.CharField(max_length=60)),
                ('record_count', models.PositiveIntegerField(default=1)),
                ('reason', models.CharField(blank=True, max_length=500)),
            ],
            options={
                'indexes': [models.Index(fields=['object_key', 'record_id', '-at'], name='audit_by_record'), models.Index(fields=['-at'], name='audit_by_time'), models.Index(condition=models.Q(('action__in', ('reveal', 'export', 'bulk_edit', 'bulk_assign', 'bulk_tag', 'bulk_trash', 'remove_for_good'))), fields=['-at'], name='audit_reads')],
            },
        ),
    ]
