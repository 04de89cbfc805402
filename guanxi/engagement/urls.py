"""Addresses of the message wordings."""

from django.urls import path

from guanxi.engagement import views
from guanxi.engagement.models import MessageTemplate
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import requires

edits = requires(MessageTemplate, Action.EDIT)
ONE = "settings/wordings/<str:reason>/<str:language>/<str:closeness>/<int:variant>/"

urlpatterns = [
    path("settings/wordings/", edits(views.wordings_page), name="wordings"),
    path(ONE, edits(views.wording_page), name="wording"),
    path(f"{ONE}preview/", edits(views.wording_preview), name="wording_preview"),
]
