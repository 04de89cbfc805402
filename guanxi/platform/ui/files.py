"""Files that fields hold: a page about one, the content as a file, pictures and PDFs shown in a sandbox."""

from dataclasses import dataclass

from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from guanxi.kernel.errors import no_such_record
from guanxi.platform.access.grant import grant, may_act_on
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.access.urls import actor_of
from guanxi.platform.files.models import KeptFile
from guanxi.platform.files.queries import content_path
from guanxi.platform.files.rules import PDF, TEXTS, ending_of, inline_type, size_words
from guanxi.platform.files.serving import handed_out, shown_inline
from guanxi.platform.files.storage import beginning_of
from guanxi.platform.objects.addresses import record_url
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.held_files import file_of
from guanxi.platform.objects.registry import fields_of, listed_object
from guanxi.platform.objects.spec import ObjectSpec
from guanxi.platform.ui.values import file_url

LONGEST_ID = 18


@dataclass(frozen=True, slots=True)
class Held:
    """A file that a field of a record holds, or held before."""

    spec: ObjectSpec
    item: ObjectField
    record: models.Model
    file: KeptFile

    @property
    def is_former(self) -> bool:
        """Whether the field holds another file now, or none."""
        return bool(self.item.value_of(self.record) != self.file.pk)

    @property
    def query(self) -> str:
        """What the addresses of a former file end with."""
        return f"?file={self.file.pk}" if self.is_former else ""


@require_safe
def record_file(request: HttpRequest, key: str, record_id: int, field: str) -> HttpResponse:
    """A page about the file of a field, or with `file` about one that it held before. Raises: NotFound."""
    held = _held(request, key, record_id, field)
    name, address = held.file.name, file_url(key, record_id, field)
    media_type = inline_type(name)
    can_write = held.item.access(actor_of(request)) >= FieldAccess.WRITE
    detail_url = held.spec.detail_url or (lambda record_id: record_url(key, record_id))
    context = {
        "held": held,
        "size": size_words(held.file.size),
        "back_url": detail_url(record_id),
        "inline_url": f"{address}inline/{held.query}",
        "download_url": f"{address}download/{held.query}",
        "is_image": media_type.startswith("image/"),
        "is_pdf": media_type == PDF,
        "text": beginning_of(content_path(held.file)) if ending_of(name) in TEXTS else None,
        "can_edit": can_write and may_act_on(actor_of(request), held.record, Action.EDIT),
    }
    return render(request, "ui/file.html", context)


@require_safe
def record_file_download(request: HttpRequest, key: str, record_id: int, field: str) -> HttpResponseBase:
    """The file of a field, handed out as a file. Raises: NotFound."""
    file = _held(request, key, record_id, field).file
    return handed_out(content_path(file), name=file.name)


@require_safe
def record_file_inline(request: HttpRequest, key: str, record_id: int, field: str) -> HttpResponseBase:
    """The file of a field shown by the browser, if it is a picture or a PDF. Raises: NotFound."""
    file = _held(request, key, record_id, field).file
    return shown_inline(content_path(file), name=file.name)


def _held(request: HttpRequest, key: str, record_id: int, field: str) -> Held:
    """The file that an address means, if the person may see it: every refusal is a 404."""
    spec, actor = listed_object(key), actor_of(request)
    record: models.Model = grant(actor, spec.model).get(record_id)
    item = next((item for item in fields_of(spec) if item.key == field and item.beside is None), None)
    text = request.GET.get("file", "")
    is_number = text.isascii() and text.isdecimal() and len(text) <= LONGEST_ID
    if item is None or (text and not is_number):
        raise no_such_record()
    return Held(spec, item, record, file_of(record, item, actor, file_id=int(text) if text else None))
