"""Finding records by what a person typed."""

from django.db.models import Q, QuerySet

from guanxi.platform.search.models import SearchEntry
from guanxi.platform.search.tokens import query_tokens


def matching_ids(object_key: str, text: str, *, sees_numbers: bool) -> QuerySet[SearchEntry, int] | None:
    """Ids of the records that match, as a subquery to be narrowed by a Grant; None when nothing can be searched.

    `sees_numbers`: whether the person may read numbers whole; a hidden part of a masked number is not findable.
    """
    alternatives = query_tokens(text, sees_numbers=sees_numbers)
    condition = Q(pk__in=[])
    for tokens in alternatives:
        if tokens:
            condition |= Q(tokens__contains=list(tokens))
    if not any(alternatives):
        return None
    return SearchEntry.objects.filter(condition, object_key=object_key).values_list("record_id", flat=True)
