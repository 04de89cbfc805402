"""Addresses of the desk, of pools, handovers, gifts and privacy."""

from django.urls import include, path

urlpatterns = [
    path("", include("guanxi.stewardship.urls.duplicates")),
    path("", include("guanxi.stewardship.urls.gifts")),
    path("", include("guanxi.stewardship.urls.handovers")),
    path("", include("guanxi.stewardship.urls.likeness")),
    path("", include("guanxi.stewardship.urls.pools")),
    path("", include("guanxi.stewardship.urls.privacy")),
    path("", include("guanxi.stewardship.urls.desk")),
]
