"""The names of organisations without what different people write differently: legal form, place, brackets, branch.

A name is compared as `platform.search.entries.plain_title` gives it: half width, simplified characters, lower case,
nothing but characters and words. Of 岚川精密仪器（苏州）有限公司 the core is 岚川精密仪器 and the place 苏州; of The
Acme Widget Co., Ltd. it is "acme widget". What would be left too short to tell anybody apart keeps its place: 苏州大学.
"""

from dataclasses import dataclass
from functools import lru_cache

from guanxi.platform.search.entries import plain_title

PROVINCES = (
    "北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 "
    "贵州 云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门"
)
CITIES = (
    "石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水 太原 大同 阳泉 长治 晋城 朔州 晋中 运城 忻州 "
    "临汾 吕梁 呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 巴彦淖尔 乌兰察布 沈阳 大连 鞍山 抚顺 本溪 丹东 "
    "锦州 营口 阜新 辽阳 盘锦 铁岭 葫芦岛 长春 四平 辽源 通化 白山 松原 白城 延边 哈尔滨 齐齐哈尔 鸡西 鹤岗 "
    "双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河 绥化 南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 "
    "泰州 宿迁 昆山 常熟 张家港 太仓 江阴 宜兴 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水 义乌 慈溪 "
    "余姚 合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城 福州 厦门 莆田 三明 "
    "泉州 漳州 南平 龙岩 宁德 晋江 南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶 济南 青岛 淄博 枣庄 "
    "东营 烟台 潍坊 济宁 泰安 威海 日照 临沂 德州 聊城 滨州 菏泽 郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 "
    "许昌 漯河 三门峡 南阳 商丘 信阳 周口 驻马店 武汉 黄石 十堰 宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 "
    "恩施 长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底 湘西 广州 韶关 深圳 珠海 汕头 佛山 "
    "江门 湛江 茂名 肇庆 惠州 梅州 汕尾 河源 阳江 清远 东莞 中山 潮州 揭阳 云浮 南宁 柳州 桂林 梧州 北海 防城港 "
    "钦州 贵港 玉林 百色 贺州 河池 来宾 崇左 海口 三亚 成都 自贡 攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 "
    "眉山 宜宾 广安 达州 雅安 巴中 资阳 贵阳 六盘水 遵义 安顺 毕节 铜仁 昆明 曲靖 玉溪 保山 昭通 丽江 普洱 临沧 "
    "大理 拉萨 西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛 兰州 嘉峪关 金昌 白银 天水 武威 张掖 平凉 酒泉 "
    "庆阳 定西 陇南 西宁 银川 石嘴山 吴忠 固原 中卫 乌鲁木齐 克拉玛依"
)
PLACES = frozenset(f"{name}{unit}" for name in (PROVINCES + " " + CITIES).split() for unit in ("", "省", "市")) | {
    "中国"
}
LONGEST_PLACE, SHORTEST_PLACE = max(map(len, PLACES)), 2
FORMS = (
    "股份有限公司",
    "有限责任公司",
    "有限公司",
    "总公司",
    "公司",
    "集团",
    "股份",
    "有限合伙",
    "普通合伙",
    "合伙企业",
    "个人独资企业",
    "个体工商户",
    "经营部",
    "控股",
)
BRANCHES = (
    "分公司",
    "分店",
    "分厂",
    "分行",
    "支行",
    "营业部",
    "办事处",
    "代表处",
)
LATIN_FORMS = frozenset(
    (
        *("co", "company", "limited", "incorporated", "inc", "corporation", "corp", "ltd", "llc", "llp", "lp", "plc"),
        *("gmbh", "ag", "kg", "ug", "sarl", "sas", "spa", "srl", "sa", "bv", "nv", "oy"),
        *("ab", "as", "aps", "kk", "pte", "pty", "pvt", "private", "holdings", "holding", "group", "international"),
        *("intl"),
    )
)
SPLIT_FORMS = {"s a r l": "sarl", "s a s": "sas", "s p a": "spa", "s r l": "srl", "s a": "sa", "b v": "bv", "n v": "nv"}
NUMBER_OF_BRANCH = "第一二三四五六七八九十0123456789"
SHORTEST, SHORTEST_WITHOUT_PLACE = 2, 3


@dataclass(frozen=True, slots=True)
class OrganisationName:
    """A name in its parts: `core` tells who, `place` where as far as the name says it, `branch` which branch of it.

    All are in the form in which names are compared; place and branch are "" where the name has none.
    """

    core: str
    place: str = ""
    branch: str = ""


@lru_cache(maxsize=20_000)
def organisation_name(name: str) -> OrganisationName:
    """The parts of an organisation's name, as it is written or as it is compared."""
    text = _without_latin_form(plain_title(name))
    text, branch = _without_branch(text)
    text = _without_forms(text)
    tail = _place_at_end(text)
    core = _without_forms(text[: len(text) - len(tail)]) if tail else text
    head = _place_at_start(core)
    is_enough = len(core) - len(head) >= SHORTEST_WITHOUT_PLACE
    return OrganisationName(core[len(head) :] if is_enough else core, tail or head, branch)


def _without_latin_form(text: str) -> str:
    """A name without the legal forms of other countries behind it."""
    for split, joined in SPLIT_FORMS.items():
        if text.endswith(f" {split}"):
            text = text.removesuffix(split) + joined
    words = text.removeprefix("the ").split(" ")
    while len(words) > 1 and words[-1] in LATIN_FORMS:
        words.pop()
    return " ".join(words)


def _without_branch(text: str) -> tuple[str, str]:
    """A name without the branch at its end, and that branch with its place and number."""
    kind = next((form for form in BRANCHES if text.endswith(form)), "")
    if not kind:
        return text, ""
    rest = text[: -len(kind)].rstrip(NUMBER_OF_BRANCH)
    rest = rest[: len(rest) - len(_place_at_end(rest))]
    return (rest, text[len(rest) :]) if len(rest) >= SHORTEST else (text, "")


def _without_forms(text: str) -> str:
    """A name without its legal form, of which there may be several behind one another."""
    while form := next((form for form in FORMS if text.endswith(form)), ""):
        if len(text) - len(form) < SHORTEST:
            break
        text = text[: -len(form)]
    return text


def _place_at_start(text: str) -> str:
    """The places at the start of a name: 江苏省苏州市."""
    end = 0
    while length := next((n for n in _lengths(text, end) if text[end : end + n] in PLACES), 0):
        end += length
    return text[:end] if len(text) - end >= SHORTEST else ""


def _place_at_end(text: str) -> str:
    """The places at the end of a name."""
    start = len(text)
    while length := next((n for n in _lengths(text, len(text) - start) if text[start - n : start] in PLACES), 0):
        start -= length
    return text[start:] if start >= SHORTEST else ""


def _lengths(text: str, done: int) -> range:
    """How long a place may be of what is left of a text, the longest first."""
    return range(min(LONGEST_PLACE, len(text) - done), SHORTEST_PLACE - 1, -1)


def canonical_mail(address: str) -> str:
    """An e-mail address as two of them are compared: no tag behind a plus, no dots where the provider ignores them."""
    local, _at, domain = address.strip().lower().rpartition("@")
    local = local.partition("+")[0]
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"
