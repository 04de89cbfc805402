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
        ('planning', '0001_plan'),
        ('planning', '0002_needs_rounds'),
        ('planning', '0003_stale_news'),
    ]


    initial = True

    dependencies = [
        ('accounts', '0001_first_release'),
        ('accounts', '__first__'),
        ('customers', '0001_first_release'),
    ]

    operations = [
        guanxi.platform.records.tables.MakeTables(
            operations=[
                migrations.CreateModel(
                    name='Audience',
                    fields=[
                        ('key', models.SlugField(max_length=30, primary_key=True, serialize=False)),
                        ('name_zh', models.CharField(max_length=60)),
                        ('name_en', models.CharField(max_length=60)),
                        ('position', models.PositiveSmallIntegerField(default=0)),
                    ],
                    options={
                        'ordering': ['position', 'key'],
                    },
                ),
                migrations.CreateModel(
                    name='StaleNews',
                    fields=[
                        ('owner', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
                        ('count', models.PositiveIntegerField()),
                    ],
                ),
                migrations.CreateModel(
                    name='Binding',
                    fields=[
                        ('id', models.SmallAutoField(primary_key=True, serialize=False)),
                        ('kind', models.CharField(choices=[('field', 'Field'), ('part', 'Part of the record'), ('fact', 'Kind of fact')], max_length=8)),
                        ('object_key', models.CharField(max_length=40)),
                        ('name', models.CharField(max_length=80)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('kind', 'object_key', 'name'), name='planning_one_binding')],
                    },
                ),
                migrations.CreateModel(
                    name='Completeness',
                    fields=[
                        ('account', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='customers.account')),
                        ('as_of', models.DateField()),
                        ('due', models.PositiveSmallIntegerField()),
                        ('filled', models.PositiveSmallIntegerField()),
                        ('fresh', models.PositiveSmallIntegerField()),
                        ('completeness', models.FloatField(null=True)),
                        ('freshness', models.FloatField(null=True)),
                        ('missing', django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), size=None)),
                        ('stale', django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), size=None)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['completeness', 'account'], name='planning_by_completeness'), models.Index(fields=['freshness', 'account'], name='planning_by_freshness')],
                    },
                ),
                migrations.CreateModel(
                    name='FieldRead',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('day', models.DateField()),
                        ('object_key', models.CharField(max_length=40)),
                        ('name', models.CharField(max_length=80)),
                        ('use', models.CharField(max_length=10)),
                        ('count', models.PositiveBigIntegerField()),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('object_key', 'name', 'use', 'day'), name='planning_one_read')],
                    },
                ),
                migrations.CreateModel(
                    name='GroupScore',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('day', models.DateField()),
                        ('kind', models.CharField(choices=[('all', 'All customers'), ('owner', 'Owner'), ('unit', 'Department'), ('relation', 'Relation'), ('grade', 'Grade')], max_length=8)),
                        ('key', models.CharField(blank=True, max_length=30)),
                        ('accounts', models.PositiveIntegerField()),
                        ('due', models.PositiveBigIntegerField()),
                        ('filled', models.PositiveBigIntegerField()),
                        ('fresh', models.PositiveBigIntegerField()),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('kind', 'key', 'day'), name='planning_one_group_score')],
                    },
                ),
                migrations.CreateModel(
                    name='InformationItem',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('version', models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Created')),
                        ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Last changed')),
                        ('trashed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('key', models.SlugField(max_length=60)),
                        ('position', models.PositiveSmallIntegerField(default=0)),
                        ('name_zh', models.CharField(max_length=60, verbose_name='Name in Chinese')),
                        ('name_en', models.CharField(max_length=80, verbose_name='Name in English')),
                        ('group_zh', models.CharField(max_length=60, verbose_name='Group in Chinese')),
                        ('group_en', models.CharField(max_length=80, verbose_name='Group in English')),
                        ('purposes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), blank=True, default=list, size=None, verbose_name='Purposes')),
                        ('needs', models.JSONField(blank=True, default=dict)),
                        ('supplier_zh', models.CharField(blank=True, max_length=60, verbose_name='Supplied by, in Chinese')),
                        ('supplier_en', models.CharField(blank=True, max_length=80, verbose_name='Supplied by, in English')),
                        ('way', models.CharField(choices=[('typed', 'typed'), ('import', 'import'), ('connector', 'connector'), ('form', 'web form'), ('survey', 'survey'), ('automatic', 'automatic')], default='typed', max_length=10, verbose_name='Comes in by')),
                        ('moment', models.CharField(choices=[('first_contact', 'First contact'), ('first_purchase', 'After the first purchase')], default='first_contact', max_length=16, verbose_name='Owed from')),
                        ('limit_days', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='Fresh for, in days')),
                        ('decision_zh', models.CharField(blank=True, max_length=200, verbose_name='Decision it serves, in Chinese')),
                        ('decision_en', models.CharField(blank=True, max_length=200, verbose_name='Decision it serves, in English')),
                        ('account_kind', models.CharField(blank=True, max_length=12, verbose_name='Asked of')),
                        ('relations', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), blank=True, default=list, size=None)),
                        ('is_retired', models.BooleanField(default=False)),
                        ('binding', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='planning.binding', verbose_name='Where it is kept')),
                        ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='planning.informationplan')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('plan', 'key'), name='planning_one_item')],
                    },
                ),
                migrations.CreateModel(
                    name='InformationPlan',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('version', models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Created')),
                        ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Last changed')),
                        ('trashed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('year', models.PositiveSmallIntegerField()),
                        ('number', models.PositiveSmallIntegerField()),
                        ('product_line', models.CharField(blank=True, max_length=80, verbose_name='Product line')),
                        ('stage', models.CharField(choices=[('introduction', 'Introduction'), ('growth', 'Growth'), ('maturity', 'Maturity'), ('decline', 'Decline')], default='growth', max_length=14, verbose_name='Market phase')),
                        ('state', models.CharField(choices=[('draft', 'Draft'), ('sign_off', 'In sign-off'), ('published', 'Published'), ('superseded', 'Superseded')], default='draft', max_length=10)),
                        ('due_on', models.DateField(blank=True, null=True, verbose_name='Sign off until')),
                        ('published_at', models.DateTimeField(blank=True, null=True)),
                        ('former', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='planning.informationplan')),
                        ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.orgunit', verbose_name='Department')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ('draft', 'sign_off')), ('trashed_at__isnull', True)), fields=('product_line', 'unit'), name='planning_one_draft', nulls_distinct=False), models.UniqueConstraint(condition=models.Q(('state', 'published'), ('trashed_at__isnull', True)), fields=('product_line', 'unit'), name='planning_one_published', nulls_distinct=False), models.UniqueConstraint(fields=('product_line', 'unit', 'year', 'number'), name='planning_one_number', nulls_distinct=False)],
                    },
                ),
                migrations.CreateModel(
                    name='InformationItemEvent',
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
                        ('key', models.SlugField(db_index=False, max_length=60)),
                        ('position', models.PositiveSmallIntegerField(default=0)),
                        ('name_zh', models.CharField(max_length=60, verbose_name='Name in Chinese')),
                        ('name_en', models.CharField(max_length=80, verbose_name='Name in English')),
                        ('group_zh', models.CharField(max_length=60, verbose_name='Group in Chinese')),
                        ('group_en', models.CharField(max_length=80, verbose_name='Group in English')),
                        ('purposes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), blank=True, default=list, size=None, verbose_name='Purposes')),
                        ('needs', models.JSONField(blank=True, default=dict)),
                        ('supplier_zh', models.CharField(blank=True, max_length=60, verbose_name='Supplied by, in Chinese')),
                        ('supplier_en', models.CharField(blank=True, max_length=80, verbose_name='Supplied by, in English')),
                        ('way', models.CharField(choices=[('typed', 'typed'), ('import', 'import'), ('connector', 'connector'), ('form', 'web form'), ('survey', 'survey'), ('automatic', 'automatic')], default='typed', max_length=10, verbose_name='Comes in by')),
                        ('moment', models.CharField(choices=[('first_contact', 'First contact'), ('first_purchase', 'After the first purchase')], default='first_contact', max_length=16, verbose_name='Owed from')),
                        ('limit_days', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='Fresh for, in days')),
                        ('decision_zh', models.CharField(blank=True, max_length=200, verbose_name='Decision it serves, in Chinese')),
                        ('decision_en', models.CharField(blank=True, max_length=200, verbose_name='Decision it serves, in English')),
                        ('account_kind', models.CharField(blank=True, max_length=12, verbose_name='Asked of')),
                        ('relations', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), blank=True, default=list, size=None)),
                        ('is_retired', models.BooleanField(default=False)),
                        ('binding', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='planning.binding', verbose_name='Where it is kept')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='planning.informationitem')),
                        ('plan', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='planning.informationplan')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='BriefingReceipt',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('confirmed_at', models.DateTimeField(null=True)),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='planning.informationplan')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('plan', 'user'), name='planning_one_receipt')],
                    },
                ),
                migrations.CreateModel(
                    name='InformationPlanEvent',
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
                        ('year', models.PositiveSmallIntegerField()),
                        ('number', models.PositiveSmallIntegerField()),
                        ('product_line', models.CharField(blank=True, max_length=80, verbose_name='Product line')),
                        ('stage', models.CharField(choices=[('introduction', 'Introduction'), ('growth', 'Growth'), ('maturity', 'Maturity'), ('decline', 'Decline')], default='growth', max_length=14, verbose_name='Market phase')),
                        ('state', models.CharField(choices=[('draft', 'Draft'), ('sign_off', 'In sign-off'), ('published', 'Published'), ('superseded', 'Superseded')], default='draft', max_length=10)),
                        ('due_on', models.DateField(blank=True, null=True, verbose_name='Sign off until')),
                        ('published_at', models.DateTimeField(blank=True, null=True)),
                        ('former', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='planning.informationplan')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='planning.informationplan')),
                        ('unit', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.orgunit', verbose_name='Department')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='ItemScore',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('day', models.DateField()),
                        ('due', models.PositiveIntegerField()),
                        ('filled', models.PositiveIntegerField()),
                        ('fresh', models.PositiveIntegerField()),
                        ('written', models.PositiveIntegerField()),
                        ('binding', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='planning.binding')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('binding', 'day'), name='planning_one_item_score')],
                    },
                ),
                migrations.CreateModel(
                    name='MarketPhase',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('version', models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Created')),
                        ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Last changed')),
                        ('trashed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('product_line', models.CharField(blank=True, max_length=80, verbose_name='Product line')),
                        ('stage', models.CharField(choices=[('introduction', 'Introduction'), ('growth', 'Growth'), ('maturity', 'Maturity'), ('decline', 'Decline')], max_length=14, verbose_name='Market phase')),
                        ('from_on', models.DateField(verbose_name='From')),
                        ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.orgunit', verbose_name='Department')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('trashed_at__isnull', True)), fields=('product_line', 'unit', 'from_on'), name='planning_one_phase_a_day', nulls_distinct=False)],
                    },
                ),
                migrations.CreateModel(
                    name='MarketPhaseEvent',
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
                        ('product_line', models.CharField(blank=True, max_length=80, verbose_name='Product line')),
                        ('stage', models.CharField(choices=[('introduction', 'Introduction'), ('growth', 'Growth'), ('maturity', 'Maturity'), ('decline', 'Decline')], max_length=14, verbose_name='Market phase')),
                        ('from_on', models.DateField(verbose_name='From')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='planning.marketphase')),
                        ('unit', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.orgunit', verbose_name='Department')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='NeedsRound',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('version', models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Created')),
                        ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Last changed')),
                        ('trashed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('number', models.PositiveSmallIntegerField()),
                        ('introduction', models.TextField(blank=True, max_length=600, verbose_name='Introduction')),
                        ('parties', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), size=None, verbose_name='External parties')),
                        ('closes_on', models.DateField(verbose_name='Open until')),
                        ('closed_at', models.DateTimeField(blank=True, null=True)),
                        ('reminded_on', models.DateField(blank=True, null=True)),
                        ('opened_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='planning.informationplan')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('plan', 'number'), name='planning_one_round')],
                    },
                ),
                migrations.CreateModel(
                    name='NeedsRoundEvent',
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
                        ('number', models.PositiveSmallIntegerField()),
                        ('introduction', models.TextField(blank=True, max_length=600, verbose_name='Introduction')),
                        ('parties', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), size=None, verbose_name='External parties')),
                        ('closes_on', models.DateField(verbose_name='Open until')),
                        ('closed_at', models.DateTimeField(blank=True, null=True)),
                        ('reminded_on', models.DateField(blank=True, null=True)),
                        ('opened_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='planning.needsround')),
                        ('plan', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='planning.informationplan')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='NeedsSheet',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('asked_as', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('user', 'uses information'), ('collector', 'collects information'), ('keeper', 'keeps information')], max_length=10), size=None)),
                        ('wishes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), default=list, size=None)),
                        ('version', models.PositiveIntegerField(default=1)),
                        ('saved_at', models.DateTimeField(null=True)),
                        ('handed_in_at', models.DateTimeField(null=True)),
                        ('audience', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='planning.audience')),
                        ('round', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='planning.needsround')),
                        ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.orgunit')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('round', 'user'), name='planning_one_sheet')],
                    },
                ),
                migrations.CreateModel(
                    name='NeedsAnswer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('party', models.CharField(max_length=30)),
                        ('need', models.CharField(blank=True, choices=[('must', 'Must'), ('needed', 'Needed'), ('not', 'Not')], max_length=6)),
                        ('decision', models.CharField(blank=True, max_length=120)),
                        ('fresh_days', models.PositiveSmallIntegerField(null=True)),
                        ('way', models.CharField(blank=True, choices=[('typed', 'typed'), ('import', 'import'), ('connector', 'connector'), ('form', 'web form'), ('survey', 'survey'), ('automatic', 'automatic')], max_length=10)),
                        ('is_never_used', models.BooleanField(default=False)),
                        ('kept_days', models.PositiveSmallIntegerField(null=True)),
                        ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='planning.informationitem')),
                        ('sheet', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='planning.needssheet')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('sheet', 'item', 'party'), name='planning_one_answer')],
                    },
                ),
                migrations.CreateModel(
                    name='Signoff',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('version', models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Created')),
                        ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Last changed')),
                        ('trashed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('state', models.CharField(choices=[('waiting', 'Waiting'), ('agreed', 'Agreed'), ('objected', 'Objected')], default='waiting', max_length=10)),
                        ('signed_at', models.DateTimeField(blank=True, null=True)),
                        ('comment', models.CharField(blank=True, max_length=300)),
                        ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='planning.informationplan')),
                        ('signed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.orgunit')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('plan', 'unit'), name='planning_one_signoff')],
                    },
                ),
                migrations.CreateModel(
                    name='SignoffEvent',
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
                        ('state', models.CharField(choices=[('waiting', 'Waiting'), ('agreed', 'Agreed'), ('objected', 'Objected')], default='waiting', max_length=10)),
                        ('signed_at', models.DateTimeField(blank=True, null=True)),
                        ('comment', models.CharField(blank=True, max_length=300)),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='planning.signoff')),
                        ('plan', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='planning.informationplan')),
                        ('signed_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('unit', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.orgunit')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='TakenNeed',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=100)),
                        ('value', models.CharField(blank=True, max_length=200)),
                        ('former', models.CharField(blank=True, max_length=200)),
                        ('sheet_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                        ('taken_at', models.DateTimeField()),
                        ('item', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='planning.informationitem')),
                        ('round', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='planning.needsround')),
                        ('taken_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('item', 'name'), name='planning_one_origin')],
                    },
                ),
                migrations.CreateModel(
                    name='Verification',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('version', models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Created')),
                        ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='Last changed')),
                        ('trashed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                        ('verified_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.account')),
                        ('binding', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='planning.binding')),
                        ('verified_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='informationplan',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "planning_informationplanevent" ("created_at", "due_on", "former_id", "id", "number", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_line", "published_at", "stage", "state", "trashed_at", "unit_id", "updated_at", "version", "year") VALUES (OLD."created_at", OLD."due_on", OLD."former_id", OLD."id", OLD."number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', OLD."id", OLD."product_line", OLD."published_at", OLD."stage", OLD."state", OLD."trashed_at", OLD."unit_id", OLD."updated_at", OLD."version", OLD."year"); RETURN NULL;', hash='bead1c1c4fd439db102ad378583b63061c009d27', operation='UPDATE', pgid='pgtrigger_update_update_4ec2d', table='planning_informationplan', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='informationplan',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "planning_informationplanevent" ("created_at", "due_on", "former_id", "id", "number", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_line", "published_at", "stage", "state", "trashed_at", "unit_id", "updated_at", "version", "year") VALUES (OLD."created_at", OLD."due_on", OLD."former_id", OLD."id", OLD."number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."product_line", OLD."published_at", OLD."stage", OLD."state", OLD."trashed_at", OLD."unit_id", OLD."updated_at", OLD."version", OLD."year"); RETURN NULL;', hash='17b8296873a2e48c7eff6d981e4a1dfac4fe3eab', operation='DELETE', pgid='pgtrigger_delete_delete_7a2ca', table='planning_informationplan', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='informationitem',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "planning_informationitemevent" ("account_kind", "binding_id", "created_at", "decision_en", "decision_zh", "group_en", "group_zh", "id", "is_retired", "key", "limit_days", "moment", "name_en", "name_zh", "needs", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_id", "position", "purposes", "relations", "supplier_en", "supplier_zh", "trashed_at", "updated_at", "version", "way") VALUES (OLD."account_kind", OLD."binding_id", OLD."created_at", OLD."decision_en", OLD."decision_zh", OLD."group_en", OLD."group_zh", OLD."id", OLD."is_retired", OLD."key", OLD."limit_days", OLD."moment", OLD."name_en", OLD."name_zh", OLD."needs", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', OLD."id", OLD."plan_id", OLD."position", OLD."purposes", OLD."relations", OLD."supplier_en", OLD."supplier_zh", OLD."trashed_at", OLD."updated_at", OLD."version", OLD."way"); RETURN NULL;', hash='a03e3c748473017152aaed3c2ea033d2de6e43fe', operation='UPDATE', pgid='pgtrigger_update_update_71811', table='planning_informationitem', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='informationitem',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "planning_informationitemevent" ("account_kind", "binding_id", "created_at", "decision_en", "decision_zh", "group_en", "group_zh", "id", "is_retired", "key", "limit_days", "moment", "name_en", "name_zh", "needs", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_id", "position", "purposes", "relations", "supplier_en", "supplier_zh", "trashed_at", "updated_at", "version", "way") VALUES (OLD."account_kind", OLD."binding_id", OLD."created_at", OLD."decision_en", OLD."decision_zh", OLD."group_en", OLD."group_zh", OLD."id", OLD."is_retired", OLD."key", OLD."limit_days", OLD."moment", OLD."name_en", OLD."name_zh", OLD."needs", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."plan_id", OLD."position", OLD."purposes", OLD."relations", OLD."supplier_en", OLD."supplier_zh", OLD."trashed_at", OLD."updated_at", OLD."version", OLD."way"); RETURN NULL;', hash='3e2606e4b9de5fa73a841510515bf824b62b17e5', operation='DELETE', pgid='pgtrigger_delete_delete_c9402', table='planning_informationitem', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='marketphase',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "planning_marketphaseevent" ("created_at", "from_on", "id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_line", "stage", "trashed_at", "unit_id", "updated_at", "version") VALUES (OLD."created_at", OLD."from_on", OLD."id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', OLD."id", OLD."product_line", OLD."stage", OLD."trashed_at", OLD."unit_id", OLD."updated_at", OLD."version"); RETURN NULL;', hash='a7231d833d679d0dca335848e187e68e61bf20fb', operation='UPDATE', pgid='pgtrigger_update_update_87166', table='planning_marketphase', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='marketphase',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "planning_marketphaseevent" ("created_at", "from_on", "id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_line", "stage", "trashed_at", "unit_id", "updated_at", "version") VALUES (OLD."created_at", OLD."from_on", OLD."id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."product_line", OLD."stage", OLD."trashed_at", OLD."unit_id", OLD."updated_at", OLD."version"); RETURN NULL;', hash='316702ae0af88247494835947e2f3dc6f21896c5', operation='DELETE', pgid='pgtrigger_delete_delete_46097', table='planning_marketphase', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='needsround',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "planning_needsroundevent" ("closed_at", "closes_on", "created_at", "id", "introduction", "number", "opened_by_id", "parties", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_id", "reminded_on", "trashed_at", "updated_at", "version") VALUES (OLD."closed_at", OLD."closes_on", OLD."created_at", OLD."id", OLD."introduction", OLD."number", OLD."opened_by_id", OLD."parties", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', OLD."id", OLD."plan_id", OLD."reminded_on", OLD."trashed_at", OLD."updated_at", OLD."version"); RETURN NULL;', hash='4516c68db46b535f2de6fc677e998efec9aa5275', operation='UPDATE', pgid='pgtrigger_update_update_877d8', table='planning_needsround', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='needsround',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "planning_needsroundevent" ("closed_at", "closes_on", "created_at", "id", "introduction", "number", "opened_by_id", "parties", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_id", "reminded_on", "trashed_at", "updated_at", "version") VALUES (OLD."closed_at", OLD."closes_on", OLD."created_at", OLD."id", OLD."introduction", OLD."number", OLD."opened_by_id", OLD."parties", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."plan_id", OLD."reminded_on", OLD."trashed_at", OLD."updated_at", OLD."version"); RETURN NULL;', hash='e6be96fec0dbaa436d0c5206989bfe753ef89f43', operation='DELETE', pgid='pgtrigger_delete_delete_7093b', table='planning_needsround', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='signoff',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "planning_signoffevent" ("comment", "created_at", "id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_id", "signed_at", "signed_by_id", "state", "trashed_at", "unit_id", "updated_at", "version") VALUES (OLD."comment", OLD."created_at", OLD."id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', OLD."id", OLD."plan_id", OLD."signed_at", OLD."signed_by_id", OLD."state", OLD."trashed_at", OLD."unit_id", OLD."updated_at", OLD."version"); RETURN NULL;', hash='14fc06a0282a752394c5f5ad4176f30a3eb6cc0d', operation='UPDATE', pgid='pgtrigger_update_update_c1329', table='planning_signoff', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='signoff',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "planning_signoffevent" ("comment", "created_at", "id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_id", "signed_at", "signed_by_id", "state", "trashed_at", "unit_id", "updated_at", "version") VALUES (OLD."comment", OLD."created_at", OLD."id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."plan_id", OLD."signed_at", OLD."signed_by_id", OLD."state", OLD."trashed_at", OLD."unit_id", OLD."updated_at", OLD."version"); RETURN NULL;', hash='7a12708a2e4db47b4ef84b64bf26eedb88eea153', operation='DELETE', pgid='pgtrigger_delete_delete_54c5d', table='planning_signoff', when='AFTER')),
                ),
            ],
        ),
    ]
