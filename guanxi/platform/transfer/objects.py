"""What becomes of what imports keep about a record when it is deleted for good."""

from guanxi.platform.objects.belongings import Belonging, register_belongings
from guanxi.platform.transfer.models import ImportedRow

register_belongings(Belonging(ImportedRow, stays=True))
