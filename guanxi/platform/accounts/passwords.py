"""Which passwords are taken: Django's checks under the settings of the house."""

from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    UserAttributeSimilarityValidator,
)
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.preferences import PASSWORD_LENGTH, REFUSE_COMMON, REFUSE_SIMILAR
from guanxi.platform.preferences.registry import preference

LIKE_THE_PERSON = ("email", "phone", "family_name", "given_name")
COMMON = CommonPasswordValidator()
SIMILAR = UserAttributeSimilarityValidator(user_attributes=LIKE_THE_PERSON)


class HousePassword:
    """As long as the house wants; not common and not like the person, where the house refuses that."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises: ValidationError with everything that is wrong with the password."""
        faults: list[ValidationError] = []
        for check in self._checks():
            try:
                check.validate(password, user)
            except ValidationError as fault:
                faults.append(fault)
        if faults:
            raise ValidationError(faults)

    def get_help_text(self) -> str:
        """The sentences under the field."""
        sentences = [gettext("At least %(length)s characters.") % {"length": preference(PASSWORD_LENGTH)}]
        if preference(REFUSE_COMMON):
            sentences.append(gettext("None that many people use."))
        if preference(REFUSE_SIMILAR):
            sentences.append(gettext("Nothing like your name or e-mail address."))
        return " ".join(sentences)

    def _checks(
        self,
    ) -> list[MinimumLengthValidator | CommonPasswordValidator | UserAttributeSimilarityValidator]:
        """The checks in force."""
        return [
            MinimumLengthValidator(preference(PASSWORD_LENGTH)),
            *([COMMON] if preference(REFUSE_COMMON) else []),
            *([SIMILAR] if preference(REFUSE_SIMILAR) else []),
        ]
