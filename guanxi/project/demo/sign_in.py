"""Who can sign in to the demo company, and how. Imports nothing, so that a start can say it at once."""

from dataclasses import dataclass

PASSWORD = "guanxi-demo-2026"  # noqa: S105  # the printed password of the demo
DOMAIN = "qiheng.example"


@dataclass(frozen=True, slots=True)
class DemoUser:
    """A person of the demo company; `unit` names the unit, `role` the role."""

    email: str
    family: str
    given: str
    title: str
    unit: str
    role: str


PEOPLE = (
    DemoUser("admin", "周", "明远", "系统管理员", "启衡集团", "administrator"),
    DemoUser("su.yun", "苏", "韵", "总经理", "启衡集团", "director"),
    DemoUser("chen.zhiyuan", "陈", "志远", "华东分公司经理", "华东分公司", "manager"),
    DemoUser("huang.peishan", "黄", "佩珊", "华南分公司经理", "华南分公司", "manager"),
    DemoUser("lin.xiaowen", "林", "晓雯", "客户经理", "上海区", "account_manager"),
    DemoUser("zhao.yifan", "赵", "一凡", "客户经理", "苏州区", "account_manager"),
    DemoUser("he.jingyi", "何", "静怡", "客户经理", "杭州区", "account_manager"),
    DemoUser("luo.jingxing", "罗", "景行", "客户经理", "广州区", "account_manager"),
    DemoUser("feng.yishu", "冯", "亦舒", "客户经理", "深圳区", "account_manager"),
    DemoUser("tang.liqun", "唐", "立群", "客户经理", "东莞区", "account_manager"),
)


def sign_in_lines() -> tuple[str, ...]:
    """What a start prints: the password, then each person with title and unit."""
    people = (
        f"  {person.email}@{DOMAIN:<20} {person.family}{person.given}  {person.title} · {person.unit}"
        for person in PEOPLE
    )
    return ("", f"Sign in with the password {PASSWORD}", *people)
