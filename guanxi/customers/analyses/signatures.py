"""What an e-mail signature or a business card says: name, firm, title, numbers, addresses. In Chinese and English.

Method: steps 1 the lines as they stand, without greetings and small print, 2 what has a shape of its own (mail, site,
numbers) and what has a label before it, 3 of what is left, piece by piece: address, firm, department and title, name;
the first of each counts, but for firms, of which the one with a legal form does. No learning, no dictionary of people
but the family names.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import phonenumbers

from guanxi.customers.rules import CHINESE_NAME, DOUBLE_FAMILY_NAMES, FAMILY_NAMES

FIELDS = ("name", "title", "department", "company", "mobile", "phone", "mail", "wechat", "website", "address")
MOST_LINES, LONGEST_LINE = 60, 300
WIDE = re.compile("[\u3400-\u9fff]")
NOISE = re.compile(
    r"^(?:[-_=*~\s]+$|best\b|kind\b|warm\b|many thanks|thanks\b|thank you|regards|cheers|sincerely|yours\b"
    r"|mit freundlichen|sent from|get outlook|dear\b|hi\b|hello\b|this e-?mail|confidential|please consider"
    r"|此致|敬礼|祝好|祝商祺|顺祝商祺|顺颂|谢谢|发自我的|您好|本邮件"
    r"|disclaimer|fax\b|传真)",
    re.IGNORECASE,
)
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
SITE = re.compile(r"(?:https?://|www\.)[^\s|，,;；、)）]+", re.IGNORECASE)
DOMAIN = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?:/[^\s|]*)?", re.IGNORECASE)
NUMBER = re.compile(r"(?:\+|00)?\(?\d[\d\s().\-–/]{5,}\d(?:\s*(?:转|轉|分机|ext\.?|x|#)\s*\d{1,6})?", re.IGNORECASE)
EXTENSION = re.compile(r"\s*(?:转|轉|分机|ext\.?|x|#)\s*(\d{1,6})$", re.IGNORECASE)
INNER = re.compile(r"(?<=\d{4})-\d{2,5}$")
"""An extension that is written behind a hyphen."""
LABELS = (
    ("both", r"(?:手机|电话)\s*[/／&和]\s*微信|微信\s*[/／&和]\s*(?:手机|电话)|m(?:obile)?\s*/\s*wechat"),
    ("fax", r"传真|fax|telefax|f"),
    ("mobile", r"手机(?:号码|号)?|移动电话|mobile(?: phone)?|mob|cell(?: ?phone)?|handy|mobil|m|c"),
    ("phone", r"电话|座机|固话|办公电话|总机|直线|telephone|telefon|phone|tel|office|direct|t|p|o"),
    ("mail", r"电子邮箱|电子邮件|邮箱|邮件|e-?mail|mail|e"),
    ("wechat", r"微信(?:号|同号)?|wechat(?: id)?|weixin|wx"),
    ("other", r"qq|skype|邮编|post ?code|zip|税号|whatsapp|linkedin"),
    ("website", r"公司网址|网址|网站|官网|website|web|homepage|url|w"),
    ("address", r"公司地址|联系地址|办公地址|地址|address|addr|add|adresse|a"),
    ("company", r"公司名称|单位名称|公司|单位|company|firma"),
    ("department", r"部门|department|dept"),
    ("title", r"职务|职位|职称|title|position"),
    ("name", r"姓名|联系人|name|contact"),
)
LABEL = re.compile(
    r"(?<![\w@.-])(?:" + "|".join(f"(?P<{key}>{words})" for key, words in LABELS) + r")"
    r"(?:\s*(?:\(.{1,12}?\)|（.{1,12}?）))?(?:\s*[:：]\s*|\.\s*[:：]?\s*(?=[+(\d])|\s+(?=[+(]?\d[\d\s()-]{5}))",
    re.IGNORECASE,
)
PIECES = re.compile(r"\s*[|｜│•●;；\t]\s*|\s+[·/–—-]\s+|\s{2,}")
LEGAL = re.compile(
    r"(?:有限责任公司|有限公司|股份公司|（有限合伙）)|\b(?:ltd|limited|gmbh|inc|llc|llp|plc|corp|corporation|ag|kg|bv|nv|srl|spa|sarl|pty|oy|ab)\b\.?"
    r"|\b(?:s\.a\.|b\.v\.|n\.v\.|s\.r\.l\.|s\.r\.o\.|s\.p\.a\.|co\.,? ?ltd|sp\. z o\.o\.|k\.k\.|a/s\b|pvt\b)",
    re.IGNORECASE,
)
FIRM = re.compile(
    r"(?:公司|集团|事务所|研究院|研究所|大学|学院|医院|银行|工厂|厂|协会|商会|商行|合作社|工作室|酒店|设计院|办事处|代表处|分行|支行)$"
    r"|\b(?:company|group|university|institute|hospital|bank|holdings|partners|associates|laborator(?:y|ies)|industries|technologies|foundation)\b",
    re.IGNORECASE,
)
TITLE_ZH = re.compile(
    r"[\u4e00-\u9fff]{0,8}?(?:董事长|总裁|总经理|总监|经理|主管|主任|工程师|总工|科长|处长|部长|厂长|所长|院长|校长|行长|局长|店长|组长|班长|课长|社长"
    r"|顾问|专员|助理|秘书|代表|采购员|业务员|教授|研究员|讲师|律师|会计师|会计|合伙人|创始人|负责人|设计师|医师|医生|主编|记者|文员|客服|书记|主席|理事|出纳)"
    r"(?:助理|秘书)?"
)
TITLE_EN = re.compile(
    r"\b(?:manager|director|engineer|president|ceo|cto|cfo|coo|cio|vp|head|officer|supervisor|buyer|consultant|executive|representative|specialist"
    r"|assistant|professor|lead|leader|partner|founder|owner|analyst|coordinator|chief|chairman|chairwoman|scientist|architect|designer|accountant|agent"
    r"|secretary|technician|planner|advisor|adviser|counsel|geschäftsführer(?:in)?|leiter(?:in)?|einkäufer(?:in)?|vertriebsleiter(?:in)?|directeur|directrice)\b",
    re.IGNORECASE,
)
DEPARTMENT_ZH = re.compile(r"[\u4e00-\u9fff]{2,8}?(?:事业部|部|中心|科|处|车间|办公室|实验室)")
DEPARTMENT_EN = re.compile(r"\b(?:department|dept\.?|division|team|abteilung|laboratory)\b", re.IGNORECASE)
PLACE_ZH = re.compile(r"[\u4e00-\u9fff]{2,}(?:省|市|区|县|镇|州|园|岛)")
STREET_ZH = re.compile(r"(?:路|街|道|巷|弄|大厦|号|栋|幢|楼|层|室|座|村|工业园|科技园|开发区)")
STREET_EN = re.compile(
    r"\b(?:street|st\.|road|rd\.?|avenue|ave\.?|boulevard|blvd\.?|lane|drive|dr\.|way|square|floor|suite|building|bldg|park|plaza|court|highway|rue|via"
    r"|p\.?o\.? box|district|no\.|\w+-(?:ku|shi|dori))(?=\W|$)|(?:straße|strasse|str\.|platz|weg|allee)(?=\W|$)",
    re.IGNORECASE,
)
TOWN = re.compile(
    r"^(?:[A-Z]{1,3}-)?\d{4,6}\s+[A-ZÄÖÜ]\S+|\b[A-Z]{2}\s+\d{5}\b|\b[A-Z]{1,2}\d[\dA-Z]?\s+\d[A-Z]{2}\b|,\s*(?:P\.?\s?R\.?\s?)?China\b|\b\d{6},?\s*China\b"
)
HOUSE = re.compile(r"[A-ZÀ-Þ][\w .'’-]+ \d+\w?, (?:[A-Z]{1,3}-)?\d{4,6} [A-ZÀ-Þ]")
STREET_LINE = re.compile(r"[A-ZÀ-Þ][\w.'’-]{3,}(?: [\w.'’-]+){0,3} \d{1,4}[a-z]?")
"""A street and a house with its town, and a street that may have its town on the next line."""
LATIN_NAME = re.compile(
    r"(?:(?:Dr|Mr|Mrs|Ms|Prof|Ing|Dipl|Herr|Frau)\.?(?:-Ing\.)?\s+)*"
    r"((?:[A-ZÀ-Þ][\w'’-]*\.?)(?:\s+(?:(?:van|von|de|der|den|la|le|di|da|bin|al)\s+)*[A-ZÀ-Þ][\w'’-]*\.?){1,3})(?:,?\s+(?:PhD|MBA|Jr\.?|CPA|M\.?D\.?|P\.?E\.?))*"
)
SAME_WECHAT = re.compile(r"微信(?:号)?(?:同号|同手机|同步)|(?:wechat|weixin).{0,6}same", re.IGNORECASE)
SAME = re.compile(r"同(?:手机|电话|号)|same", re.IGNORECASE)
REGIONS = {
    "de": "DE",
    "uk": "GB",
    "fr": "FR",
    "it": "IT",
    "jp": "JP",
    "nl": "NL",
    "ch": "CH",
    "at": "AT",
    "au": "AU",
    "sg": "SG",
    "hk": "HK",
    "tw": "TW",
    "kr": "KR",
    "in": "IN",
    "se": "SE",
    "es": "ES",
    "pl": "PL",
    "cn": "CN",
}


@dataclass(frozen=True, slots=True)
class Found:
    """One value: the field, what it is, and the line that it was taken from, counted from 1."""

    key: str
    value: str
    line: int


@dataclass(frozen=True, slots=True)
class Signature:
    """What a text says, one value for each field that was found, in the order of the fields."""

    found: tuple[Found, ...]

    def __getitem__(self, key: str) -> str:
        """The value of a field, "" where nothing was found."""
        return next((item.value for item in self.found if item.key == key), "")


@dataclass(slots=True)
class _Reading:
    """What was found so far, by field; `rest` are the pieces of text that nothing has a claim to yet."""

    found: dict[str, Found] = field(default_factory=dict)
    rest: list[tuple[int, str]] = field(default_factory=list)
    regions: tuple[str, ...] = ("CN",)

    def note(self, key: str, value: str, line: int) -> None:
        """Keep the first value of a field."""
        value = value.strip(" ,，;；:：|·、-–").strip()
        if value and key not in self.found:
            self.found[key] = Found(key, value, line)


def read_signature(text: str) -> Signature:
    """What an e-mail signature, or the words of a card, say."""
    lines = [(number, _plain(line)) for number, line in enumerate(text.splitlines()[:MOST_LINES], 1)]
    reading = _Reading(regions=_regions(text))
    for number, line in lines:
        if line and not (NOISE.match(line) and not _has_more(line)):
            _take_shapes(reading, number, line)
    _take_addresses(reading)
    _take_firm(reading)
    _take_work(reading)
    _take_name(reading)
    return Signature(tuple(reading.found[key] for key in FIELDS if key in reading.found))


def _plain(line: str) -> str:
    """A line in half width and without the blanks around it."""
    narrow = (chr(ord(sign) - 0xFEE0) if "！" <= sign <= "～" and sign not in "，：；（）｜" else sign for sign in line)
    return "".join(narrow).replace("\u3000", "  ").replace("\xa0", " ").strip(" \t>*_")[:LONGEST_LINE]


def _has_more(line: str) -> bool:
    """Whether a line that begins with a greeting or a fax number says something else as well."""
    return bool(MAIL.search(line) or (LABEL.search(line) and len(NUMBER.findall(line)) > 1))


def _regions(text: str) -> tuple[str, ...]:
    """The countries whose numbers may stand there, by the ends of the addresses; China and America last."""
    ends = re.findall(r"\.([a-z]{2})(?![a-z.\w])", text.lower())
    found = [REGIONS[end] for end in ends if end in REGIONS]
    usual = ["CN", "US"] if WIDE.search(text) or "china" in text.lower() else ["US", "CN"]
    return tuple(dict.fromkeys([*found, *usual]))


def _take_shapes(reading: _Reading, number: int, line: str) -> None:
    """Take what has a label or a shape of its own; what is left of the line is left to others, piece by piece."""
    labels = list(LABEL.finditer(line))
    bounds = [match.start() for match in labels] + [len(line)]
    _take_unlabelled(reading, number, line[: bounds[0]], kind="")
    for match, end in zip(labels, bounds[1:], strict=True):
        kind = match.lastgroup or ""
        value = line[match.end() : end]
        first, *others = PIECES.split(value.strip(), maxsplit=1) or [""]
        if kind == "address":
            first, others = value, []
        _take_labelled(reading, number, kind, first.strip())
        for other in others:
            _take_unlabelled(reading, number, other, kind="")
    if SAME_WECHAT.search(line) and "mobile" in reading.found:
        reading.note("wechat", reading.found["mobile"].value, number)


def _take_labelled(reading: _Reading, number: int, kind: str, value: str) -> None:
    if kind == "wechat":
        _take_wechat(reading, number, value)
    elif kind == "both":
        _take_unlabelled(reading, number, value, kind="mobile")
        _take_wechat(reading, number, value)
    elif kind == "website":
        found = SITE.search(value) or DOMAIN.search(value)
        if found:
            reading.note("website", _site(found[0]), number)
    elif kind in ("name", "title", "department", "company", "address"):
        reading.note(kind, _without_code(value) if kind == "address" else value, number)
    elif kind == "other":
        return
    else:
        _take_unlabelled(reading, number, value, kind=kind)


def _take_wechat(reading: _Reading, number: int, value: str) -> None:
    known = re.match(r"[A-Za-z][\w-]{5,19}|1[3-9]\d{9}", value)
    if known:
        reading.note("wechat", known[0], number)
    elif SAME.search(value) and "mobile" in reading.found:
        reading.note("wechat", reading.found["mobile"].value, number)


def _take_unlabelled(reading: _Reading, number: int, text: str, *, kind: str) -> None:
    """Take mail, site and numbers out of a piece; the rest waits."""
    for match in MAIL.finditer(text):
        reading.note("mail", match[0].lower(), number)
    text = MAIL.sub("  ", text)
    for match in SITE.finditer(text):
        reading.note("website", _site(match[0]), number)
    text = SITE.sub("  ", text)
    if not _is_address(text):
        for match in NUMBER.finditer(text):
            text = _take_number(reading, number, text, written=match[0], kind=kind)
    if kind in ("", "fax"):
        reading.rest += [(number, piece) for piece in _pieces(text)]


def _take_number(reading: _Reading, number: int, text: str, *, written: str, kind: str) -> str:
    """Take a number that can be dialled. Returns the text without it."""
    parsed = _parsed(written, reading.regions, is_labelled=bool(kind))
    if parsed is None:
        return text
    if kind != "fax":
        is_mobile = phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE
        wanted = "mobile" if kind == "mobile" or is_mobile else "phone"
        reading.note(wanted, " ".join(written.split()), number)
    return text.replace(written, "  ")


def _parsed(written: str, regions: Sequence[str], *, is_labelled: bool) -> phonenumbers.PhoneNumber | None:
    plain = EXTENSION.sub("", written).replace("(0)", "")
    for text in dict.fromkeys((plain, INNER.sub("", plain))):
        for region in regions:
            try:
                parsed = phonenumbers.parse(text, region)
            except phonenumbers.NumberParseException:
                continue
            if phonenumbers.is_valid_number(parsed) or (is_labelled and phonenumbers.is_possible_number(parsed)):
                return parsed
    return None


def _site(text: str) -> str:
    """A site without the sign that ends a sentence; a host alone in small letters."""
    plain = text.rstrip("/.。")
    return plain if "/" in plain.partition("://")[2] else plain.lower()


def _pieces(text: str) -> Iterator[str]:
    """The pieces of a text that stand apart; in Chinese lines a blank sets them apart as well."""
    for piece in PIECES.split(text):
        if WIDE.search(piece) and not _is_address(piece):
            yield from (part for part in _words(piece) if part)
        elif piece.strip(" ,，:：()（）"):
            yield piece.strip(" ,，:：")


def _words(piece: str) -> Iterator[str]:
    """The words of a Chinese line; Latin words that follow one another stay together."""
    latin: list[str] = []
    for word in re.split(r"[\s，,、]+", piece):
        if WIDE.search(word):
            if latin:
                yield " ".join(latin)
            latin = []
            yield word.strip("()（）") if word[:1] in "(（" else word
        elif word:
            latin.append(word)
    if latin:
        yield " ".join(latin)


def _is_address(text: str) -> bool:
    if WIDE.search(text):
        is_placed = PLACE_ZH.search(text) and STREET_ZH.search(text)
        return bool(
            len(text) >= 8
            and is_placed
            and re.search(r"\d|[一二三四五六七八九十]+(?:号|楼|层)|园|大厦", text)
            and not LEGAL.search(text)
        )
    is_placed = STREET_EN.search(text) or HOUSE.match(text)
    return bool(is_placed and re.search(r"\d", text) and not MAIL.search(text) and not LEGAL.search(text))


def _without_code(text: str) -> str:
    """An address without the post code that Chinese ones carry behind them."""
    return re.sub(r"[\s,，(（]*(?:邮编[:：]?\s*)?(?<!\d)\d{6}[)）]?\s*$", "", text) if WIDE.search(text) else text


def _take_addresses(reading: _Reading) -> None:
    """An address, with the lines below it that go on with it: a town with its post code."""
    rest: list[tuple[int, str]] = []
    for number, piece in reading.rest:
        known = reading.found.get("address")
        has_town = any(line == number + 1 and TOWN.search(below) for line, below in reading.rest)
        if known is None and (_is_address(piece) or (has_town and STREET_LINE.fullmatch(piece))):
            reading.note("address", _without_code(piece), number)
        elif known is not None and number == known.line + 1 and TOWN.search(piece) and not WIDE.search(known.value):
            reading.found["address"] = Found("address", f"{known.value.rstrip(',')}, {piece}", known.line)
        else:
            rest.append((number, piece))
    reading.rest = rest


def _take_firm(reading: _Reading) -> None:
    """The firm: what has a legal form, else what is called like one."""
    for shape in (LEGAL, FIRM):
        for place, (number, piece) in enumerate(reading.rest):
            if "company" in reading.found or not shape.search(piece) or _is_title_alone(piece):
                continue
            before, firm = _firm_of(piece, shape)
            reading.note("company", firm, number)
            reading.rest[place] = (number, before)
    reading.rest = [(number, piece) for number, piece in reading.rest if piece]


def _firm_of(piece: str, shape: re.Pattern[str]) -> tuple[str, str]:
    """What stands before the firm in a piece, and the firm: "Buyer, Acme Ltd." or "Buyer at Acme Ltd."."""
    if WIDE.search(piece):
        return "", piece
    parts = re.split(r",\s+|\s+at\s+", piece)
    place = next((index for index, part in enumerate(parts) if shape.search(part)), 0)
    if place and re.fullmatch(r"(?:Ltd|Inc|LLC|Limited|Corp)\.?", parts[place], re.IGNORECASE):
        place -= 1
    return ", ".join(parts[:place]), ", ".join(parts[place:])


def _is_title_alone(piece: str) -> bool:
    """Whether a piece is a title that has a word of firms in it: "Group Director"."""
    return bool(TITLE_EN.search(piece)) and not LEGAL.search(piece) and "," not in piece and " at " not in piece


def _take_work(reading: _Reading) -> None:
    """Department and title: 采购部经理 says both, and so does "Manager, Quality Department"."""
    rest: list[tuple[int, str]] = []
    for number, piece in reading.rest:
        taken = _take_work_zh(reading, number, piece) if WIDE.search(piece) else _take_work_en(reading, number, piece)
        if not taken:
            rest.append((number, piece))
    reading.rest = rest


def _take_work_zh(reading: _Reading, number: int, piece: str) -> bool:
    for part in re.split(r"[/／]", piece):
        department = DEPARTMENT_ZH.match(part)
        left = part[department.end() :] if department else part
        if department and (not left or TITLE_ZH.fullmatch(left)):
            reading.note("department", department[0], number)
            reading.note("title", left, number)
        elif TITLE_ZH.fullmatch(part):
            if (
                part[0] in FAMILY_NAMES
                and part[1:] in ("总", "经理", "主任", "工", "总监")
                and "name" not in reading.found
            ):
                return False
            reading.note("title", piece if "/" in piece else part, number)
        else:
            return False
    return True


def _take_work_en(reading: _Reading, number: int, piece: str) -> bool:
    if len(piece) > 80 or not (TITLE_EN.search(piece) or DEPARTMENT_EN.search(piece)):
        return False
    parts = re.split(r",\s+(?=[A-Z])", piece)
    if len(parts) > 1 and LATIN_NAME.fullmatch(parts[0]) and not _is_work(parts[0]):
        reading.note("name", _cased(parts.pop(0)), number)
    for part in parts:
        if TITLE_EN.search(part):
            reading.note("title", part, number)
        elif DEPARTMENT_EN.search(part) or len(parts) > 1:
            reading.note("department", part, number)
    return True


def _is_work(piece: str) -> bool:
    return bool(TITLE_EN.search(piece) or DEPARTMENT_EN.search(piece))


def _take_name(reading: _Reading) -> None:
    """The name: a Chinese one before a Latin one; of Latin ones, the one that the mail address speaks of."""
    if "name" in reading.found:
        return
    chinese = [(number, piece) for number, piece in reading.rest if _is_chinese_name(piece)]
    if chinese:
        reading.note("name", re.split(r"[(（/／]", chinese[0][1])[0], chinese[0][0])
        return
    titled = [
        (number, piece)
        for number, piece in reading.rest
        if re.fullmatch("[\u4e00-\u9fff](?:总|经理|主任|工|总监)", piece)
    ]
    if titled:
        number, piece = titled[0]
        reading.note("name", piece[0], number)
        reading.note("title", piece[1:], number)
        return
    latin = [
        (number, match[1])
        for number, piece in reading.rest
        if (match := LATIN_NAME.fullmatch(re.sub(r"\s*\(.*?\)\s*", " ", piece).strip()))
    ]
    if latin:
        mail = reading.found["mail"].value.partition("@")[0] if "mail" in reading.found else ""
        spoken = [item for item in latin if any(len(word) > 2 and word.lower() in mail for word in item[1].split())]
        number, name = (spoken or latin)[0]
        reading.note("name", _cased(name), number)


def _is_chinese_name(piece: str) -> bool:
    plain = re.sub(r"[(（].*?[)）]|[/／].*", "", piece)
    is_one = bool(CHINESE_NAME.fullmatch(plain))
    return is_one and (plain[0] in FAMILY_NAMES or plain[:2] in DOUBLE_FAMILY_NAMES) and not FIRM.search(plain)


def _cased(name: str) -> str:
    """A name that is written in capitals, as names are written."""
    return name.title() if name.isupper() else name
