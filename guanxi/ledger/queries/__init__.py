"""Named reads of the ledger: facts, competitors' promotions, and what is pulled from other systems."""

from guanxi.ledger.queries.facts import AdoptableRow as AdoptableRow
from guanxi.ledger.queries.facts import CategoryPurchases as CategoryPurchases
from guanxi.ledger.queries.facts import FactPage as FactPage
from guanxi.ledger.queries.facts import FactRow as FactRow
from guanxi.ledger.queries.facts import KindSummary as KindSummary
from guanxi.ledger.queries.facts import PersonalContact as PersonalContact
from guanxi.ledger.queries.facts import PromotionWindow as PromotionWindow
from guanxi.ledger.queries.facts import adoptable_facts as adoptable_facts
from guanxi.ledger.queries.facts import contacts_by_person as contacts_by_person
from guanxi.ledger.queries.facts import corrections_standing as corrections_standing
from guanxi.ledger.queries.facts import ended_promotions as ended_promotions
from guanxi.ledger.queries.facts import fact_counts as fact_counts
from guanxi.ledger.queries.facts import fact_id_of as fact_id_of
from guanxi.ledger.queries.facts import fact_with_right as fact_with_right
from guanxi.ledger.queries.facts import facts_by_ids as facts_by_ids
from guanxi.ledger.queries.facts import facts_of_account as facts_of_account
from guanxi.ledger.queries.facts import last_days as last_days
from guanxi.ledger.queries.facts import promotion as promotion
from guanxi.ledger.queries.facts import promotions as promotions
from guanxi.ledger.queries.facts import purchase_lines as purchase_lines
from guanxi.ledger.queries.facts import purchases_by_category as purchases_by_category
from guanxi.ledger.queries.facts import reachable_account_ids as reachable_account_ids
from guanxi.ledger.queries.facts import standing as standing
from guanxi.ledger.queries.facts import standing_facts as standing_facts
from guanxi.ledger.queries.facts import waiting_facts_standing as waiting_facts_standing
