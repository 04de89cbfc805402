"""The floor: a bare Django page of 50 rows and 8 cells from the embedded server, by Guanxi's web server.

What a page costs above it is ours; what this costs is the machine's, the web server's and Django's at that moment.
Served by `granian --interface wsgi bench.floor:application`.
"""

import os
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.urls import path

from guanxi.project.configuration import database_settings, load_configuration

SQL = (
    "SELECT id, kind, name, short_name, industry, region, city, source FROM customers_account "
    "WHERE trashed_at IS NULL ORDER BY id LIMIT 50"
)
PAGE = """<!doctype html><title>Floor</title><table>
{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"""


def page(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # the shape of a view
    """Fifty rows by one query, one template."""
    with connection.cursor() as cursor:
        cursor.execute(SQL)
        rows = cursor.fetchall()
    return HttpResponse(Template(PAGE).render(Context({"rows": rows})))


urlpatterns = [path("", page)]
configuration = load_configuration(os.environ, Path.cwd())
settings.configure(
    SECRET_KEY=configuration.secret_key,
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": database_settings(configuration)},
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
)
application = get_wsgi_application()
