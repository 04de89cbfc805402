"""All addresses."""

from django.conf import settings
from django.urls import include, path

from guanxi.ledger.api import router as ledger_router
from guanxi.platform.api.application import api_patterns
from guanxi.platform.transfer.api import router as imports_router

urlpatterns = [
    path("", include("guanxi.care.urls")),
    path("", include("guanxi.customers.urls")),
    path("", include("guanxi.engagement.urls")),
    path("", include("guanxi.ledger.urls")),
    path("", include("guanxi.value.urls")),
    path("", include("guanxi.planning.urls")),
    path("", include("guanxi.stewardship.urls")),
    path("", include("guanxi.portal.urls")),
    path("", include("guanxi.platform.ui.urls")),
    path("", include("guanxi.platform.transfer.urls")),
    path("", include("guanxi.platform.people.urls")),
    path("", include("guanxi.platform.designer.urls")),
    path("", include("guanxi.platform.collaboration.urls")),
    path("sign-in/", include("guanxi.platform.people.sign_in_urls")),
    *(path("", include(package.urls)) for package in settings.PACKAGES if package.urls),
    path("api/v1/", include(api_patterns({"/ledger": ledger_router, "/imports": imports_router}))),
]
handler500 = "guanxi.platform.ui.errors.server_error"
