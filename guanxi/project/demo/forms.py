"""Two public forms of the demo company, what came in by them, and a few choices on the preference page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from guanxi.customers.models import Account, Contact, ContactPoint
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import unscoped
from guanxi.portal.choices import OwnerWay, SpamSign, SubmissionState
from guanxi.portal.commands import (
    Choices,
    FormContent,
    FormSettings,
    Received,
    ask_as_subject,
    create_form,
    receive,
    save_choices,
    take_in,
)
from guanxi.portal.models import FormEdition, Submission, WebForm
from guanxi.portal.queries.preferences import Person
from guanxi.portal.queries.submissions import HELD_REASON
from guanxi.portal.rules.fields import OFFERED, AskedConsent, AskedField
from guanxi.project.demo.company import Company
from guanxi.stewardship.choices import RequestKind

DEMO = "demo: the demo company is made by the system"
BROWSER = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0 Mobile"
SMS = AskedConsent(
    "marketing",
    "sms",
    "我同意启衡仪器通过短信向我发送展会邀请与新品信息，可随时在偏好页面撤回。",
    "Qiheng may send me invitations and news by text message; I can take this back on the preference page at any time.",
)
SERVICE = AskedConsent(
    "service",
    "phone",
    "我同意启衡仪器就本次需求致电联系我。",
    "Qiheng may call me about this request.",
    is_required=True,
)


@dataclass(frozen=True, slots=True)
class Visit:
    """What one visitor sent: answers by field, the consents ticked, where he came from, what made it look like spam."""

    answers: dict[str, str]
    ticked: tuple[int, ...] = (0,)
    campaign: tuple[str, str, str] = ("", "", "")
    signs: tuple[SpamSign, ...] = ()


VISITS = (
    Visit(
        {
            "name": "褚文轩",
            "company": "无锡恒润轴承有限公司",
            "title": "设备科长",
            "mobile": "13861880426",
            "message": "下月要验收两条线, 想先看看三坐标的现场演示。",
        },
        (0, 1),
        ("wechat", "article", "秋季校准月"),
    ),
    Visit(
        {
            "name": "Katrin Vogel",
            "company": "Hartmann Antriebstechnik GmbH",
            "title": "Head of Quality",
            "mobile": "+49 171 5550142",
            "mail": "k.vogel@hartmann-antrieb.example",
            "message": "Our Suzhou plant needs a calibration contract from January.",
        },
        (0,),
        ("linkedin", "post", "秋季校准月"),
    ),
    Visit(
        {"name": "陶思远", "company": "南通海锐阀门厂", "mobile": "13706290815", "city": "南通"}, (0,), ("qr", "", "")
    ),
    Visit(
        {
            "name": "SEO Best Team",
            "company": "SEO",
            "mobile": "13100000000",
            "message": "Rank #1! http://cheap-rank.example http://fast-links.example",
        },
        (),
        signs=(SpamSign.LINKS, SpamSign.FAST),
    ),
    Visit(
        {"name": "xvcbnm", "company": "xvcbnm", "mobile": "13200000000", "message": "xvcbnm"},
        (),
        signs=(SpamSign.TRAP,),
    ),
    Visit(
        {
            "name": "邵一凡",
            "company": "昆山立讯模具",
            "mobile": "13912660357",
            "message": "报价单格式参考 https://a.example/1 和 https://a.example/2",
        },
        (0,),
        signs=(SpamSign.LINKS,),
    ),
)


def add_forms(company: Company, accounts: Sequence[Account], contacts: Sequence[Contact], *, actor: Actor) -> None:
    """Make the forms, let visitors come, some of whom are known, and change a few preferences."""
    demonstration = _demonstration(company, actor=actor)
    _fair(company, actor=actor)
    edition = FormEdition.objects.get(form=demonstration)
    known = _known_visit(accounts)
    for number, visit in enumerate((*VISITS, *known)):
        receive(_received(edition, visit, number=number), actor=replace(actor, address="203.0.113.20"))
    rows = unscoped(Submission, reason=HELD_REASON).filter(state=SubmissionState.RECEIVED)
    for submission_id in list(rows.values_list("pk", flat=True)):
        take_in(submission_id, actor=actor)
    _change_preferences(contacts, actor=actor)


def _demonstration(company: Company, *, actor: Actor) -> WebForm:
    settings = FormSettings(
        slug="demonstration",
        is_open=True,
        sites=("https://www.qiheng.example",),
        source="官网",
        owner_way=OwnerWay.TURN,
        owner_id=None,
        unit_id=company.managers[0].unit_id,
        pool_id=None,
    )
    content = FormContent(
        title_zh="预约现场演示",
        title_en="Book a demonstration",
        introduction_zh="工程师带着样机到您的车间，用您的零件测一遍。留下联系方式，两个工作日内与您约时间。",
        introduction_en="An engineer comes to your shop floor and measures your own parts. Leave your number; we call within two working days.",
        thanks_zh="谢谢。两个工作日内会有工程师与您约时间。",
        thanks_en="Thank you. An engineer calls you within two working days.",
        redirect_url="",
        fields=_fields(
            ("name", True),
            ("company", True),
            ("title", False),
            ("mobile", True),
            ("mail", False),
            ("city", False),
            ("message", False),
            ("file", False),
        ),
        consents=(SERVICE, SMS),
    )
    return create_form(settings, content, actor=actor)


def _fair(company: Company, *, actor: Actor) -> WebForm:
    settings = FormSettings(
        slug="cmif-2026",
        is_open=True,
        sites=(),
        source="展会",
        owner_way=OwnerWay.FIXED,
        owner_id=company.managers[-1].pk,
        unit_id=None,
        pool_id=None,
    )
    content = FormContent(
        title_zh="计量展留资",
        title_en="At the metrology fair",
        introduction_zh="扫码留下名片，资料当晚发到您的邮箱。",
        introduction_en="Leave your card; the papers are in your mail tonight.",
        thanks_zh="",
        thanks_en="",
        redirect_url="",
        fields=_fields(("name", True), ("company", False), ("mail", True), ("wechat", False)),
        consents=(AskedConsent("marketing", "mail", "我同意接收资料邮件。", "You may send me papers by mail."),),
    )
    return create_form(settings, content, actor=actor)


def _fields(*asked: tuple[str, bool]) -> tuple[AskedField, ...]:
    return tuple(AskedField(key, OFFERED[key].label_zh, OFFERED[key].label_en, must) for key, must in asked)


def _known_visit(accounts: Sequence[Account]) -> list[Visit]:
    """A visitor whom the house knows by his number, with another city than the record's."""
    points = unscoped(ContactPoint, reason=DEMO).filter(account=accounts[2].pk, contact__isnull=False, type="mobile")
    point = points.select_related("contact").order_by("pk").first()
    if point is None or point.contact is None:
        return []
    answers = {
        "name": point.contact.name,
        "company": accounts[2].name,
        "mobile": point.value,
        "city": "嘉兴",
        "message": "新厂搬到嘉兴了, 想重新约一次年度校准。",
    }
    return [Visit(answers, (0, 1), ("mail", "newsletter", "秋季校准月"))]


