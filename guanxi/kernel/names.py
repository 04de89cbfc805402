"""Names of persons."""


def full_name(family_name: str, given_name: str) -> str:
    """林晓雯 for a Chinese name and Mary Smith for a Latin one, in the order its own language uses."""
    if (family_name + given_name).isascii():
        return f"{given_name} {family_name}".strip()
    return family_name + given_name
