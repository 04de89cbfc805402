"""What the API keeps that may name a person: answers that may be asked for again."""

from guanxi.platform.api.models import StoredAnswer
from guanxi.platform.objects.erasing import WordPlace, register_word_places

register_word_places(WordPlace(StoredAnswer, ("body",), is_deleted=True))
