import django.db.models.deletion
import django.db.models.functions.datetime
import guanxi.platform.records.tables
import guanxi.platform.records.values
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ('catalog', '0001_initial'),
        ('catalog', '0002_english_names'),
        ('catalog', '0003_record_words'),
        ('catalog', '0004_records_with_lists'),
    ]


    initial = True

    dependencies = [
    ]

    operations = [
        guanxi.platform.records.tables.MakeTables(
            operations=[
                migrations.CreateModel(
                    name='Category',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('version', models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Created')),
                        ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Last changed')),
                        ('trashed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('key', models.CharField(max_length=80, unique=True, verbose_name='Key')),
                        ('name', models.CharField(max_length=120, verbose_name='Name')),
                        ('name_key', models.CharField(blank=True, db_default='', editable=False, max_length=240)),
                        ('name_en', models.CharField(blank=True, max_length=120, verbose_name='English name')),
                        ('custom', guanxi.platform.records.values.CustomValues()),
                        ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.category', verbose_name='Belongs to')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='CategoryEvent',
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
                        ('key', models.CharField(max_length=80, verbose_name='Key')),
                        ('name', models.CharField(max_length=120, verbose_name='Name')),
                        ('name_key', models.CharField(blank=True, db_default='', editable=False, max_length=240)),
                        ('name_en', models.CharField(blank=True, max_length=120, verbose_name='English name')),
                        ('custom', guanxi.platform.records.values.CustomValues()),
                        ('parent', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.category', verbose_name='Belongs to')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.category')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='Product',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('version', models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Created')),
                        ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Last changed')),
                        ('trashed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('code', models.CharField(max_length=60, unique=True, verbose_name='Product code')),
                        ('name', models.CharField(max_length=200, verbose_name='Name')),
                        ('name_key', models.CharField(blank=True, db_default='', editable=False, max_length=400)),
                        ('name_en', models.CharField(blank=True, max_length=200, verbose_name='English name')),
                        ('kind', models.CharField(choices=[('goods', 'Goods'), ('service', 'Service')], default='goods', max_length=10, verbose_name='Kind')),
                        ('brand', models.CharField(blank=True, max_length=80, verbose_name='Brand')),
                        ('unit_name', models.CharField(blank=True, max_length=20, verbose_name='Unit')),
                        ('price', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='Price')),
                        ('cost', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='Cost')),
                        ('custom', guanxi.platform.records.values.CustomValues()),
                        ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.category', verbose_name='Category')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['name_key', 'id'], name='catalog_product_name'), models.Index(fields=['category', 'name_key', 'id'], name='catalog_product_category')],
                    },
                ),
                migrations.CreateModel(
                    name='ProductEvent',
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
                        ('code', models.CharField(max_length=60, verbose_name='Product code')),
                        ('name', models.CharField(max_length=200, verbose_name='Name')),
                        ('name_key', models.CharField(blank=True, db_default='', editable=False, max_length=400)),
                        ('name_en', models.CharField(blank=True, max_length=200, verbose_name='English name')),
                        ('kind', models.CharField(choices=[('goods', 'Goods'), ('service', 'Service')], default='goods', max_length=10, verbose_name='Kind')),
                        ('brand', models.CharField(blank=True, max_length=80, verbose_name='Brand')),
                        ('unit_name', models.CharField(blank=True, max_length=20, verbose_name='Unit')),
                        ('price', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='Price')),
                        ('cost', models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name='Cost')),
                        ('custom', guanxi.platform.records.values.CustomValues()),
                        ('category', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.category', verbose_name='Category')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.product')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='category',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "catalog_categoryevent" ("created_at", "custom", "id", "key", "name", "name_en", "name_key", "parent_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "trashed_at", "updated_at", "version") VALUES (OLD."created_at", OLD."custom", OLD."id", OLD."key", OLD."name", OLD."name_en", OLD."name_key", OLD."parent_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', OLD."id", OLD."trashed_at", OLD."updated_at", OLD."version"); RETURN NULL;', hash='0ad55f5c7c0621f1b95312fcec5e756f7a5fdcad', operation='UPDATE', pgid='pgtrigger_update_update_8b940', table='catalog_category', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='category',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "catalog_categoryevent" ("created_at", "custom", "id", "key", "name", "name_en", "name_key", "parent_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "trashed_at", "updated_at", "version") VALUES (OLD."created_at", OLD."custom", OLD."id", OLD."key", OLD."name", OLD."name_en", OLD."name_key", OLD."parent_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."trashed_at", OLD."updated_at", OLD."version"); RETURN NULL;', hash='7e576dd3f2c567370e779bfe20a02975fc35a142', operation='DELETE', pgid='pgtrigger_delete_delete_5b72e', table='catalog_category', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='product',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "catalog_productevent" ("brand", "category_id", "code", "cost", "created_at", "custom", "id", "kind", "name", "name_en", "name_key", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price", "trashed_at", "unit_name", "updated_at", "version") VALUES (OLD."brand", OLD."category_id", OLD."code", OLD."cost", OLD."created_at", OLD."custom", OLD."id", OLD."kind", OLD."name", OLD."name_en", OLD."name_key", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', OLD."id", OLD."price", OLD."trashed_at", OLD."unit_name", OLD."updated_at", OLD."version"); RETURN NULL;', hash='b882b49a8c1ecda3444689c747b953ba98282a0c', operation='UPDATE', pgid='pgtrigger_update_update_580c5', table='catalog_product', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='product',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "catalog_productevent" ("brand", "category_id", "code", "cost", "created_at", "custom", "id", "kind", "name", "name_en", "name_key", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price", "trashed_at", "unit_name", "updated_at", "version") VALUES (OLD."brand", OLD."category_id", OLD."code", OLD."cost", OLD."created_at", OLD."custom", OLD."id", OLD."kind", OLD."name", OLD."name_en", OLD."name_key", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."price", OLD."trashed_at", OLD."unit_name", OLD."updated_at", OLD."version"); RETURN NULL;', hash='1c8afb3031616ae54b2e15708cb404a586a88757', operation='DELETE', pgid='pgtrigger_delete_delete_a763a', table='catalog_product', when='AFTER')),
                ),
            ],
        ),
    ]
