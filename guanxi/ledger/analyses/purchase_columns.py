"""What the columns of order lines can go into: the fields of a purchase, and the words that head such columns."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy

from guanxi.kernel.fields import FieldSpec
from guanxi.ledger.rules import PURCHASE, SHARED_FIELDS
from guanxi.platform.objects.importing import PartColumn
from guanxi.platform.transfer.mapping import Target, target_of_part

SET_BY_US = frozenset({"source_id", "kind", "account_id", "account_system", "contact_id", "user_id", "corrects"})
NEEDED = ("account_key", "occurred_at", "amount")
MOST_OF_PAYLOAD = ("basket_id", "payment_method", "discount", "list_price", "tax", "coupon_id", "contract_id", "note")
WORDS: Mapping[str, tuple[str, ...]] = {
    "account_key": (
        *("客户编号", "客户编码", "客户代码", "客户号", "会员号", "会员编号", "卡号", "customer id", "customer no"),
        *("customer code", "customer number", "client id", "account id", "customer", "cust no"),
    ),
    "occurred_at": (
        *("下单时间", "订单日期", "订单时间", "日期", "销售日期", "交易时间", "成交时间", "order date", "ordered at"),
        *("date", "sold at", "invoice date", "transaction date"),
    ),
    "amount": (
        "金额",
        "销售额",
        "实付金额",
        "成交金额",
        "小计",
        "行金额",
        "total",
        "line total",
        "net amount",
        "sales",
    ),
    "quantity": ("数量", "件数", "qty", "pieces"),
    "product": ("商品编码", "产品编码", "货号", "物料编码", "商品代码", "sku", "item code", "product id", "stock code"),
    "cost": ("成本", "成本金额", "cogs"),
    "margin": ("毛利", "利润", "profit"),
    "channel": ("渠道", "销售渠道"),
    "place": ("门店", "店铺", "网点", "store", "shop", "branch"),
    "basket_id": ("订单号", "订单编号", "单号", "小票号", "order no", "order id", "order number", "invoice", "receipt"),
    "payment_method": ("付款方式", "支付方式", "payment"),
    "discount": ("折扣", "优惠", "折扣金额", "优惠金额"),
    "tax": ("税额", "vat"),
    "contract_id": ("合同号", "合同编号"),
    "note": ("备注", "说明", "remark"),
    "sub_kind": ("类型", "单据类型", "type"),
}


def purchase_targets() -> tuple[Target, ...]:
    """The fields that a column of order lines can go into."""
    payload = {field.name: field for field in PURCHASE.fields}
    shared = [field for field in SHARED_FIELDS if field.name not in SET_BY_US]
    return tuple(map(_target, (*shared, *(payload[name] for name in MOST_OF_PAYLOAD))))


def _target(field: FieldSpec) -> Target:
    words = WORDS.get(field.name, ())
    label = gettext_lazy(field.label)
    return target_of_part(PartColumn(field.name, label, field.type, words, field.maximum_length))
