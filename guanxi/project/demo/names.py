"""Invented names of people and firms, the same for the same number."""

from dataclasses import dataclass
from random import Random

from guanxi.kernel.names import full_name

FAMILY_NAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
GIVEN_CHARACTERS = "子涵雨欣梓晨思远嘉怡明哲若溪砚秋静书言一凡以宁南乔立群景行亦舒云帆晓雯志强建国丽华秀英文博浩然俊杰雅婷佳宁泽宇欣然诗琪梦瑶天佑安然清扬知远乐怡佩珊卓然"
LATIN_FAMILY = (
    "Smith",
    "Brown",
    "Taylor",
    "Wilson",
    "Martin",
    "Clark",
    "Lewis",
    "Walker",
    "Young",
    "King",
    "Baker",
    "Reed",
)
LATIN_GIVEN = (
    "Anna",
    "Ben",
    "Clara",
    "David",
    "Emma",
    "Felix",
    "Grace",
    "Henry",
    "Iris",
    "Jack",
    "Laura",
    "Max",
    "Nora",
    "Oscar",
)
FIRM_FIRST = "岚鼎锦青瑞明禾北拓白远丰望云澄苍启恒润嘉宏泰安华盛瀚卓景沐源"
FIRM_SECOND = "川岳穗屿禾砚屿澄野榆岫霖川杉宇梧衡达泽禾图和康辰弘博源云阳航"
FIRM_TRADES = (
    ("精密仪器", "精密制造"),
    ("医疗器械", "医疗器械"),
    ("物流", "物流运输"),
    ("生物科技", "生物医药"),
    ("食品", "食品加工"),
    ("光学科技", "光学电子"),
    ("家居", "家居制造"),
    ("自动化设备", "自动化"),
    ("包装", "包装印刷"),
    ("陶瓷", "陶瓷材料"),
    ("电气", "电气设备"),
    ("新材料", "新材料"),
)
FIRM_ENDINGS = ("有限公司", "股份有限公司", "集团有限公司", "科技有限公司")
PLACES = (
    ("华东", "上海"),
    ("华东", "苏州"),
    ("华东", "杭州"),
    ("华东", "南京"),
    ("华东", "宁波"),
    ("华东", "无锡"),
    ("华南", "广州"),
    ("华南", "深圳"),
    ("华南", "东莞"),
    ("华南", "佛山"),
    ("华南", "厦门"),
    ("华南", "珠海"),
)
TITLES = ("采购总监", "采购经理", "设备主管", "生产副总", "品质经理", "研发经理", "财务经理", "总经理")
DEPARTMENTS = ("采购部", "设备部", "生产部", "品质部", "研发部", "财务部")
HOBBIES = ("喜欢钓鱼", "马拉松爱好者", "爱喝龙井", "喜欢摄影", "常打羽毛球", "喜欢古典音乐", "常带孩子露营")
TABOOS = ("不饮酒", "不吃海鲜", "周一上午不接电话", "不喜欢临时来访")
LATIN_SHARE = 0.06


@dataclass(frozen=True, slots=True)
class PersonName:
    """A family and a given name."""

    family: str
    given: str

    @property
    def full(self) -> str:
        """The name as its own language writes it."""
        return full_name(self.family, self.given)


@dataclass(frozen=True, slots=True)
class FirmName:
    """A firm's registered name, its short name and its trade."""

    name: str
    short: str
    industry: str


def person_name(random: Random) -> PersonName:
    """An invented person, mostly Chinese."""
    if random.random() < LATIN_SHARE:
        return PersonName(random.choice(LATIN_FAMILY), random.choice(LATIN_GIVEN))
    length = 1 if random.random() < 0.2 else 2
    return PersonName(random.choice(FAMILY_NAMES), "".join(random.choices(GIVEN_CHARACTERS, k=length)))


def firm_name(random: Random) -> FirmName:
    """An invented firm."""
    trade, industry = random.choice(FIRM_TRADES)
    short = random.choice(FIRM_FIRST) + random.choice(FIRM_SECOND) + trade
    _, city = random.choice(PLACES)
    ending = random.choice(FIRM_ENDINGS)
    name = f"{short}（{city}）{ending}" if random.random() < 0.35 else short + ending
    return FirmName(name, short, industry)


def mobile(random: Random) -> str:
    """An invented mainland mobile number."""
    return random.choice(("138", "139", "136", "158", "186", "177")) + "".join(random.choices("0123456789", k=8))
