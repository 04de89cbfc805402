"""The verbs of the ledger."""

from guanxi.ledger.commands.connections import create_connection as create_connection
from guanxi.ledger.commands.connections import create_pull as create_pull
from guanxi.ledger.commands.erasing import count_facts as count_facts
from guanxi.ledger.commands.erasing import count_lake_files as count_lake_files
from guanxi.ledger.commands.erasing import erase_facts as erase_facts
from guanxi.ledger.commands.erasing import rewrite_lake as rewrite_lake
from guanxi.ledger.commands.facts import NewFact as NewFact
from guanxi.ledger.commands.facts import capture_fact as capture_fact
from guanxi.ledger.commands.facts import correct_fact as correct_fact
from guanxi.ledger.commands.facts import log_fact as log_fact
from guanxi.ledger.commands.facts import record_fact as record_fact
from guanxi.ledger.commands.facts import take_back_fact as take_back_fact
from guanxi.ledger.commands.facts import void_fact as void_fact
from guanxi.ledger.commands.ingest import FileIngested as FileIngested
from guanxi.ledger.commands.ingest import Ingested as Ingested
from guanxi.ledger.commands.ingest import RowsIngested as RowsIngested
from guanxi.ledger.commands.ingest import ingest_file as ingest_file
from guanxi.ledger.commands.ingest import ingest_rows as ingest_rows
from guanxi.ledger.commands.ingest import ingest_stream as ingest_stream
from guanxi.ledger.commands.promises import keep_promise as keep_promise
from guanxi.ledger.commands.promotions import change_competitor_promotion as change_competitor_promotion
from guanxi.ledger.commands.promotions import record_competitor_promotion as record_competitor_promotion
from guanxi.ledger.commands.promotions import set_promotion_aside as set_promotion_aside
from guanxi.ledger.commands.pulling import PullOrder as PullOrder
from guanxi.ledger.commands.pulling import run_pull as run_pull
from guanxi.ledger.commands.waiting import adopt_waiting_facts as adopt_waiting_facts