def _received(edition: FormEdition, visit: Visit, *, number: int) -> Received:
    words = dict(zip(("utm_source", "utm_medium", "utm_campaign"), visit.campaign, strict=True))
    return Received(
        form_id=edition.form_id,
        edition_id=edition.pk,
        nonce=f"demo{number:028}",
        answers=visit.answers,
        ticked=visit.ticked,
        origin={key: word for key, word in words.items() if word},
        page="https://www.qiheng.example/products/",
        language="zh-hans" if any(ord(sign) > 0x2E80 for sign in visit.answers["name"]) else "en",
        address="203.0.113.20",
        browser=BROWSER,
        signs=visit.signs,
    )


def _change_preferences(contacts: Sequence[Contact], *, actor: Actor) -> None:
    """Three people say on the page how they want to be contacted; one asks for a copy."""
    visitor = replace(actor, address="198.51.100.9")
    people = [Person(item.account_id, item.pk, item.name) for item in contacts[10:13]]
    chosen = ((("marketing", "mail"), ("service", "phone")), (("service", "phone"), ("survey", "wecom")))
    for person, pairs in zip(people, chosen, strict=False):
        save_choices(person, Choices(pairs, BROWSER), actor=visitor)
    save_choices(people[2], Choices((), BROWSER, is_nothing=True), actor=visitor)
    ask_as_subject(people[2], RequestKind.EXPORT, note="请把留存的信息发我一份。", actor=visitor)
