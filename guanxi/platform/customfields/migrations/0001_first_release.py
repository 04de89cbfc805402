import django.db.models.deletion
import django.db.models.functions.datetime
import guanxi.platform.records.tables
import guanxi.platform.records.values
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# What is stored is written in one form alone, so the setting of the session decides nothing: the functions are
# immutable although the casts themselves are not declared so.
MAKE = """
CREATE FUNCTION custom_day(text) RETURNS date LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT $1::date';
CREATE FUNCTION custom_instant(text) RETURNS timestamptz LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS 'SELECT $1::timestamptz';
"""
DROP = "DROP FUNCTION custom_day(text); DROP FUNCTION custom_instant(text);"


class Migration(migrations.Migration):
    replaces = [
        ('customfields', '0001_start'),
        ('customfields', '0002_typed_values'),
        ('customfields', '0003_roll_ups'),
        ('customfields', '0004_bank_numbers'),
        ('customfields', '0005_conditions_of_roll_ups'),
        ('customfields', '0006_fields_of_files'),
        ('customfields', '0007_tags'),
        ('customfields', '0008_department_word'),
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
                    name='CustomObject',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name_zh', models.CharField(max_length=60, verbose_name='Name in Chinese')),
                        ('name_en', models.CharField(max_length=60, verbose_name='Name in English')),
                        ('retired_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('key', models.SlugField(max_length=40, unique=True)),
                        ('plural_en', models.CharField(max_length=60, verbose_name='Plural in English')),
                        ('icon', models.CharField(default='folder', max_length=40, verbose_name='Icon')),
                        ('title_zh', models.CharField(default='名称', max_length=60, verbose_name='What its name is called, in Chinese')),
                        ('title_en', models.CharField(default='Name', max_length=60, verbose_name='What its name is called, in English')),
                        ('board_field', models.SlugField(blank=True, max_length=60)),
                        ('calendar_field', models.SlugField(blank=True, max_length=60)),
                        ('is_in_navigation', models.BooleanField(default=True, verbose_name='Stands in the sidebar')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='CustomField',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name_zh', models.CharField(max_length=60, verbose_name='Name in Chinese')),
                        ('name_en', models.CharField(max_length=60, verbose_name='Name in English')),
                        ('retired_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('object_key', models.CharField(max_length=60)),
                        ('key', models.SlugField(max_length=60)),
                        ('kind', models.CharField(choices=[('text', 'Text'), ('long_text', 'Long text'), ('integer', 'Whole number'), ('number', 'Number'), ('money', 'Money'), ('date', 'Date'), ('datetime', 'Date and time'), ('choice', 'Choice'), ('multi_choice', 'Several choices'), ('boolean', 'Yes or no'), ('link', 'Link to a record'), ('email', 'E-mail address'), ('phone', 'Phone number'), ('address', 'Address'), ('file', 'File')], max_length=20, verbose_name='Type')),
                        ('help_zh', models.CharField(blank=True, max_length=200, verbose_name='Help in Chinese')),
                        ('help_en', models.CharField(blank=True, max_length=200, verbose_name='Help in English')),
                        ('choices', models.JSONField(blank=True, default=list, verbose_name='Choices')),
                        ('target', models.CharField(blank=True, max_length=60, verbose_name='Leads to')),
                        ('sensitivity', models.CharField(blank=True, choices=[('', 'Not protected'), ('identity', 'Identity'), ('bank', 'Bank account'), ('reach', 'Ways to reach'), ('cost', 'Cost and margin'), ('credit', 'Credit'), ('personal', 'Personal')], max_length=30, verbose_name='Protection')),
                        ('digits', models.PositiveSmallIntegerField(default=2, verbose_name='Decimals')),
                        ('is_required', models.BooleanField(default=False, verbose_name='Must be filled in')),
                        ('is_indexed', models.BooleanField(default=False, verbose_name='Quick to filter and sort by')),
                        ('visible_when', models.TextField(blank=True)),
                        ('required_when', models.TextField(blank=True)),
                        ('position', models.PositiveSmallIntegerField(default=100)),
                    ],
                    options={
                        'ordering': ('position', 'id'),
                        'constraints': [models.UniqueConstraint(fields=('object_key', 'key'), name='customfields_one_field_of_a_key')],
                    },
                ),
                migrations.CreateModel(
                    name='CustomRecord',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('version', models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Created')),
                        ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Last changed')),
                        ('trashed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('name', models.CharField(max_length=200, verbose_name='Name')),
                        ('name_key', models.CharField(blank=True, editable=False, max_length=400)),
                        ('custom', guanxi.platform.records.values.CustomValues()),
                        ('kind', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customfields.customobject')),
                        ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Owner')),
                        ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.orgunit', verbose_name='Department')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['kind', 'name_key', 'id'], name='customfields_record_name'), models.Index(fields=['kind', 'id'], name='customfields_record_kind'), models.Index(fields=['kind', 'owner', 'id'], name='customfields_record_owner'), models.Index(fields=['kind', 'unit', 'id'], name='customfields_record_unit'), models.Index(condition=models.Q(('trashed_at__isnull', False)), fields=['kind', 'id'], name='customfields_record_trashed')],
                    },
                ),
                migrations.CreateModel(
                    name='CustomRecordEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_context', pghistory.utils.JSONField(null=True)),
                        ('pgh_context_id', models.UUIDField(null=True)),
                        ('id', models.BigIntegerField()),
                        ('version', models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Created')),
                        ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Last changed')),
                        ('trashed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('name', models.CharField(max_length=200, verbose_name='Name')),
                        ('name_key', models.CharField(blank=True, editable=False, max_length=400)),
                        ('custom', guanxi.platform.records.values.CustomValues()),
                        ('kind', models.ForeignKey(db_constraint=False, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customfields.customobject')),
                        ('owner', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Owner')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='customfields.customrecord')),
                        ('unit', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.orgunit', verbose_name='Department')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='CustomRollUp',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name_zh', models.CharField(max_length=60, verbose_name='Name in Chinese')),
                        ('name_en', models.CharField(max_length=60, verbose_name='Name in English')),
                        ('retired_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('object_key', models.CharField(max_length=60)),
                        ('key', models.SlugField(max_length=60)),
                        ('source', models.CharField(max_length=60)),
                        ('link', models.CharField(max_length=60)),
                        ('function', models.CharField(choices=[('count', 'How many there are'), ('sum', 'The sum of a field'), ('most', 'The largest or latest value of a field'), ('least', 'The smallest or earliest value of a field')], max_length=10)),
                        ('field', models.CharField(blank=True, max_length=60)),
                        ('where', models.TextField(blank=True, max_length=8000)),
                    ],
                    options={
                        'ordering': ('id',),
                        'constraints': [models.UniqueConstraint(fields=('object_key', 'key'), name='customfields_one_roll_up_of_a_key'), models.CheckConstraint(condition=models.Q(models.Q(('field', ''), ('function', 'count')), models.Q(models.Q(('function', 'count'), _negated=True), models.Q(('field', ''), _negated=True)), _connector='OR'), name='customfields_roll_up_goes_by_a_field')],
                    },
                ),
                migrations.CreateModel(
                    name='Tag',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('retired_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                        ('object_key', models.CharField(max_length=60)),
                        ('key', models.SlugField(max_length=60)),
                        ('name_zh', models.CharField(max_length=40, verbose_name='Name in Chinese')),
                        ('name_en', models.CharField(max_length=40, verbose_name='Name in English')),
                        ('colour', models.CharField(blank=True, choices=[('', 'Grey'), ('prim', 'Indigo'), ('closer', 'Teal'), ('ok', 'Green'), ('away', 'Orange'), ('danger', 'Red')], max_length=10, verbose_name='Colour')),
                        ('position', models.PositiveSmallIntegerField(default=1000)),
                    ],
                    options={
                        'ordering': ('position', 'id'),
                        'constraints': [models.UniqueConstraint(fields=('object_key', 'key'), name='customfields_one_tag_of_a_key')],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='customrecord',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "customfields_customrecordevent" ("created_at", "custom", "id", "kind_id", "name", "name_key", "owner_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "trashed_at", "unit_id", "updated_at", "version") VALUES (OLD."created_at", OLD."custom", OLD."id", OLD."kind_id", OLD."name", OLD."name_key", OLD."owner_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', OLD."id", OLD."trashed_at", OLD."unit_id", OLD."updated_at", OLD."version"); RETURN NULL;', hash='0dc82742c54226e46999c05a714c53a877bdf4d3', operation='UPDATE', pgid='pgtrigger_update_update_bab6e', table='customfields_customrecord', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='customrecord',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "customfields_customrecordevent" ("created_at", "custom", "id", "kind_id", "name", "name_key", "owner_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "trashed_at", "unit_id", "updated_at", "version") VALUES (OLD."created_at", OLD."custom", OLD."id", OLD."kind_id", OLD."name", OLD."name_key", OLD."owner_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."trashed_at", OLD."unit_id", OLD."updated_at", OLD."version"); RETURN NULL;', hash='1f6ad1431e542c868e57233604a48f7ce3be0d5b', operation='DELETE', pgid='pgtrigger_delete_delete_e7455', table='customfields_customrecord', when='AFTER')),
                ),
            ],
        ),
        migrations.RunSQL(MAKE, DROP),
    ]
