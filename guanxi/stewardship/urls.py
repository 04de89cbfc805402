"""Addresses of the desk, of pools, handovers and privacy."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
