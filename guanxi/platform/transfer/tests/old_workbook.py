"""A small workbook in the old format, for no library in use writes it.

Its sheet 客户 has a title over merged columns, the header 名称, 电话, 成立日期, 重点, a row, a blank row, and a row
with a formula that failed; its sheet 空 is empty.
"""

import zlib
from base64 import b85decode

PACKED = (
    b"c-rk)O-NKx6#njg?>RH#jH79w(Ii4vri+TGjgAQ=EgCe9exaOZi1L>q31?B3%_@SVRnf*Uu+3Bul@w7sp~9#|5C~ehsZBwF3"
    b"-xvGnfLIg5gahVc;Dlmd+#~-+<V?V=l;C+ek5<K|55Qc7N8m$W=s#V=I{h1k6rPD<ff^LcJ8KRI#^ZkxXF=O2A+H0x|9!<zs"
    b"Di*P=8Gn_(JIfIuYt<kCv<;YT1Tnp=_uUI>nyE9ZEhFv0eF0PcvP^^Z~bh!L)`s*O^vP+c9wrBf(JlZYz$D$WoU1hzdMqozK"
    b"kKhC&RhIKFg4q}m$T6Fb}7y2=CrJqH6Im)1qwqcK&_#XV#L-Gs`vw#rCk3<c!w0sJ;gfM52yepTY|SC%h8{K@%z*CKp3IdLK"
    b"XrqqERn5Tpa<^*z3qbrFNcaQH1C&=l2yo(DFk56I03JOlNs8j=Q)1gLE^fvwIrfg@|=rt1f!*Ajf(G6#a^R92G(}2hhU1;0h"
    b")!H!Gs6iYJsY13o4|xCZ&)Yw|ysC1DMv%+pJYHLVGJop+&kqN}^}&<O>ESaYb+T+!uK^R6l?EyMSYj|$l5*DA%Jd5Nx{k}mO"
    b"be(b<z@ASR$*T+x4FvFG8$(G<705sobqNWC%!j43nab<w@^7*Hy$rYehT)Zluo(`>8qy~6{14izNIh}v~ywYL8DBI{@Rb+(r"
    b"?*rTE}NDrqv20<S~6oa|E6p^=Pai(r5_QP&8Gu=QCB4tZUaas_E9~GEHBS`%<&2NuT8#VDQ_y$DZ1YQpqK~S8`CokZvk#JhJ"
    b"LdPt%*uy=AfA*HcZiY*F`sR6`d60s)dwSTCZWp<3qSiL!;Z>RBvbKw;5<n#F1hD4sK<n==Ov95`^`z=4Adpsr++uVkrPwqae"
    b"lT-JY`X-YHBZ<7BO2hl;#dHST>i+0Lm=*}p9*1`~WUt)<m_WweK!!&vfEeNw6Eg8ozU75w)_gS){fBBYBrsL0KV&^{|{|_Uo"
    b"7F_"
)


def old_workbook() -> bytes:
    """The bytes of the workbook."""
    return zlib.decompress(b85decode(PACKED))
