"""The WSGI entry of the web process."""

import os
from importlib import import_module
from threading import Event

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from guanxi.project import garbage
from guanxi.project.proxies import behind_proxies
from guanxi.project.static_files import serving_static

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.project.settings")
application = behind_proxies(serving_static(get_wsgi_application()), count=settings.TRUSTED_PROXIES)
import_module("guanxi.planning.facade").start_handing_over(Event())  # its models are there only now
garbage.settle()
