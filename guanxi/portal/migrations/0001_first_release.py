import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import guanxi.platform.records.tables
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ('portal', '0001_portal'),
        ('portal', '0002_notices'),
        ('portal', '0003_confirmations_and_files'),
    ]


    initial = True

    dependencies = [
        ('accounts', '0001_first_release'),
        ('accounts', '__first__'),
        ('customers', '0001_first_release'),
        ('stewardship', '0001_first_release'),
    ]

    operations = [
        guanxi.platform.records.tables.MakeTables(
            operations=[
                migrations.CreateModel(
                    name='FormEdition',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('title_zh', models.CharField(max_length=80)),
                        ('title_en', models.CharField(blank=True, max_length=80)),
                        ('introduction_zh', models.TextField(blank=True, max_length=1000)),
                        ('introduction_en', models.TextField(blank=True, max_length=1000)),
                        ('thanks_zh', models.TextField(blank=True, max_length=1000)),
                        ('thanks_en', models.TextField(blank=True, max_length=1000)),
                        ('redirect_url', models.CharField(blank=True, max_length=300)),
                        ('fields', models.JSONField(default=list)),
                        ('consents', models.JSONField(default=list)),
                        ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('form', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='portal.webform')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('form', 'number'), name='portal_one_edition')],
                    },
                ),
                migrations.CreateModel(
                    name='KnockCount',
                    fields=[
                        ('scope', models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ('span', models.BigIntegerField()),
                        ('knocks', models.PositiveIntegerField()),
                    ],
                    options={
                        'indexes': [models.Index(fields=['span'], name='portal_knock_span')],
                    },
                ),
                migrations.CreateModel(
                    name='Submission',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('state', models.CharField(choices=[('received', 'Being taken in'), ('taken', 'Taken in'), ('held', 'In quarantine'), ('discarded', 'Thrown away')], default='received', max_length=10)),
                        ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('answers', models.JSONField(default=dict)),
                        ('ticked', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), default=list, size=None)),
                        ('origin', models.JSONField(default=dict)),
                        ('page', models.CharField(blank=True, max_length=300)),
                        ('language', models.CharField(max_length=10)),
                        ('address', models.CharField(blank=True, max_length=60)),
                        ('browser', models.CharField(blank=True, max_length=200)),
                        ('signs', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), default=list, size=None)),
                        ('nonce', models.CharField(max_length=32)),
                        ('digest', models.CharField(max_length=64)),
                        ('is_new', models.BooleanField(default=False)),
                        ('conflicts', models.JSONField(default=list)),
                        ('asked_at', models.DateTimeField(null=True)),
                        ('confirmed_at', models.DateTimeField(null=True)),
                        ('account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.account')),
                        ('assigned_to', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('contact', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='customers.contact')),
                        ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.formedition')),
                        ('notice', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='stewardship.noticeedition')),
                        ('form', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.webform')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['form', '-id'], name='portal_submission_form'), models.Index(fields=['state', '-id'], name='portal_submission_state'), models.Index(fields=['account', '-id'], name='portal_submission_account')],
                        'constraints': [models.UniqueConstraint(fields=('nonce', 'digest'), name='portal_sent_once')],
                    },
                ),
                migrations.CreateModel(
                    name='SubmissionFile',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=200)),
                        ('size', models.BigIntegerField()),
                        ('sha256', models.CharField(max_length=64)),
                        ('stored_as', models.CharField(max_length=32, unique=True)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.account')),
                        ('submission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='portal.submission')),
                    ],
                ),
                migrations.CreateModel(
                    name='WebForm',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('version', models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Created')),
                        ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Last changed')),
                        ('trashed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('is_confirmed', models.BooleanField(default=False, verbose_name='Consents wait for a confirmation by mail')),
                        ('slug', models.SlugField(max_length=40, unique=True, verbose_name='Name in the address')),
                        ('is_open', models.BooleanField(default=False, verbose_name='Open to the public')),
                        ('sites', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=270), blank=True, default=list, size=None)),
                        ('source', models.CharField(blank=True, max_length=60, verbose_name='Source')),
                        ('owner_way', models.CharField(choices=[('fixed', 'Always the same person'), ('turn', 'The people of a department in turn'), ('pool', 'Nobody: into a pool')], default='fixed', max_length=8)),
                        ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('pool', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='stewardship.pool')),
                        ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.orgunit')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='Origin',
                    fields=[
                        ('account', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='customers.account')),
                        ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('utm_source', models.CharField(blank=True, max_length=100)),
                        ('utm_medium', models.CharField(blank=True, max_length=100)),
                        ('utm_campaign', models.CharField(blank=True, max_length=100)),
                        ('utm_term', models.CharField(blank=True, max_length=100)),
                        ('utm_content', models.CharField(blank=True, max_length=100)),
                        ('page', models.CharField(blank=True, max_length=300)),
                        ('form', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='portal.webform')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['utm_campaign', 'account'], name='portal_by_campaign')],
                    },
                ),
                migrations.CreateModel(
                    name='WebFormEvent',
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
                        ('is_confirmed', models.BooleanField(default=False, verbose_name='Consents wait for a confirmation by mail')),
                        ('slug', models.SlugField(db_index=False, max_length=40, verbose_name='Name in the address')),
                        ('is_open', models.BooleanField(default=False, verbose_name='Open to the public')),
                        ('sites', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=270), blank=True, default=list, size=None)),
                        ('source', models.CharField(blank=True, max_length=60, verbose_name='Source')),
                        ('owner_way', models.CharField(choices=[('fixed', 'Always the same person'), ('turn', 'The people of a department in turn'), ('pool', 'Nobody: into a pool')], default='fixed', max_length=8)),
                        ('owner', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='portal.webform')),
                        ('pool', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='stewardship.pool')),
                        ('unit', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.orgunit')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='webform',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "portal_webformevent" ("created_at", "id", "is_confirmed", "is_open", "owner_id", "owner_way", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pool_id", "sites", "slug", "source", "trashed_at", "unit_id", "updated_at", "version") VALUES (OLD."created_at", OLD."id", OLD."is_confirmed", OLD."is_open", OLD."owner_id", OLD."owner_way", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', OLD."id", OLD."pool_id", OLD."sites", OLD."slug", OLD."source", OLD."trashed_at", OLD."unit_id", OLD."updated_at", OLD."version"); RETURN NULL;', hash='b2fe9adf98ff0f2543e41e15c07b487eb1b8f4f7', operation='UPDATE', pgid='pgtrigger_update_update_69707', table='portal_webform', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='webform',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "portal_webformevent" ("created_at", "id", "is_confirmed", "is_open", "owner_id", "owner_way", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pool_id", "sites", "slug", "source", "trashed_at", "unit_id", "updated_at", "version") VALUES (OLD."created_at", OLD."id", OLD."is_confirmed", OLD."is_open", OLD."owner_id", OLD."owner_way", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."pool_id", OLD."sites", OLD."slug", OLD."source", OLD."trashed_at", OLD."unit_id", OLD."updated_at", OLD."version"); RETURN NULL;', hash='2f46fde0c5138fbaa2f0c91fabf65d8d34bb7493', operation='DELETE', pgid='pgtrigger_delete_delete_11577', table='portal_webform', when='AFTER')),
                ),
            ],
        ),
    ]
