"""The ready roles get their Chinese names, with the English ones beside them, unless somebody renamed them."""

from django.db import migrations

NAMES = (
    ("administrator", "管理员", "Administrator"),
    ("director", "总监", "Director"),
    ("manager", "经理", "Manager"),
    ("account_manager", "客户经理", "Account manager"),
    ("reader", "只读", "Reader"),
)


def name_in_both_languages(apps, schema_editor):
    """Name the roles that still have the names they came with."""
    for key, chinese, english in NAMES:
        roles = apps.get_model("accounts", "Role").objects.filter(key=key, name=english, name_en="")
        roles.update(name=chinese, name_en=english)


def name_in_english(apps, schema_editor):
    """Give the names back that they came with."""
    for key, chinese, english in NAMES:
        apps.get_model("accounts", "Role").objects.filter(key=key, name=chinese).update(name=english, name_en="")


class Migration(migrations.Migration):

    dependencies = [("accounts", "0004_names_of_roles_and_tries")]

    operations = [migrations.RunPython(name_in_both_languages, name_in_english)]
