"""What becomes of what imports keep about a record when it is deleted for good, or when a person is erased."""

from django.utils.translation import gettext_lazy as _

from guanxi.platform.objects.belongings import Belonging, register_belongings
from guanxi.platform.objects.erasing import BESIDE, EraseRule, register_erase_rule
from guanxi.platform.transfer.commands import count_imports_of, forget_imports_of
from guanxi.platform.transfer.models import ImportedRow

register_belongings(Belonging(ImportedRow, stays=True))
register_erase_rule(EraseRule("imports", _("Imported files"), count_imports_of, forget_imports_of, BESIDE - 10))
