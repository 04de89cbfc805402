from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ('preferences', '0001_initial'),
        ('preferences', '0002_exchange_rates'),
    ]


    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Preference',
            fields=[
                ('key', models.CharField(max_length=80, primary_key=True, serialize=False)),
                ('value', models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name='ExchangeRate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('house', models.CharField(max_length=3)),
                ('currency', models.CharField(max_length=3)),
                ('day', models.DateField()),
                ('value', models.DecimalField(decimal_places=8, max_digits=18)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('house', 'currency', 'day'), name='preferences_one_rate_a_day'), models.CheckConstraint(condition=models.Q(('value__gt', 0)), name='preferences_rate_is_positive')],
            },
        ),
    ]
