"""Texts that break careless encoders, and every character set."""
from .builder import Builder

NASTY = ["", " ", "  both  ", "\\N", "\\n", "\\", "\\\\", "\\\\N", "NULL", "null", "\x00", "a\x00b", "\x01", "\x02", "a\x01b\x02c", "\x1a", "\x7f",
         "\n", "\r\n", "\r", "\t", "\x0b", ",", ";", "|", '"', '""', "'", "''", "`", "{}", "[]", '{"a":1}', "true", "0", "-0", "1e5", "a,b\n\"c\"",
         "%s %d", "${env:HOME}", "<a>&amp;", "ä", "a\u0308", "€", "𝄞", "👩‍👩‍👧", "\ufeffBOM", "\ufffd", "\uffff", "\U0010ffff", "\u2028", "\u202eRTL",
         "日本語", "العربية", "x" * 3000, "\n" * 3000, "\x01" * 3000, "\x02" * 3000, "\\" * 3000, "\"" * 3000]

SAMPLES = {
    "latin1": ["ä ö ü ß é ñ", "€ “quoted”", "".join(chr(c) for c in range(32, 127))],
    "latin2": ["ąćęłńóśźż", "ÁČĎÉĚ"], "latin5": ["ğışİ"], "latin7": ["āčēģīķļņšūž"],
    "cp1250": ["ąćęłńóśźż"], "cp1251": ["Привет, мир"], "cp1256": ["سلام"], "cp1257": ["āčēģ"],
    "cp850": ["äöüß"], "cp852": ["ąćę"], "cp866": ["Привет"], "koi8r": ["Привет"], "koi8u": ["Привіт"],
    "greek": ["Καλημέρα"], "hebrew": ["שלום"], "tis620": ["สวัสดี"], "armscii8": ["Բարև"], "geostd8": ["გამარჯობა"],
    "macroman": ["äöü"], "macce": ["ąćę"], "keybcs2": ["ěšč"], "hp8": ["äöü"], "dec8": ["äöü"], "swe7": ["abc"],
    "ascii": ["plain", "~"], "big5": ["中文繁體"], "gb2312": ["中文简体"], "gbk": ["中文简体 繁體", "誠"],
    "sjis": ["日本語 カタカナ ｶﾅ", "表示"], "cp932": ["日本語 ①②", "表示ソ"], "ujis": ["日本語"], "eucjpms": ["日本語 ①"], "euckr": ["한국어"],
    "utf8": ["ä€日本語"], "utf8mb4": ["ä€日本語𝄞"], "ucs2": ["ä€日本語"], "utf16": ["ä€日本語𝄞"], "utf16le": ["ä€日本語𝄞"], "utf32": ["ä€日本語𝄞"],
}


def build(b: Builder):
    for kind in ("VARCHAR(4000)", "TEXT"):
        short = kind.split("(")[0].lower()
        # First and last in the row, as a separator may hide before and after a cell.
        b.table(f"nasty_{short}", f"first {kind}, id INT NOT NULL, last {kind}, PRIMARY KEY (id)",
                [(text, i, NASTY[-1 - i]) for i, text in enumerate(NASTY)])
        b.table(f"nasty_{short}_alone", f"v {kind}", [(text,) for text in NASTY] + [(None,)])
    b.table("nasty_bytes", "id INT NOT NULL, v VARBINARY(20000), PRIMARY KEY (id)", [(i, text.encode()) for i, text in enumerate(NASTY)])
    known = {row[0] for row in b.server.execute("SELECT character_set_name FROM information_schema.character_sets")}
    known.add("utf8")
    for charset, texts in SAMPLES.items():
        if charset not in known:
            continue
        b.table(f"charset_{charset}", f"id INT PRIMARY KEY, c CHAR(100) CHARACTER SET {charset}, v VARCHAR(200) CHARACTER SET {charset}, "
                f"t TEXT CHARACTER SET {charset}, e ENUM('a', {', '.join(repr(t) for t in texts[:1])}) CHARACTER SET {charset}",
                [(i, text[:100], text, text * 50, 2) for i, text in enumerate(texts)])
    # The database's own character set differs from that of its columns.
    b.run("CREATE TABLE mixed_charsets (id INT PRIMARY KEY, a VARCHAR(50) CHARACTER SET latin1, b VARCHAR(50) CHARACTER SET gbk, "
          "c VARCHAR(50) CHARACTER SET utf16, d VARCHAR(50)) CHARACTER SET sjis")
    b.insert("mixed_charsets", [(1, "äöü", "中文", "𝄞", "日本語"), (2, None, "", None, "")])
