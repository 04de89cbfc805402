"""Noting who tried to sign in, so that administrators see what happens at the door."""

from datetime import timedelta

from django.utils import timezone

from guanxi.platform.accounts.models import SignInTry, User

KEPT = timedelta(days=90)


def note_try(email: str, *, is_success: bool, address: str, browser: str) -> None:
    """Note a try to sign in; of an address that nobody has, only that there was one."""
    user_id = User.objects.filter(email__iexact=email).values_list("pk", flat=True).first() if email else None
    SignInTry.objects.create(user_id=user_id, is_success=is_success, address=address, browser=browser[:300])


def clear_old_tries() -> int:
    """Remove what is older than 90 days. Returns how many."""
    removed, _ = SignInTry.objects.filter(at__lt=timezone.now() - KEPT).delete()
    return removed
