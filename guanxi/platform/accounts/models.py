"""Users, the org tree, roles, sessions and API tokens."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.names import full_name
from guanxi.platform.access.protection import Protection
from guanxi.platform.preferences.locale import in_language


class UnitKind(models.TextChoices):
    """The levels of the org tree."""

    COMPANY = "company"
    BRANCH = "branch"
    REGION = "region"


class OrgUnit(models.Model):
    """One node of the org tree. `path` holds the ids from the root down to the unit itself: [1, 4, 9]."""

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=UnitKind.choices)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    path = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["parent", "name"], name="accounts_unit_name")]

    def __str__(self) -> str:
        return self.name


class Role(models.Model):
    """A named set of rights; its rules are kept by the access room under `key`."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True, default="")
    retired_at = models.DateTimeField(null=True, blank=True)

    protection: ClassVar[Protection] = Protection(key="role", label=_("Roles"))

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the language of the page; English pages show `name_en` where there is one."""
        return in_language(self.name, self.name_en)


class UserManager(BaseUserManager["User"]):
    """Creates users; the e-mail address is the sign-in name."""

    def create_user(self, email: str, password: str | None = None, **values: object) -> "User":
        """A saved user with a hashed password; without one, no password sign-in is possible."""
        user = self.model(email=self.normalize_email(email), **values)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in. Grain: person."""

    email = models.EmailField(unique=True)
    phone = models.CharField(max_length=20, blank=True)
    family_name = models.CharField(max_length=60)
    given_name = models.CharField(max_length=60)
    title = models.CharField(max_length=80, blank=True)
    unit = models.ForeignKey(OrgUnit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    roles = models.ManyToManyField(Role, related_name="+", blank=True)
    language = models.CharField(max_length=10, default="zh-hans")
    time_zone = models.CharField(max_length=40, default="Asia/Shanghai")
    day_format = models.CharField(max_length=12, blank=True, default="")
    scale = models.CharField(max_length=12, blank=True, default="")
    currency = models.CharField(max_length=3, blank=True, default="")
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(db_default=Now())

    protection: ClassVar[Protection] = Protection(key="user", unit_field="unit_id", label=_("People"))
    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["family_name", "given_name"]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """The name as its own language writes it: 林晓雯, or Mary Smith for Latin names."""
        return full_name(self.family_name, self.given_name)


class Session(AbstractBaseSession):
    """One browser that somebody uses, signed in or not. Grain: session.

    `session_key` is the SHA-256 digest of the key in the cookie, so that what is stored lets nobody in.
    `browser` is what the browser says of itself; `seen_at` is a few minutes old at most.
    """

    session_key = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    address = models.CharField(max_length=60, blank=True)
    browser = models.CharField(max_length=300, blank=True)


class SignInTry(models.Model):
    """One try to sign in, with the right password or another one. Grain: try.

    `user` is the person of the address that was typed; None where nobody has it: what was typed then is not kept.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    is_success = models.BooleanField()
    address = models.CharField(max_length=60, blank=True)
    browser = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["-at"], name="accounts_try_by_time")]


class ApiToken(models.Model):
    """A token of a user for programs. The secret itself is never kept, only its SHA-256 digest.

    `scopes` are "object:action" words that narrow what the user may do; None = all of it. `used_at` is a few minutes
    old at most.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64, unique=True)
    is_read_only = models.BooleanField(default=True)
    scopes = ArrayField(models.CharField(max_length=80), null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)


class NoticeKind(models.TextChoices):
    """What is unusual about what somebody does."""

    VIEWS = "views"
    VIEW_LIMIT = "view_limit"
    REVEALS = "reveals"
    REVEAL_LIMIT = "reveal_limit"
    EXPORTS = "exports"
    EXPORT_LIMIT = "export_limit"
    FAILED = "failed"
    TOKEN = "token"  # noqa: S105  # a word


class SecurityNotice(models.Model):
    """One thing that was unusual. Grain: kind × person × day; it is told once, however often it is seen.

    `user` is None for those who tried to come in under an address that nobody has. `count` is what it was when noticed.
    """

    kind = models.CharField(max_length=16, choices=NoticeKind.choices)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    count = models.PositiveIntegerField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "user", "day"], name="accounts_one_notice_a_day", nulls_distinct=False
            )
        ]
