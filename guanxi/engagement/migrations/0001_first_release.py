import django.db.models.deletion
import django.db.models.functions.datetime
import guanxi.platform.records.tables
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ('engagement', '0001_initial'),
        ('engagement', '0002_record_words'),
    ]


    initial = True

    dependencies = [
    ]

    operations = [
        guanxi.platform.records.tables.MakeTables(
            operations=[
                migrations.CreateModel(
                    name='MessageTemplateEvent',
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
                        ('reason', models.CharField(max_length=24)),
                        ('language', models.CharField(max_length=10)),
                        ('is_close', models.BooleanField(default=False)),
                        ('variant', models.PositiveSmallIntegerField(default=1)),
                        ('body', models.CharField(max_length=600)),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='engagement.messagetemplate')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='MessageTemplate',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('version', models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Created')),
                        ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Last changed')),
                        ('trashed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('reason', models.CharField(max_length=24)),
                        ('language', models.CharField(max_length=10)),
                        ('is_close', models.BooleanField(default=False)),
                        ('variant', models.PositiveSmallIntegerField(default=1)),
                        ('body', models.CharField(max_length=600)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('reason', 'language', 'is_close', 'variant'), name='engagement_one_wording')],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='messagetemplate',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "engagement_messagetemplateevent" ("body", "created_at", "id", "is_close", "language", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "trashed_at", "updated_at", "variant", "version") VALUES (OLD."body", OLD."created_at", OLD."id", OLD."is_close", OLD."language", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', OLD."id", OLD."reason", OLD."trashed_at", OLD."updated_at", OLD."variant", OLD."version"); RETURN NULL;', hash='34a162ba5bb42fee4099dbddbb84bdf2e4a14e9c', operation='UPDATE', pgid='pgtrigger_update_update_a9290', table='engagement_messagetemplate', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='messagetemplate',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "engagement_messagetemplateevent" ("body", "created_at", "id", "is_close", "language", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "trashed_at", "updated_at", "variant", "version") VALUES (OLD."body", OLD."created_at", OLD."id", OLD."is_close", OLD."language", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."reason", OLD."trashed_at", OLD."updated_at", OLD."variant", OLD."version"); RETURN NULL;', hash='363dcae1b57ea6d1d182d1abd5d5b0c563af0bb0', operation='DELETE', pgid='pgtrigger_delete_delete_18f5b', table='engagement_messagetemplate', when='AFTER')),
                ),
            ],
        ),
    ]
