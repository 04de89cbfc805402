"""Tries the package in a process of its own, against the database that DATABASE_URL names; everything is taken back.

Prints one line of JSON: what the pages and the API answered.
"""

import json
import logging
import sys
from datetime import date

import django
from django.core.management import call_command
from django.db import transaction

django.setup()

from django.conf import settings  # noqa: E402  # Django has to be set up first
from django.test import Client  # noqa: E402
from exhibitions.objects import BOOTH  # noqa: E402

from guanxi.customers.commands import create_account, set_relations  # noqa: E402
from guanxi.platform.accounts.commands import NewUser, create_user, define_role  # noqa: E402
from guanxi.platform.accounts.queries import actor_by_user_id, system_actor  # noqa: E402
from guanxi.platform.objects.registry import object_spec  # noqa: E402


def answers() -> dict[str, object]:
    """What a person gets to see who has booths, and one who may see nothing."""
    system = system_actor("Tests")
    set_relations((("customer", "客户", "Customer"),))
    everything = {("*", action): "everyone" for action in ("view", "create", "edit", "delete")}
    define_role("all", name="All", rows=everything, fields={("*", "cost"): 1}, actor=system)
    define_role("none", name="None", rows={("account", "view"): "owner"}, fields={}, actor=system)
    people = [
        create_user(NewUser(f"{role}@example.com", "a-long-password", role, "Test", roles=(role,)), actor=system)
        for role in ("all", "none")
    ]
    actor = actor_by_user_id(people[0].pk)
    account = create_account({"kind": "organisation", "name": "岚川精密仪器"}, actor=actor)
    create_account({"kind": "organisation", "name": "没有展位"}, actor=actor)
    verbs = object_spec("booth").verbs
    values = {"account_id": account.pk, "name": "工博会 2026", "hall": "三号馆", "opens_on": date(2026, 9, 1)}
    booth = verbs.create(values, actor=actor)
    pages = {
        "list": "/objects/booth/?q=gbh",
        "card": f"/objects/booth/{booth.pk}/",
        "panel": f"/accounts/{account.pk}/",
        "filter": "/accounts/?booth=yes",
        "calendar": "/objects/booth/calendar/",
    }
    found: dict[str, object] = {"key": BOOTH.key}
    for person in people:
        client = Client(SERVER_NAME="localhost")
        client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
        for name, address in pages.items():
            answer = client.get(address)
            text = answer.content.decode()
            found[f"{person.family_name} {name}"] = [answer.status_code, "三号馆" in text, "没有展位" in text]
    return found


logging.disable()
with transaction.atomic():
    call_command("makemigrations", "exhibitions", verbosity=0)
    call_command("migrate", "exhibitions", verbosity=0, interactive=False)
    sys.stdout.write(json.dumps(answers(), ensure_ascii=False))
    transaction.set_rollback(True)
