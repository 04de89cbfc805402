"""Addresses of what stands beside records."""

from django.urls import path

from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import requires, signed_in
from guanxi.platform.accounts.models import User
from guanxi.platform.collaboration.views import comments, documents, history, notifications, removal, trash

RECORD = "objects/<slug:key>/<id:record_id>/"

urlpatterns = [
    path("trash/", signed_in(trash.trashes), name="trashes"),
    path("objects/<slug:key>/trash/", signed_in(trash.trash), name="trash"),
    path("trash/days/", requires(User, Action.ADMINISTER)(removal.trash_days), name="trash_days"),
    path("objects/<slug:key>/trash/for-good/", signed_in(removal.trash_for_good), name="trash_for_good"),
    path("objects/<slug:key>/trash/again/", signed_in(trash.trash_again), name="trash_again"),
    path(f"{RECORD}comments/", signed_in(comments.comments_page), name="comments"),
    path(f"{RECORD}colleagues/", signed_in(comments.colleagues), name="colleagues"),
    path(f"{RECORD}follow/", signed_in(comments.follow_record), name="follow_record"),
    path(f"{RECORD}documents/", signed_in(documents.documents_page), name="documents"),
    path(f"{RECORD}history/", signed_in(history.history_page), name="history"),
    path(f"{RECORD}history/<id:event_id>/restore/", signed_in(history.restore), name="restore_version"),
    path("comments/<id:comment_id>/edit/", signed_in(comments.comment_form), name="edit_comment"),
    path("comments/<id:comment_id>/remove/", signed_in(comments.remove), name="remove_comment"),
    path("comments/<id:comment_id>/restore/", signed_in(comments.restore), name="restore_comment"),
    path("documents/<id:document_id>/", signed_in(documents.preview), name="document"),
    path("documents/<id:document_id>/download/", signed_in(documents.download), name="download_document"),
    path("documents/<id:document_id>/inline/", signed_in(documents.inline), name="inline_document"),
    path("documents/<id:document_id>/remove/", signed_in(documents.remove), name="remove_document"),
    path("documents/<id:document_id>/restore/", signed_in(documents.restore), name="restore_document"),
    path("notifications/", signed_in(notifications.notifications_page), name="notifications"),
    path("notifications/count/", signed_in(notifications.count), name="notification_count"),
    path("notifications/read/", signed_in(notifications.read), name="read_notifications"),
    path("notifications/unread/", signed_in(notifications.make_unread), name="unread_again"),
    path("notifications/<id:notification_id>/open/", signed_in(notifications.open_one), name="open_notification"),
    path("settings/notifications/", signed_in(notifications.notification_settings), name="notification_settings"),
]
