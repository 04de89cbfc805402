import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import guanxi.platform.records.tables
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ('value', '0001_initial'),
        ('value', '0002_record_words'),
    ]


    initial = True

    dependencies = [
        ('customers', '0001_first_release'),
    ]

    operations = [
        guanxi.platform.records.tables.MakeTables(
            operations=[
                migrations.CreateModel(
                    name='PeerGroup',
                    fields=[
                        ('id', models.SmallAutoField(primary_key=True, serialize=False)),
                        ('key', models.CharField(max_length=60, unique=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='PromotionSeason',
                    fields=[
                        ('promotion_id', models.BigIntegerField(primary_key=True, serialize=False)),
                        ('season', models.FloatField()),
                    ],
                ),
                migrations.CreateModel(
                    name='Reference',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('frozen_on', models.DateField()),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ],
                ),
                migrations.CreateModel(
                    name='WeightSet',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('version', models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Created')),
                        ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Last changed')),
                        ('trashed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('name', models.CharField(max_length=60)),
                        ('weights', models.JSONField()),
                        ('published_at', models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='WeightSetEvent',
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
                        ('name', models.CharField(max_length=60)),
                        ('weights', models.JSONField()),
                        ('published_at', models.DateTimeField(blank=True, null=True)),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='value.weightset')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='Edition',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('thresholds', models.JSONField(default=dict)),
                        ('in_force_from', models.DateField()),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('reference', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='value.reference')),
                        ('weight_set', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='value.weightset')),
                    ],
                ),
                migrations.CreateModel(
                    name='ReferenceMean',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('peer_group', models.CharField(max_length=60)),
                        ('indicator', models.CharField(max_length=40)),
                        ('mean', models.FloatField()),
                        ('reference', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='value.reference')),
                    ],
                ),
                migrations.CreateModel(
                    name='ReferencePoint',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('peer_group', models.CharField(max_length=60)),
                        ('indicator', models.CharField(max_length=40)),
                        ('value', models.FloatField()),
                        ('below', models.FloatField()),
                        ('upto', models.FloatField()),
                        ('reference', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='value.reference')),
                    ],
                ),
                migrations.CreateModel(
                    name='ValueIndex',
                    fields=[
                        ('account', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='customers.account')),
                        ('as_of', models.DateField()),
                        ('index_value', models.FloatField()),
                        ('index_before', models.FloatField()),
                        ('confidence', models.FloatField()),
                        ('applicability', models.FloatField()),
                        ('weights_effect', models.FloatField()),
                        ('reference_effect', models.FloatField()),
                        ('peer_group_effect', models.FloatField()),
                        ('amount_12_months', models.FloatField()),
                        ('margin_12_months', models.FloatField()),
                        ('grade', models.CharField(max_length=1)),
                        ('base_grade', models.CharField(blank=True, max_length=1)),
                        ('grade_30', models.CharField(blank=True, max_length=1)),
                        ('grade_90', models.CharField(blank=True, max_length=1)),
                        ('grade_360', models.CharField(blank=True, max_length=1)),
                        ('is_core', models.BooleanField(default=False)),
                        ('last_purchase_on', models.DateField(null=True)),
                        ('scores', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None)),
                        ('faded', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None)),
                        ('new', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None)),
                        ('trend', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None)),
                        ('calculated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('edition', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='value.edition')),
                        ('peer_group', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='value.peergroup')),
                    ],
                    options={
                        'indexes': [models.Index(models.OrderBy(models.F('index_value'), descending=True), models.F('account'), name='value_by_index'), models.Index(fields=['grade'], name='value_by_grade')],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='weightset',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "value_weightsetevent" ("created_at", "id", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "trashed_at", "updated_at", "version", "weights") VALUES (OLD."created_at", OLD."id", OLD."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', OLD."id", OLD."published_at", OLD."trashed_at", OLD."updated_at", OLD."version", OLD."weights"); RETURN NULL;', hash='d7e341c2a1d96c408c76b1c66b1572d2a02867cf', operation='UPDATE', pgid='pgtrigger_update_update_b87cf', table='value_weightset', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='weightset',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "value_weightsetevent" ("created_at", "id", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "trashed_at", "updated_at", "version", "weights") VALUES (OLD."created_at", OLD."id", OLD."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."published_at", OLD."trashed_at", OLD."updated_at", OLD."version", OLD."weights"); RETURN NULL;', hash='2545d03488da0c6b1d70af07157150f9425aecce', operation='DELETE', pgid='pgtrigger_delete_delete_baffe', table='value_weightset', when='AFTER')),
                ),
            ],
        ),
    ]
