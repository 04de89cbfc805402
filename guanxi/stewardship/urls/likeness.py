"""Addresses of the house's rules of duplicates."""

from django.urls import URLPattern, path

from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import requires
from guanxi.stewardship.models import LikenessRule
from guanxi.stewardship.views import likeness

sets_rules = requires(LikenessRule, Action.ADMINISTER)

urlpatterns: list[URLPattern] = [
    path("settings/duplicates/", sets_rules(likeness.settings_page), name="likeness_settings"),
    path("settings/duplicates/<slug:object_key>/", sets_rules(likeness.settings_page), name="likeness_of"),
    path("settings/duplicates/<slug:object_key>/forget/", sets_rules(likeness.forget), name="forget_likeness"),
]
