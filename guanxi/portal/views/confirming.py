"""The page to which the link in a mail leads: it asks once more, for programs that look at mails open every link."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from guanxi.portal.commands import Click, confirm
from guanxi.portal.queries.confirming import confirmable
from guanxi.portal.queries.knocks import count_knock
from guanxi.portal.views.visiting import address_of, browser_of, page, said, visited, visitor

MOST, SPAN_SECONDS = 60, 600


@visited
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_page(request: HttpRequest, token: str) -> HttpResponse:
    """Show what was agreed; with the button it counts. A wrong link and one that is over are answered alike."""
    if count_knock("confirm-page", address_of(request), seconds=SPAN_SECONDS) > MOST:
        return said(request, "many", status=429)
    found = confirmable(token)
    if found is None:
        return said(request, "expired", status=404)
    is_done = found.confirmed_at is not None
    if request.method == "POST" and not is_done:
        is_done = confirm(found.pk, Click(address_of(request), browser_of(request)), actor=visitor(request))
        if not is_done:
            return said(request, "expired", status=404)
    consents = found.edition.consented
    words = [consents[place].wording(found.language) for place in found.ticked if place < len(consents)]
    return page(request, "portal/confirm.html", words=words, words_language=found.language, is_done=is_done)
