import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import guanxi.platform.collaboration.models
import guanxi.platform.records.tables
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ('collaboration', '0001_comments_documents_notifications'),
        ('collaboration', '0002_unusual'),
        ('collaboration', '0003_leaving'),
        ('collaboration', '0004_heard'),
        ('collaboration', '0005_asked'),
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
                    name='NotificationSettings',
                    fields=[
                        ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
                        ('silent_kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), default=list, size=None)),
                        ('mailed_kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), default=guanxi.platform.collaboration.models.mailed_at_first, size=None)),
                        ('rhythm', models.CharField(choices=[('off', 'Never'), ('at_once', 'At once, within five minutes'), ('daily', 'Once a day, at eight in the morning')], default='daily', max_length=10)),
                        ('mailed_on', models.DateField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='Comment',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('object_key', models.CharField(max_length=60)),
                        ('record_id', models.BigIntegerField()),
                        ('text', models.TextField(max_length=5000, verbose_name='Comment')),
                        ('mentioned_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('edited_at', models.DateTimeField(null=True)),
                        ('trashed_at', models.DateTimeField(null=True)),
                        ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['object_key', 'record_id', '-id'], name='collaboration_comments')],
                    },
                ),
                migrations.CreateModel(
                    name='CommentEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_context', pghistory.utils.JSONField(null=True)),
                        ('pgh_context_id', models.UUIDField(null=True)),
                        ('id', models.BigIntegerField()),
                        ('object_key', models.CharField(max_length=60)),
                        ('record_id', models.BigIntegerField()),
                        ('text', models.TextField(max_length=5000, verbose_name='Comment')),
                        ('mentioned_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('edited_at', models.DateTimeField(null=True)),
                        ('trashed_at', models.DateTimeField(null=True)),
                        ('author', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='collaboration.comment')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='Document',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('object_key', models.CharField(max_length=60)),
                        ('record_id', models.BigIntegerField()),
                        ('name', models.CharField(max_length=200)),
                        ('number', models.PositiveIntegerField(default=1)),
                        ('size', models.BigIntegerField()),
                        ('sha256', models.CharField(max_length=64)),
                        ('stored_as', models.CharField(max_length=32, unique=True)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('trashed_at', models.DateTimeField(null=True)),
                        ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('object_key', 'record_id', 'name', 'number'), name='collaboration_one_version')],
                    },
                ),
                migrations.CreateModel(
                    name='Following',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('object_key', models.CharField(max_length=60)),
                        ('record_id', models.BigIntegerField()),
                        ('state', models.CharField(choices=[('followed', 'Following'), ('left', 'Not following'), ('muted', 'Muted')], max_length=10)),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('object_key', 'record_id', 'user'), name='collaboration_one_following')],
                    },
                ),
                migrations.CreateModel(
                    name='Notification',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('mentioned', 'I am mentioned'), ('commented', 'Comment on a record I follow'), ('assigned', 'A record is assigned to me'), ('shared', 'A record is shared with me'), ('leaving', 'Records are about to leave me'), ('heard', 'Something comes in by itself for a record of mine'), ('asked', 'Something waits for my answer'), ('finished', 'My work in the background is finished'), ('unusual', 'Something unusual on the security watch (mailed within five minutes)')], max_length=10)),
                        ('object_key', models.CharField(blank=True, max_length=60)),
                        ('record_id', models.BigIntegerField(null=True)),
                        ('count', models.PositiveIntegerField(default=1)),
                        ('run_id', models.BigIntegerField(null=True)),
                        ('is_shown', models.BooleanField(default=True)),
                        ('is_mail_due', models.BooleanField(default=False)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('read_at', models.DateTimeField(null=True)),
                        ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('comment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='collaboration.comment')),
                        ('notice', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.securitynotice')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('is_shown', True)), fields=['user', '-id'], name='collaboration_shown'), models.Index(condition=models.Q(('is_shown', True), ('read_at__isnull', True)), fields=['user', '-id'], name='collaboration_unread'), models.Index(condition=models.Q(('is_mail_due', True)), fields=['user'], name='collaboration_mail_due')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('run_id__isnull', False)), fields=('run_id',), name='collaboration_one_of_a_run'), models.UniqueConstraint(condition=models.Q(('notice__isnull', False)), fields=('user', 'notice'), name='collaboration_one_of_a_notice')],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='comment',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "collaboration_commentevent" ("author_id", "created_at", "edited_at", "id", "mentioned_ids", "object_key", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "record_id", "text", "trashed_at") VALUES (OLD."author_id", OLD."created_at", OLD."edited_at", OLD."id", OLD."mentioned_ids", OLD."object_key", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', OLD."id", OLD."record_id", OLD."text", OLD."trashed_at"); RETURN NULL;', hash='3d982f006a1bc1be67ad8abba8de716c8873d8f6', operation='UPDATE', pgid='pgtrigger_update_update_87ebf', table='collaboration_comment', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='comment',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "collaboration_commentevent" ("author_id", "created_at", "edited_at", "id", "mentioned_ids", "object_key", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "record_id", "text", "trashed_at") VALUES (OLD."author_id", OLD."created_at", OLD."edited_at", OLD."id", OLD."mentioned_ids", OLD."object_key", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."record_id", OLD."text", OLD."trashed_at"); RETURN NULL;', hash='05589a17ebf831c47907b48eeaaa53e6fee51b3f', operation='DELETE', pgid='pgtrigger_delete_delete_df097', table='collaboration_comment', when='AFTER')),
                ),
            ],
        ),
    ]
