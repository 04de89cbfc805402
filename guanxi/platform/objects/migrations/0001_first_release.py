import django.contrib.postgres.fields
import django.core.serializers.json
import django.db.models.deletion
import django.db.models.functions.datetime
import guanxi.platform.encryption.fields
import guanxi.platform.records.tables
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ('objects', '0001_views_and_changes'),
        ('objects', '0002_opened_and_favourite_records'),
        ('objects', '0003_layouts_of_records'),
        ('objects', '0004_encrypted_views_and_changes'),
        ('objects', '0005_encrypt_what_stands'),
        ('objects', '0006_index_by_object'),
        ('objects', '0007_changes_of_tags'),
        ('objects', '0008_removals'),
        ('objects', '0009_department_word'),
        ('objects', '0010_merges'),
    ]


    initial = True

    dependencies = [
        ('accounts', '0001_first_release'),
        ('accounts', '__first__'),
    ]

    operations = [
        guanxi.platform.records.tables.MakeTables(
            operations=[
                migrations.CreateModel(
                    name='Merge',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('object_key', models.CharField(max_length=60)),
                        ('kept_id', models.BigIntegerField()),
                        ('merged_id', models.BigIntegerField()),
                        ('fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), default=list, size=None)),
                        ('held', models.JSONField(default=dict)),
                        ('entry_id', models.UUIDField()),
                        ('kept_version', models.PositiveIntegerField()),
                        ('merged_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('undone_at', models.DateTimeField(null=True)),
                        ('is_kept', models.BooleanField(default=False)),
                        ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['object_key', 'kept_id'], name='objects_merge_kept'), models.Index(fields=['object_key', 'merged_id'], name='objects_merge_merged')],
                    },
                ),
                migrations.CreateModel(
                    name='MergedRows',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('table', models.CharField(max_length=80)),
                        ('column', models.CharField(max_length=80)),
                        ('row_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                        ('merge', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='objects.merge')),
                    ],
                ),
                migrations.CreateModel(
                    name='OpenedRecord',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('object_key', models.CharField(max_length=60)),
                        ('record_id', models.BigIntegerField()),
                        ('opened_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['user', 'object_key', '-opened_at'], name='objects_opened_latest')],
                        'constraints': [models.UniqueConstraint(fields=('user', 'object_key', 'record_id'), name='objects_opened_once')],
                    },
                ),
                migrations.CreateModel(
                    name='RecordLayout',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('object_key', models.CharField(max_length=60)),
                        ('places', models.JSONField()),
                        ('names', models.JSONField()),
                        ('version', models.PositiveIntegerField(default=1)),
                        ('role', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.role')),
                        ('unit', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.orgunit')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('object_key', 'role', 'unit'), name='objects_one_layout', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('role__isnull', True), ('unit__isnull', True), _connector='OR'), name='objects_layout_audience')],
                    },
                ),
                migrations.CreateModel(
                    name='Removal',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('object_key', models.CharField(max_length=60)),
                        ('record_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                        ('entry_id', models.UUIDField()),
                        ('run_id', models.BigIntegerField(null=True)),
                        ('removed', models.PositiveIntegerField(default=0)),
                        ('kept', models.PositiveIntegerField(default=0)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('written_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('finished_at', models.DateTimeField(null=True)),
                        ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                ),
                migrations.CreateModel(
                    name='SavedView',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('object_key', models.CharField(max_length=60)),
                        ('name', models.CharField(max_length=60, verbose_name='Name')),
                        ('query', guanxi.platform.encryption.fields.EncryptedTextField(has_token=False, place='saved_view.query')),
                        ('audience', models.CharField(choices=[('me', 'Only me'), ('unit', 'My department and those below it'), ('all', 'Everybody')], default='me', max_length=4, verbose_name='For whom')),
                        ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.orgunit')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('object_key', 'owner', 'name'), name='objects_one_view_of_a_name')],
                    },
                ),
                migrations.CreateModel(
                    name='ViewChoice',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('is_pinned', models.BooleanField(default=False, verbose_name='Pinned')),
                        ('is_default', models.BooleanField(default=False, verbose_name='Opens first')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('view', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='objects.savedview')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('view', 'user'), name='objects_one_choice_of_a_view')],
                    },
                ),
                migrations.CreateModel(
                    name='BulkChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('object_key', models.CharField(max_length=60)),
                        ('action', models.CharField(choices=[('edit', 'Change a field'), ('tag', 'Change tags'), ('assign', 'Assign'), ('trash', 'Move to the trash')], max_length=10)),
                        ('values', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                        ('sealed_values', guanxi.platform.encryption.fields.EncryptedTextField(blank=True, default='', has_token=False, place='bulk_change.sealed_values')),
                        ('record_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                        ('entry_id', models.UUIDField()),
                        ('run_id', models.BigIntegerField(null=True)),
                        ('changed', models.PositiveIntegerField(default=0)),
                        ('undo_entry_id', models.UUIDField(null=True)),
                        ('kept', models.PositiveIntegerField(default=0)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['run_id'], name='objects_bulk_run')],
                    },
                ),
                migrations.CreateModel(
                    name='FavouriteRecord',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('object_key', models.CharField(max_length=60)),
                        ('record_id', models.BigIntegerField()),
                        ('marked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('user', 'object_key', 'record_id'), name='objects_favourite_once')],
                    },
                ),
            ],
        ),
    ]
