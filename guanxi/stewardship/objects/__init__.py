"""What stewardship contributes to objects and to the navigation."""

from guanxi.stewardship.objects import bounces as bounces
from guanxi.stewardship.objects import conflicts as conflicts
from guanxi.stewardship.objects import consent as consent
from guanxi.stewardship.objects import duplicates as duplicates
from guanxi.stewardship.objects import gifts as gifts
from guanxi.stewardship.objects import handovers as handovers
from guanxi.stewardship.objects import likeness as likeness
from guanxi.stewardship.objects import pools as pools
from guanxi.stewardship.objects import privacy as privacy
from guanxi.stewardship.objects import quality as quality
from guanxi.stewardship.objects import restraints as restraints
from guanxi.stewardship.objects import retention as retention
