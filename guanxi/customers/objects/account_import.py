"""What rows of a file may say of a customer: further words for its fields, people at it, numbers of other systems."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from guanxi.customers import commands
from guanxi.customers.rules import yearly_day
from guanxi.kernel.fields import FieldType
from guanxi.platform.objects.importing import Importing, PartColumn

_point = partial(PartColumn, longest=300, may_write=commands.may_write_points)
_day = partial(PartColumn, kind=FieldType.DATE, may_write=commands.may_write_dates, read=yearly_day)


ACCOUNT_IMPORTING = Importing(
    prepare=commands.prepare_account,
    complete=commands.complete_account,
    completed=("name", "kind"),
    of_system=commands.accounts_of_numbers,
    known_by=("external_number", "tax_id", "name"),
    names={
        "name": (
            "organisation",
            "客户名称",
            "单位全称",
            "单位名称",
            "公司名称",
            "公司",
            "企业名称",
            "客户",
            "名称",
            "company",
            "account",
            "customer",
        ),
        "short_name": ("简称", "客户简称", "公司简称", "企业简称", "品牌", "short", "brand"),
        "tax_id": (
            *("纳税人识别号", "统一社会信用代码", "社会信用代码", "统一税号", "税号", "信用代码"),
            *("tax number", "tax no", "vat", "credit code", "uscc"),
        ),
        "industry": ("所属行业", "行业", "sector"),
        "size": ("人员规模", "规模", "employees"),
        "region": ("省份", "省", "地区", "区域", "state", "province"),
        "city": ("城市", "所在城市", "市"),
        "address": ("详细地址", "通讯地址", "地址", "street"),
        "website": ("网址", "官网", "主页", "url", "homepage"),
        "since_on": (
            *("首次合作", "合作起始", "合作日期", "成交日期", "首次成交", "开户日期", "入会日期", "建档日期"),
            *(
                "first order",
                "since",
                "dt customer",
                "date joined",
                "joined",
                "signup date",
                "sign up date",
                "enrolled",
            ),
        ),
        "source": ("客户来源", "来源", "lead source"),
        "note": ("备注", "说明", "remark", "remarks", "comment"),
        "kind": ("客户类型", "客户性质", "type"),
        "relation": ("关系", "客户关系"),
    },
    parts=(
        PartColumn(
            "external_number",
            _("Number in another system"),
            longest=120,
            may_write=commands.may_write_numbers,
            is_of_system=True,
            names=(
                *("客户编号", "客户编码", "客户号", "客户id", "会员号", "会员编号", "会员卡号", "卡号", "编号", "id"),
                *(
                    "customerid",
                    "customer number",
                    "customer no",
                    "account id",
                    "cust num",
                    "household id",
                    "member id",
                ),
                *("client id", "user id", "unique id", "rec id", "external id"),
            ),
        ),
        PartColumn(
            "family_name",
            _("Family name of a person"),
            longest=60,
            names=("姓", "姓氏", "surname", "last name", "family name"),
        ),
        PartColumn(
            "given_name",
            _("Given name of a person"),
            longest=60,
            names=("名", "名字", "first name", "given name", "forename"),
        ),
        PartColumn(
            "contact_name",
            _("Contact’s name"),
            longest=60,
            names=("联系人", "联系人姓名", "姓名", "主要联系人", "contact", "contact person", "full name"),
        ),
        PartColumn(
            "contact_title", _("Contact’s job title"), longest=80, names=("职务", "职位", "岗位", "title", "position")
        ),
        PartColumn(
            "contact_department", _("Contact’s department"), longest=80, names=("部门", "所在部门", "department")
        ),
        _day(
            "birthday",
            _("Birthday"),
            names=(
                *("生日", "出生日期", "出生年月日", "联系人生日", "客户生日"),
                *("birthday", "date of birth", "birth date", "birthdate", "dob", "bday"),
            ),
        ),
        _day(
            "founded_on",
            _("Founding day"),
            names=(
                *("成立日期", "成立时间", "创立日期", "注册日期", "公司成立日期", "建厂日期"),
                *("founded", "founded on", "date founded", "founding date", "date established", "incorporated on"),
            ),
        ),
        _point("mobile", _("Mobile"), FieldType.PHONE, names=("手机", "手机号", "手机号码", "移动电话", "cell")),
        _point(
            "phone", _("Phone"), FieldType.PHONE, names=("电话", "固定电话", "座机", "联系电话", "tel", "telephone")
        ),
        _point("mail", _("E-mail"), FieldType.EMAIL, names=("邮箱", "电子邮件", "电子邮箱", "email", "e-mail")),
    ),
    check_parts=commands.check_account_parts,
    new_parts=commands.new_account_parts,
    write_parts=commands.write_account_parts,
    take_parts_back=commands.take_account_parts_back,
)
