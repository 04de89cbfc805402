"""What planning contributes to accounts, and its ways in."""

from guanxi.planning.models import Completeness, Verification
from guanxi.platform.objects.belongings import Belonging, register_belongings

register_belongings(
    Belonging(Completeness, object_key="account", link="account"),
    Belonging(Verification, object_key="account", link="account"),
)
