"""All addresses."""

from django.urls import include, path

from guanxi.ledger.api import router as ledger_router
from guanxi.platform.api.application import make_api

api = make_api({"/ledger": ledger_router})

urlpatterns = [
    path("", include("guanxi.care.urls")),
    path("", include("guanxi.customers.urls")),
    path("", include("guanxi.engagement.urls")),
    path("", include("guanxi.ledger.urls")),
    path("", include("guanxi.value.urls")),
    path("", include("guanxi.platform.ui.urls")),
    path("sign-in/", include("allauth.account.urls")),
    path("api/v1/", api.urls),
]
handler500 = "guanxi.platform.ui.errors.server_error"
