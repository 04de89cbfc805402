"""Documents of a record: the list, taking files in, handing them out, showing what can be shown."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.platform.access.urls import actor_of
from guanxi.platform.collaboration.commands.documents import (
    add_document,
    can_edit,
    content_path,
    remove_document,
    require_edit,
    restore_document,
)
from guanxi.platform.collaboration.models import Document
from guanxi.platform.collaboration.panels import documents_panel
from guanxi.platform.collaboration.queries import (
    document_and_record,
    document_by_id,
    live_record,
    object_of,
    record_url,
    seen_record,
)
from guanxi.platform.files.rules import PDF, TEXTS, ending_of, inline_type, size_words
from guanxi.platform.files.serving import handed_out, shown_inline
from guanxi.platform.files.storage import NewFile, beginning_of
from guanxi.platform.objects.spec import View
from guanxi.platform.ui.errors import sentence_of
from guanxi.platform.ui.responses import is_fragment_request, page_or_fragment, with_toast, with_trigger

MOST_FILES = 20
MOST_LISTED = 500
FRAGMENT = "collaboration/_documents.html"


@require_http_methods(["GET", "HEAD", "POST"])
def documents_page(request: HttpRequest, key: str, record_id: int) -> HttpResponse:
    """The documents of a record; posted files are kept there."""
    actor = actor_of(request)
    if request.method != "POST":
        return _documents(request, key, record_id, actor=actor)
    require_edit(live_record(key, record_id, actor), actor)
    kept, refusal = _keep(request, key, record_id, actor=actor)
    words = ngettext("%(count)s file kept.", "%(count)s files kept.", kept) % {"count": kept}
    message = " ".join(part for part in (words if kept else "", refusal) if part)
    return _answer(request, key, record_id, message=message, is_refused=bool(refusal), actor=actor)


def _keep(request: HttpRequest, key: str, record_id: int, *, actor: Actor) -> tuple[int, str]:
    """Keep the posted files. Returns how many were kept, and why the first that was refused was."""
    files = request.FILES.getlist("file")[:MOST_FILES]
    if not files:
        return 0, _("Choose a file first.")
    kept, refusal = 0, ""
    for file in files:
        try:
            new = NewFile(file.name or "", file.size or 0, file.chunks())
            add_document(key, record_id, file=new, actor=actor)
            kept += 1
        except RuleViolation as error:
            refusal = refusal or sentence_of(error)
    return kept, refusal


@require_safe
def download(request: HttpRequest, document_id: int) -> HttpResponseBase:
    """Hand a document out as a file."""
    document = document_by_id(document_id, actor_of(request))
    return handed_out(content_path(document), name=document.name)


@require_safe
def inline(request: HttpRequest, document_id: int) -> HttpResponseBase:
    """A picture or a PDF, shown by the browser in a sandbox; nothing else is. Raises: NotFound("document.inline")."""
    document = document_by_id(document_id, actor_of(request))
    return shown_inline(content_path(document), name=document.name)


@require_safe
def preview(request: HttpRequest, document_id: int) -> HttpResponse:
    """A page about one version of a document, with what can be shown of it."""
    actor = actor_of(request)
    document, record = document_and_record(document_id, actor)
    spec = object_of(record)
    media_type = inline_type(document.name)
    context = {
        "document": document,
        "size": size_words(document.size),
        "record": str(record),
        "back_url": f"{record_url(spec, record.pk)}#documents",
        "is_image": media_type.startswith("image/"),
        "is_pdf": media_type == PDF,
        "text": beginning_of(content_path(document)) if ending_of(document.name) in TEXTS else None,
        "can_edit": can_edit(record, actor),
    }
    return render(request, "collaboration/document.html", context)


@require_POST
def remove(request: HttpRequest, document_id: int) -> HttpResponse:
    """Put one version of a document into the trash; the toast takes it back."""
    actor = actor_of(request)
    document = remove_document(document_id, actor=actor)
    undo_url = reverse("restore_document", args=[document_id])
    return _changed(request, document, message=_("Document removed."), undo_url=undo_url, actor=actor)


@require_POST
def restore(request: HttpRequest, document_id: int) -> HttpResponse:
    """Take one version of a document out of the trash."""
    actor = actor_of(request)
    return _changed(request, restore_document(document_id, actor=actor), message=_("Taken back."), actor=actor)


def _changed(
    request: HttpRequest, document: Document, *, message: str, undo_url: str = "", actor: Actor
) -> HttpResponse:
    key, record_id = document.object_key, document.record_id
    return _answer(request, key, record_id, message=message, undo_url=undo_url, actor=actor)


def _answer(
    request: HttpRequest,
    key: str,
    record_id: int,
    *,
    message: str,
    undo_url: str = "",
    is_refused: bool = False,
    actor: Actor,
) -> HttpResponse:
    """The panel as it now is with a toast; without a script, the page of documents."""
    if not is_fragment_request(request):
        level = messages.WARNING if is_refused else messages.SUCCESS
        messages.add_message(request, level, message, extra_tags=undo_url)
        return HttpResponseRedirect(reverse("documents", args=[key, record_id]), status=303)
    tone = "danger" if is_refused else ""
    if not request.headers.get("HX-Target"):
        response = with_trigger(HttpResponse(status=204), "panel-documents")
    else:
        response = _documents(request, key, record_id, actor=actor)
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#documents", "outerHTML"
    return with_toast(response, message, undo_url=undo_url, tone=tone)


def _documents(request: HttpRequest, key: str, record_id: int, *, actor: Actor) -> HttpResponse:
    record = seen_record(key, record_id, actor)
    spec = object_of(record)
    panel = documents_panel(record, View(actor, timezone.localdate()), limit=MOST_LISTED)
    nothing = {"key": key, "id": record_id, "documents": [], "count": "0", "has_more": False, "can_add": False}
    context = {"panel": panel or nothing, "heading": str(record), "back_url": record_url(spec, record_id)}
    return page_or_fragment(request, page="collaboration/documents.html", fragment=FRAGMENT, context=context)
