import django.db.models.deletion
import django.db.models.functions.datetime
import guanxi.platform.encryption.fields
import guanxi.platform.records.tables
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ('transfer', '0001_imports'),
        ('transfer', '0002_system'),
    ]


    initial = True

    dependencies = [
        ('accounts', '__first__'),
    ]

    operations = [
        guanxi.platform.records.tables.MakeTables(
            operations=[
                migrations.CreateModel(
                    name='Import',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('object_key', models.CharField(max_length=60)),
                        ('name', models.CharField(max_length=200)),
                        ('stored_as', models.CharField(max_length=32, unique=True)),
                        ('size', models.BigIntegerField()),
                        ('source', models.JSONField()),
                        ('header', models.JSONField()),
                        ('mapping', models.JSONField(default=dict)),
                        ('known_by', models.CharField(blank=True, max_length=60)),
                        ('known_rows', models.CharField(choices=[('update', 'Update them; what is empty in the file stays'), ('skip', 'Leave them as they are')], default='update', max_length=6)),
                        ('system', models.CharField(blank=True, max_length=40)),
                        ('day_first', models.BooleanField(default=False)),
                        ('replaced', models.JSONField(default=dict)),
                        ('edits', guanxi.platform.encryption.fields.EncryptedTextField(blank=True, default='', has_token=False, place='import.edits')),
                        ('state', models.CharField(choices=[('draft', 'Being prepared'), ('checking', 'Being tried'), ('ready', 'Tried'), ('writing', 'Running'), ('done', 'Done'), ('stopped', 'Stopped'), ('undoing', 'Being taken back'), ('undone', 'Taken back')], default='draft', max_length=10)),
                        ('rows', models.PositiveIntegerField(default=0)),
                        ('counts', models.JSONField(default=dict)),
                        ('problems', models.JSONField(default=list)),
                        ('written_to', models.PositiveIntegerField(default=0)),
                        ('run_id', models.BigIntegerField(null=True)),
                        ('entry_id', models.UUIDField(null=True)),
                        ('undo_entry_id', models.UUIDField(null=True)),
                        ('kept', models.PositiveIntegerField(default=0)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('moved_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('finished_at', models.DateTimeField(null=True)),
                        ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['user', '-id'], name='transfer_import_of_user')],
                    },
                ),
                migrations.CreateModel(
                    name='ImportedRow',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('outcome', models.CharField(choices=[('created', 'New'), ('updated', 'Updated'), ('same', 'Nothing new'), ('repeated', 'Repeated'), ('error', 'Faulty')], max_length=8)),
                        ('object_key', models.CharField(max_length=60)),
                        ('record_id', models.BigIntegerField(null=True)),
                        ('version', models.PositiveIntegerField(null=True)),
                        ('problems', models.JSONField(default=list)),
                        ('is_kept', models.BooleanField(default=False)),
                        ('file', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='transfer.import')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['file', 'outcome', 'number'], name='transfer_row_outcome'), models.Index(fields=['file', 'number'], name='transfer_row_number'), models.Index(fields=['record_id'], name='transfer_row_record')],
                    },
                ),
                migrations.CreateModel(
                    name='ImportTemplate',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('object_key', models.CharField(max_length=60)),
                        ('name', models.CharField(max_length=60, verbose_name='Name')),
                        ('columns', models.JSONField()),
                        ('known_by', models.CharField(blank=True, max_length=60)),
                        ('known_rows', models.CharField(choices=[('update', 'Update them; what is empty in the file stays'), ('skip', 'Leave them as they are')], default='update', max_length=6)),
                        ('system', models.CharField(blank=True, max_length=40)),
                        ('day_first', models.BooleanField(default=False)),
                        ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('object_key', 'owner', 'name'), name='transfer_one_template_of_a_name')],
                    },
                ),
            ],
        ),
    ]
