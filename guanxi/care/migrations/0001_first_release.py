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
        ('care', '0001_initial'),
        ('care', '0002_cadence_of_accounts'),
        ('care', '0003_record_words'),
    ]


    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('customers', '0001_first_release'),
    ]

    operations = [
        guanxi.platform.records.tables.MakeTables(
            operations=[
                migrations.CreateModel(
                    name='CadenceRuleEvent',
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
                        ('grade', models.CharField(max_length=2)),
                        ('ideal_days', models.PositiveSmallIntegerField()),
                        ('maximum_days', models.PositiveSmallIntegerField()),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='care.cadencerule')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='CareSetting',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('version', models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Created')),
                        ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Last changed')),
                        ('trashed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('contacts_per_day', models.PositiveSmallIntegerField(default=24)),
                        ('minutes_per_day', models.PositiveSmallIntegerField(default=300)),
                        ('works_from_hour', models.PositiveSmallIntegerField(default=9)),
                        ('works_to_hour', models.PositiveSmallIntegerField(default=20)),
                        ('quiet_from_hour', models.PositiveSmallIntegerField(default=12)),
                        ('quiet_to_hour', models.PositiveSmallIntegerField(default=14)),
                        ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('works_from_hour__lt', models.F('works_to_hour')), ('works_to_hour__lte', 24)), name='care_setting_hours')],
                    },
                ),
                migrations.CreateModel(
                    name='CareSettingEvent',
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
                        ('contacts_per_day', models.PositiveSmallIntegerField(default=24)),
                        ('minutes_per_day', models.PositiveSmallIntegerField(default=300)),
                        ('works_from_hour', models.PositiveSmallIntegerField(default=9)),
                        ('works_to_hour', models.PositiveSmallIntegerField(default=20)),
                        ('quiet_from_hour', models.PositiveSmallIntegerField(default=12)),
                        ('quiet_to_hour', models.PositiveSmallIntegerField(default=14)),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='care.caresetting')),
                        ('user', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='CategoryRhythm',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('category_id', models.BigIntegerField()),
                        ('gap_days', models.FloatField()),
                        ('gaps', models.PositiveIntegerField()),
                        ('spread', models.FloatField()),
                        ('last_bought_on', models.DateField()),
                        ('due_on', models.DateField()),
                        ('share', models.FloatField()),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.account')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('account', 'category_id'), name='care_one_rhythm')],
                    },
                ),
                migrations.CreateModel(
                    name='ContactState',
                    fields=[
                        ('account', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='customers.account')),
                        ('last_touch_at', models.DateTimeField(null=True)),
                        ('last_channel', models.CharField(blank=True, max_length=24)),
                        ('rhythm_days', models.FloatField(default=0)),
                        ('gaps', models.PositiveIntegerField(default=0)),
                        ('spread', models.FloatField(default=0.5)),
                        ('ideal_days', models.PositiveSmallIntegerField(default=0)),
                        ('maximum_days', models.PositiveSmallIntegerField(default=0)),
                        ('due_on', models.DateField(null=True)),
                        ('red_on', models.DateField(null=True)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['due_on', 'account'], name='care_state_due')],
                    },
                ),
                migrations.CreateModel(
                    name='QueueRow',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('version', models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Created')),
                        ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Last changed')),
                        ('trashed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('day', models.DateField()),
                        ('rank', models.PositiveIntegerField()),
                        ('state', models.CharField(choices=[('open', 'Open'), ('done', 'Done'), ('snoozed', 'Later'), ('not_useful', 'Not useful'), ('later', 'Held back'), ('automatic', 'Automatic')], default='open', max_length=10)),
                        ('hold', models.CharField(blank=True, choices=[('', ''), ('capacity', 'The day is full'), ('frequency', 'Contacted only a few days ago'), ('consent', 'No channel that we may use'), ('rest_day', 'Their rest day'), ('cost', "A person's time costs more than it brings")], default='', max_length=10)),
                        ('reason', models.CharField(max_length=24)),
                        ('tone', models.CharField(choices=[('planned', 'planned'), ('past_ideal', 'past the ideal interval'), ('past_maximum', 'past the maximum interval')], default='planned', max_length=12)),
                        ('evidence', models.JSONField(blank=True, default=dict)),
                        ('further', models.JSONField(blank=True, default=list)),
                        ('channel', models.CharField(blank=True, max_length=10)),
                        ('time_from', models.TimeField(blank=True, null=True)),
                        ('time_to', models.TimeField(blank=True, null=True)),
                        ('stake', models.FloatField(default=0)),
                        ('urgency', models.FloatField(default=0)),
                        ('chance', models.FloatField(default=0)),
                        ('minutes', models.PositiveSmallIntegerField(default=0)),
                        ('priority', models.FloatField(default=0)),
                        ('variant', models.PositiveSmallIntegerField(default=1)),
                        ('answer', models.CharField(blank=True, choices=[('wrong_reason', 'The reason is wrong'), ('wrong_time', 'The wrong moment'), ('wrong_channel', 'The wrong channel'), ('already_handled', 'Handled already'), ('no_interest', 'The customer does not want it')], max_length=20)),
                        ('snoozed_until', models.DateField(blank=True, null=True)),
                        ('fact_id', models.BigIntegerField(blank=True, null=True)),
                        ('decided_at', models.DateTimeField(blank=True, null=True)),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.account')),
                        ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['user', 'day', 'state', 'rank'], name='care_queue_of_day'), models.Index(fields=['account', 'state'], name='care_queue_of_account')],
                        'constraints': [models.UniqueConstraint(fields=('user', 'day', 'account'), name='care_one_row_per_day')],
                    },
                ),
                migrations.CreateModel(
                    name='ResponseRate',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('channel', models.CharField(max_length=10)),
                        ('weekday', models.PositiveSmallIntegerField()),
                        ('band', models.PositiveSmallIntegerField()),
                        ('trials', models.PositiveIntegerField()),
                        ('successes', models.PositiveIntegerField()),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('channel', 'weekday', 'band'), name='care_one_rate')],
                    },
                ),
                migrations.CreateModel(
                    name='AccountCadence',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('version', models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Created')),
                        ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Last changed')),
                        ('trashed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('ideal_days', models.PositiveSmallIntegerField()),
                        ('maximum_days', models.PositiveSmallIntegerField()),
                        ('account', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.account')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('ideal_days__gte', 1), ('maximum_days__gte', models.F('ideal_days'))), name='care_account_cadence_order')],
                    },
                ),
                migrations.CreateModel(
                    name='AccountCadenceEvent',
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
                        ('ideal_days', models.PositiveSmallIntegerField()),
                        ('maximum_days', models.PositiveSmallIntegerField()),
                        ('account', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='customers.account')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='care.accountcadence')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='CadenceRule',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('version', models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Created')),
                        ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Last changed')),
                        ('trashed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('grade', models.CharField(max_length=2, unique=True)),
                        ('ideal_days', models.PositiveSmallIntegerField()),
                        ('maximum_days', models.PositiveSmallIntegerField()),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('ideal_days__gte', 1), ('maximum_days__gte', models.F('ideal_days'))), name='care_cadence_order')],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='cadencerule',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "care_cadenceruleevent" ("created_at", "grade", "id", "ideal_days", "maximum_days", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "trashed_at", "updated_at", "version") VALUES (OLD."created_at", OLD."grade", OLD."id", OLD."ideal_days", OLD."maximum_days", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', OLD."id", OLD."trashed_at", OLD."updated_at", OLD."version"); RETURN NULL;', hash='fb6f79a3943acf086d247d84b96254bf12109eab', operation='UPDATE', pgid='pgtrigger_update_update_c7369', table='care_cadencerule', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='cadencerule',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "care_cadenceruleevent" ("created_at", "grade", "id", "ideal_days", "maximum_days", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "trashed_at", "updated_at", "version") VALUES (OLD."created_at", OLD."grade", OLD."id", OLD."ideal_days", OLD."maximum_days", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."trashed_at", OLD."updated_at", OLD."version"); RETURN NULL;', hash='a35b0ff9f541ef68d965170edb2b8fc11bce13bd', operation='DELETE', pgid='pgtrigger_delete_delete_0336d', table='care_cadencerule', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='accountcadence',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "care_accountcadenceevent" ("account_id", "created_at", "id", "ideal_days", "maximum_days", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "trashed_at", "updated_at", "version") VALUES (OLD."account_id", OLD."created_at", OLD."id", OLD."ideal_days", OLD."maximum_days", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', OLD."id", OLD."trashed_at", OLD."updated_at", OLD."version"); RETURN NULL;', hash='f5ee1e8042bc8bba9ed6cec53c2aabcbc6ae4600', operation='UPDATE', pgid='pgtrigger_update_update_3ac1c', table='care_accountcadence', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='accountcadence',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "care_accountcadenceevent" ("account_id", "created_at", "id", "ideal_days", "maximum_days", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "trashed_at", "updated_at", "version") VALUES (OLD."account_id", OLD."created_at", OLD."id", OLD."ideal_days", OLD."maximum_days", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."trashed_at", OLD."updated_at", OLD."version"); RETURN NULL;', hash='93cdc21b174130297edc5cd22be049a7be807d84', operation='DELETE', pgid='pgtrigger_delete_delete_ffc16', table='care_accountcadence', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='caresetting',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "care_caresettingevent" ("contacts_per_day", "created_at", "id", "minutes_per_day", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quiet_from_hour", "quiet_to_hour", "trashed_at", "updated_at", "user_id", "version", "works_from_hour", "works_to_hour") VALUES (OLD."contacts_per_day", OLD."created_at", OLD."id", OLD."minutes_per_day", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', OLD."id", OLD."quiet_from_hour", OLD."quiet_to_hour", OLD."trashed_at", OLD."updated_at", OLD."user_id", OLD."version", OLD."works_from_hour", OLD."works_to_hour"); RETURN NULL;', hash='df0dd33b53f52a737f033e17996dcfad2fb9fbea', operation='UPDATE', pgid='pgtrigger_update_update_6b501', table='care_caresetting', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='caresetting',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "care_caresettingevent" ("contacts_per_day", "created_at", "id", "minutes_per_day", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quiet_from_hour", "quiet_to_hour", "trashed_at", "updated_at", "user_id", "version", "works_from_hour", "works_to_hour") VALUES (OLD."contacts_per_day", OLD."created_at", OLD."id", OLD."minutes_per_day", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."quiet_from_hour", OLD."quiet_to_hour", OLD."trashed_at", OLD."updated_at", OLD."user_id", OLD."version", OLD."works_from_hour", OLD."works_to_hour"); RETURN NULL;', hash='aad0afe6c42d05d07f3edf1ab25f63f62fede968', operation='DELETE', pgid='pgtrigger_delete_delete_79fcc', table='care_caresetting', when='AFTER')),
                ),
            ],
        ),
    ]
