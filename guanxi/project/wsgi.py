"""The WSGI entry of the web process."""

import os

from django.core.wsgi import get_wsgi_application

from guanxi.project.static_files import serving_static

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.project.settings")
application = serving_static(get_wsgi_application())
