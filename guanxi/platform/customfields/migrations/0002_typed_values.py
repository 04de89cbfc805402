"""Functions that read days and instants from JSON text, so that they can be indexed."""

from django.db import migrations

# What is stored is written in one form alone, so the setting of the session decides nothing: the functions are
# immutable although the casts themselves are not declared so.
MAKE = """
CREATE FUNCTION custom_day(text) RETURNS date LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT $1::date';
CREATE FUNCTION custom_instant(text) RETURNS timestamptz LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS 'SELECT $1::timestamptz';
"""
DROP = "DROP FUNCTION custom_day(text); DROP FUNCTION custom_instant(text);"


class Migration(migrations.Migration):
    dependencies = [("customfields", "0001_start")]
    operations = [migrations.RunSQL(MAKE, DROP)]
