import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import guanxi.platform.records.tables
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ('accounts', '0001_initial'),
        ('accounts', '0002_session'),
        ('accounts', '0003_token_scopes'),
        ('accounts', '0004_names_of_roles_and_tries'),
        ('accounts', '0005_chinese_names_of_roles'),
        ('accounts', '0006_localisation'),
        ('accounts', '0007_security_notices'),
    ]


    initial = True

    dependencies = [
    ]

    operations = [
        guanxi.platform.records.tables.MakeTables(
            operations=[
                migrations.CreateModel(
                    name='User',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('password', models.CharField(max_length=128, verbose_name='password')),
                        ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                        ('email', models.EmailField(max_length=254, unique=True)),
                        ('phone', models.CharField(blank=True, max_length=20)),
                        ('family_name', models.CharField(max_length=60)),
                        ('given_name', models.CharField(max_length=60)),
                        ('title', models.CharField(blank=True, max_length=80)),
                        ('language', models.CharField(default='zh-hans', max_length=10)),
                        ('time_zone', models.CharField(default='Asia/Shanghai', max_length=40)),
                        ('day_format', models.CharField(blank=True, default='', max_length=12)),
                        ('scale', models.CharField(blank=True, default='', max_length=12)),
                        ('currency', models.CharField(blank=True, default='', max_length=3)),
                        ('is_active', models.BooleanField(default=True)),
                        ('joined_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.orgunit')),
                        ('roles', models.ManyToManyField(blank=True, related_name='+', to='accounts.role')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='Role',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.SlugField(max_length=60, unique=True)),
                        ('name', models.CharField(max_length=120)),
                        ('name_en', models.CharField(blank=True, default='', max_length=120)),
                        ('retired_at', models.DateTimeField(blank=True, null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='ApiToken',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=120)),
                        ('digest', models.CharField(max_length=64, unique=True)),
                        ('is_read_only', models.BooleanField(default=True)),
                        ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, null=True, size=None)),
                        ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('expires_at', models.DateTimeField(blank=True, null=True)),
                        ('revoked_at', models.DateTimeField(blank=True, null=True)),
                        ('used_at', models.DateTimeField(blank=True, null=True)),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                ),
                migrations.CreateModel(
                    name='OrgUnit',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=120)),
                        ('kind', models.CharField(choices=[('company', 'Company'), ('branch', 'Branch'), ('region', 'Region')], max_length=12)),
                        ('path', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                        ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.orgunit')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('parent', 'name'), name='accounts_unit_name')],
                    },
                ),
                migrations.CreateModel(
                    name='SecurityNotice',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('views', 'Views'), ('view_limit', 'View Limit'), ('reveals', 'Reveals'), ('reveal_limit', 'Reveal Limit'), ('exports', 'Exports'), ('export_limit', 'Export Limit'), ('failed', 'Failed'), ('token', 'Token')], max_length=16)),
                        ('day', models.DateField()),
                        ('count', models.PositiveIntegerField()),
                        ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('kind', 'user', 'day'), name='accounts_one_notice_a_day', nulls_distinct=False)],
                    },
                ),
                migrations.CreateModel(
                    name='Session',
                    fields=[
                        ('session_data', models.TextField(verbose_name='session data')),
                        ('expire_date', models.DateTimeField(db_index=True, verbose_name='expire date')),
                        ('session_key', models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ('created_at', models.DateTimeField()),
                        ('seen_at', models.DateTimeField()),
                        ('address', models.CharField(blank=True, max_length=60)),
                        ('browser', models.CharField(blank=True, max_length=300)),
                        ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name': 'session',
                        'verbose_name_plural': 'sessions',
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='SignInTry',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                        ('is_success', models.BooleanField()),
                        ('address', models.CharField(blank=True, max_length=60)),
                        ('browser', models.CharField(blank=True, max_length=300)),
                        ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['-at'], name='accounts_try_by_time')],
                    },
                ),
            ],
        ),
    ]
