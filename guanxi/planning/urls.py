"""Addresses of the information plan."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
