"""Addresses of value."""

from django.urls import path

from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import requires
from guanxi.value import views
from guanxi.value.models import ValueIndex, WeightSet

urlpatterns = [
    path("pyramid/", requires(ValueIndex, Action.VIEW)(views.pyramid_page), name="pyramid"),
    path("weights/", requires(WeightSet, Action.VIEW)(views.weights_page), name="weights"),
    path(
        "weights/publish/",
        requires(WeightSet, Action.ADMINISTER)(views.publish_weights),
        name="publish_weights",
    ),
]
