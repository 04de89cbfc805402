"""Business cards become rows, in all their versions."""

from pathlib import Path

from guanxi.platform.transfer.reading import Format, Row, header_of, rows_of, sniff

OLD = """BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E6=9E=97;=E6=99=93=E9=9B=AF;;;
ORG;CHARSET=GBK;ENCODING=QUOTED-PRINTABLE:=C9=CF=BA=A3=C6=F4=BA=E2;=CA=D0=B3=A1=B2=BF
TEL;CELL:138-0013-6021
TEL;WORK;VOICE:021-58880000
TEL;WORK;FAX:021-58880001
NOTE;ENCODING=QUOTED-PRINTABLE:first line=0D=0A=
second line
PHOTO;ENCODING=BASE64:
 /9j/4AAQSkZJRgABAQ
 N:Nobody

END:VCARD
"""
NEW = """BEGIN:VCARD\r
VERSION:4.0\r
FN:Simon Perreault\r
N:Perreault;Simon;;;ing. jr\r
item1.EMAIL;TYPE=home:home@qiheng.example\r
EMAIL;TYPE="work,pref";PREF=1:work@qiheng.exam\r
 ple\r
TEL;VALUE=uri;TYPE="work,voice":tel:+1-418-656-9254;ext=102\r
ADR;TYPE=work:;Suite 2;2875 Laurier;Quebec;QC;G1V 2M2;Canada\r
BDAY:19800321\r
TITLE:Head\\, Sales\r
NOTE:one\\ntwo\\; three\r
URL:https://qiheng.example/a\r
END:VCARD\r
"""
CHINESE = """BEGIN:VCARD
VERSION:3.0
N:苏;云;;;
ADR;TYPE=WORK:;;世纪大道100号;浦东新区;上海市;200120;中国
TEL:13900136022
"""


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> list[Row]:
    path = tmp_path / "cards"
    path.write_bytes(text.encode(encoding))
    source = sniff(path, "cards.vcf")
    assert source.format is Format.VCARD
    return list(rows_of(path, source))


def test_the_columns_are_fixed(tmp_path: Path) -> None:
    path = tmp_path / "cards.vcf"
    path.write_text(NEW)
    assert header_of(path, sniff(path, "cards.vcf"))[:3] == ("full_name", "family_name", "given_name")


def test_old_cards_with_quoted_letters_and_pictures(tmp_path: Path) -> None:
    cells = ("林晓雯", "林", "晓雯", "上海启衡", None, "138-0013-6021", "021-58880000")
    assert written(tmp_path, OLD) == [Row(1, (*cells, None, None, None, "first line\nsecond line", None))]


def test_new_cards_with_folded_lines_and_escapes(tmp_path: Path) -> None:
    assert written(tmp_path, NEW)[0].cells == (
        "Simon Perreault",
        "Perreault",
        "Simon",
        None,
        "Head, Sales",
        None,
        "+1-418-656-9254 ext. 102",
        "work@qiheng.example; home@qiheng.example",
        "2875 Laurier, Suite 2, Quebec, QC G1V 2M2, Canada",
        "19800321",
        "one\ntwo; three",
        "https://qiheng.example/a",
    )


def test_cards_without_an_end_are_told_and_kept(tmp_path: Path) -> None:
    rows = written(tmp_path, NEW + CHINESE, "gb18030")
    assert [(row.number, row.is_damaged) for row in rows] == [(1, False), (15, True)]
    assert rows[1].cells[:3] == ("苏云", "苏", "云")
    assert rows[1].cells[5] == "13900136022"
    assert rows[1].cells[8] == "上海市浦东新区世纪大道100号"


def test_a_forgotten_end_does_not_swallow_the_next_card(tmp_path: Path) -> None:
    rows = written(tmp_path, CHINESE + NEW)
    assert [(row.number, row.cells[0], row.is_damaged) for row in rows] == [
        (1, "苏云", True),
        (6, "Simon Perreault", False),
    ]


def test_a_card_within_a_card_is_no_row(tmp_path: Path) -> None:
    inner = "AGENT:\nBEGIN:VCARD\nFN:Agent\nEND:VCARD\n"
    rows = written(tmp_path, NEW.replace("BDAY", f"{inner}BDAY"))
    assert [row.cells[0] for row in rows] == ["Simon Perreault"]
