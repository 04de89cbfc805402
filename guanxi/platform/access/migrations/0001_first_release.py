import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ('access', '0001_initial'),
        ('access', '0002_policy_changes'),
        ('access', '0003_sharing_and_limits'),
        ('access', '0004_bank_numbers'),
    ]


    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='PolicyChange',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name='FieldRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role_key', models.CharField(max_length=60)),
                ('object_key', models.CharField(max_length=60)),
                ('sensitivity', models.CharField(max_length=30)),
                ('access', models.PositiveSmallIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('role_key', 'object_key', 'sensitivity'), name='access_one_rule_per_sensitivity')],
            },
        ),
        migrations.CreateModel(
            name='ReadCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user_id', models.BigIntegerField()),
                ('day', models.DateField()),
                ('kind', models.CharField(max_length=12)),
                ('count', models.PositiveIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('day', 'user_id', 'kind'), name='access_one_count_per_day')],
            },
        ),
        migrations.CreateModel(
            name='RoleLimit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role_key', models.CharField(max_length=60)),
                ('kind', models.CharField(max_length=12)),
                ('warn_at', models.PositiveIntegerField(null=True)),
                ('most', models.PositiveIntegerField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('role_key', 'kind'), name='access_one_limit_per_kind')],
            },
        ),
        migrations.CreateModel(
            name='RoleRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role_key', models.CharField(max_length=60)),
                ('object_key', models.CharField(max_length=60)),
                ('action', models.CharField(max_length=20)),
                ('rule', models.JSONField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('role_key', 'object_key', 'action'), name='access_one_rule_per_action')],
            },
        ),
        migrations.CreateModel(
            name='Share',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('object_key', models.CharField(max_length=60)),
                ('record_id', models.BigIntegerField()),
                ('user_id', models.BigIntegerField(null=True)),
                ('unit_id', models.BigIntegerField(null=True)),
                ('may_edit', models.BooleanField(default=False)),
                ('is_team', models.BooleanField(default=False)),
                ('ends_at', models.DateTimeField(null=True)),
                ('shared_by_id', models.BigIntegerField(null=True)),
                ('shared_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('user_id__isnull', False)), fields=['user_id', 'object_key'], name='access_share_user'), models.Index(condition=models.Q(('unit_id__isnull', False)), fields=['unit_id', 'object_key'], name='access_share_unit')],
                'constraints': [models.UniqueConstraint(fields=('object_key', 'record_id', 'user_id', 'unit_id'), name='access_one_share', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('user_id__isnull', True), ('unit_id__isnull', True), _connector='XOR'), name='access_share_with_one')],
            },
        ),
    ]
