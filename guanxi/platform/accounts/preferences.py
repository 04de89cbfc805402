"""What an administrator sets about signing in."""

from guanxi.platform.preferences.registry import PreferenceSpec, declare

PASSWORD_LENGTH = declare(
    PreferenceSpec(
        "accounts.password_length",
        10,
        "Shortest password",
        "So many characters at least. Length protects better than special characters.",
        minimum=8,
        maximum=64,
    )
)
REFUSE_COMMON = declare(
    PreferenceSpec(
        "accounts.refuse_common",
        True,
        "Refuse common passwords",
        "The 20,000 that are tried first.",
    )
)
REFUSE_SIMILAR = declare(
    PreferenceSpec(
        "accounts.refuse_similar",
        True,
        "Refuse passwords that resemble the name or the e-mail address",
    )
)
SECOND_FACTOR_ROLES = declare(
    PreferenceSpec(
        "accounts.second_factor_roles",
        "",
        "Roles that need a second factor",
        "Role keys separated by commas; who has one of them sets a second factor up before anything else.",
    )
)
