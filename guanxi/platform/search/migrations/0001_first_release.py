import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ('search', '0001_initial'),
        ('search', '0002_ranked_entries'),
    ]


    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='SearchEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('object_key', models.CharField(max_length=40)),
                ('record_id', models.BigIntegerField()),
                ('tokens', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('title', models.TextField(db_default='', default='')),
                ('short', models.TextField(db_default='', default='')),
                ('sound', models.TextField(db_default='', default='')),
                ('initials', models.TextField(db_default='', default='')),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fastupdate=True, fields=['tokens'], name='search_by_token'), models.Index(models.F('object_key'), django.contrib.postgres.indexes.OpClass(models.F('title'), name='text_pattern_ops'), name='search_by_title'), models.Index(models.F('object_key'), django.contrib.postgres.indexes.OpClass(models.F('sound'), name='text_pattern_ops'), name='search_by_sound'), models.Index(models.F('object_key'), django.contrib.postgres.indexes.OpClass(models.F('initials'), name='text_pattern_ops'), name='search_by_initials')],
                'constraints': [models.UniqueConstraint(fields=('object_key', 'record_id'), name='search_one_entry')],
            },
        ),
    ]
