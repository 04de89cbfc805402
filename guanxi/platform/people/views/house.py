"""The way to the sign-in of the house."""

import logging

from allauth.socialaccount.providers.openid_connect.views import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from requests import RequestException

logger = logging.getLogger(__name__)


def to_the_house(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Lead to the provider, or say in words that it does not answer."""
    try:
        response: HttpResponse = login(request, provider_id)
    except RequestException as error:
        logger.warning("The OpenID Connect provider %s did not answer: %s", provider_id, type(error).__name__)
        return render(request, "socialaccount/authentication_error.html", status=502)
    return response
