#!/usr/bin/env python3
"""Finds every message that pages and forms show, and keeps the catalogues of data/locale in step.

usage: tools/words.py                    write comity.pot, bring the catalogues up to date
       tools/words.py check              fail when a catalogue lacks a message or breaks one (writes nothing)
       tools/words.py missing LANGUAGE   what is not translated yet, as JSON: {"English": ""}
       tools/words.py draft LANGUAGE FILE   take translations from such a file, marked "machine-drafted"

Messages come from: {{_ words}} of templates; forms of data/forms; the tables named in TABLES below, whose codes
pages show through |word; and in src/desk: titles, labels, say(), WORDS("text") and failures without a value.
A template's count has two messages: {{_n count|{count} request|{count} requests}}.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lint"))
import sources  # noqa: E402

LOCALE = os.path.join(sources.ROOT, "data", "locale")
POT = os.path.join(LOCALE, "comity.pot")
FULL = ["th", "fr", "es", "ja"]          # everything is translated
PAGES = ["ar"]                           # forms, the words of pages and of prints: proves right-to-left
PRINTED = ("src/exchange/print.c", "src/exchange/print_report.c",
           "src/exchange/ops_table.c", "src/exchange/paper_table.c", "src/exchange/paper_record.c", "src/evidence/report", "src/record/custody.c")
ENGLISH = ["en"]                         # plain words for codes; the rest is English already
PLURALS = {"en": ("nplurals=2; plural=(n != 1);", 2), "es": ("nplurals=2; plural=(n != 1);", 2),
           "fr": ("nplurals=2; plural=(n > 1);", 2), "th": ("nplurals=1; plural=0;", 1),
           "ja": ("nplurals=1; plural=0;", 1),
           "ar": ("nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : "
                  "n%100>=11 ? 4 : 5);", 6)}
MARK = "machine-drafted"
# file, what begins the table: every text up to its end is a message ("a|b|c" is three)
TABLES = [
    ("src/record/kinds.c", r"CHOICE\("),
    ("src/record/kinds.c", r"\[REC_\w+\] = \{"),
    ("src/exchange/states.h", r"#define STATE_MAP"),
    ("src/exchange/states.c", r"struct ground grounds\[\]"),
    ("src/exchange/op.c", r"char \*const roles\[\]"),
    ("src/law/words.c", r"char \*const words\["),
    ("src/law/words.c", r"char \*const effects\[\]"),
    ("src/law/words.c", r"char \*const sides\[\]"),
    ("src/law/words.c", r"char \*const topics\[\]"),
    ("src/law/words.c", r"char \*const certainties\[\]"),
    ("src/law/words.c", r"char \*const groups\[\]"),
    ("src/exchange/ops_report.c", r"char \*const not_kept\[\]"),
    ("src/desk/partners.c", r"char \*const days\[\]"),
]
DESK = [
    r'"title",\s*json_string\(@\)', r'WORDS\(@\)', r'filter_say\([^;"{]*@', r'sign_in_as\([^;"{]*@',
    r'co_fail\(&?[\w>.-]+,\s*CO_(?!EINTERNAL|ENOMEM|ESTORE)\w+,\s*@\s*\)',
    r'\{\s*"[^"]*",\s*"[^"\x00-\x7f]+",\s*"[^"]*",\s*@\s*\}', r'(?:sign_in_again|welcome_show)\([^;"{]*@',
    r'\{\s*"[^"]*",\s*"[a-z]+",\s*"[^" ]{1,2}",\s*@\s*\}',
]
# codes that come from data, not from a table
CODES = [
    ("data/law", "status reservation declaration authority language network membership treaty duration condition "
     "channel foreign voluntary offence power bilateral domestic political regulation all"),
    ("src/network/directory_ops.c", "root seal tls time-stamp"),
    ("src/exchange/advice.c", "send approve"),
    ("src/record/custody.c", "share other"),
]
EXACT = [
    ("src/record/custody.c", r'\{ @, [NPO]\b'),
    ("src/desk/law_panel.c", r'\{\s*@, (?:"|NULL)'), ("src/desk/law.c", r'\{\s*"[a-z]+", @ \}'),
    ("src/exchange/ops_show.c", r'pending_text\[\] = @;'), ("src/exchange/ops_show.c", r':\s*@\);'),
    ("src/exchange/ops_numbers.c", r'"exact",\s*@'), ("src/exchange/ops_numbers.c", r'"note",\s*json_string\(@\)'),
    ("src/exchange/ops_report.c", r': ("issued");'),
    ("src/desk/numbers.c", r'section_put\(sections, @'), ("src/desk/numbers.c", r'section_put\(sections, "[^"]*", @'),
    ("src/desk/numbers.c", r'(?:time|count)_chart\([^;"]*"?[^;"]*"?[^;"]*,\s*@\)'),
    ("src/desk/numbers.c", r'"desc",\s*@'),
    ("src/exchange/states.c", r'(?:true|false),\s*@ \}'),
]
PLURAL = r'(?:counted|catalogue_many)\([^;"]*@,\s*@'
STRING = r'((?:"(?:[^"\\]|\\.)*"\s*)+)'
NOT_WORDS = re.compile(r"arts? \d|art\. \d|c2sp\.org|^$")


def c_text(literal):
    """"a" "b" of C, as one text."""
    text = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literal))
    return text.replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")


class Words:
    def __init__(self):
        self.at = {}        # (one, many or None) -> files, in the order found
        self.files = 0

    def add(self, text, path, many=None):
        if text and (re.search(r"[^\W\d_]", text) or many):
            self.at.setdefault((text, many), set()).add(path)


def templates(w):
    for path in sources.files([os.path.join("src", "desk", "templates")], (".html",)):
        text = sources.read(path)
        w.files += 1
        for one, many in re.findall(r"\{\{_n [^|{}]+\|(.*?)\|(.*?)\}\}(?!\})", text):
            w.add(one, path, many)
        for words in re.findall(r"\{\{_ (.*?)\}\}(?!\})", text):
            w.add(words.rstrip(), path)


def form_words(o, path, w):
    if isinstance(o, list):
        for x in o:
            form_words(x, path, w)
    elif isinstance(o, dict):
        for key, x in o.items():
            if key in ("title", "label", "help") and isinstance(x, str):
                w.add(x, path)
            else:
                form_words(x, path, w)


def forms(w):
    for path in sources.files([os.path.join("data", "forms")], (".json",)):
        w.files += 1
        form_words(json.loads(sources.read(path)), path, w)


def table_end(text, begin):
    if text[begin - 1] == "(":
        return text.index(")", begin)
    if text[begin - 1] == "{":
        return text.index(",", begin)
    if text[:begin].rsplit("\n", 1)[-1].startswith("#define"):
        end = re.compile(r"[^\\]\n").search(text, begin)
        return end.end()
    return text.index("};", begin)


def tables(w):
    faults = []
    for path, begins in TABLES:
        text = sources.strip_comments(sources.read(path))
        found = list(re.finditer(begins, text))
        if not found:
            faults.append(f"{path}: no table {begins}; mend TABLES of tools/words.py")
        for m in found:
            for literal in re.findall(STRING, text[m.end():table_end(text, m.end())]):
                for word in c_text(literal).split("|"):
                    if not NOT_WORDS.match(word):
                        w.add(word, path)
        w.files += 1
    for path, codes in CODES:
        for code in codes.split():
            w.add(code, path)
    for path, pattern in EXACT:
        found = re.findall(pattern.replace("@", STRING), sources.strip_comments(sources.read(path)))
        if not found:
            faults.append(f"{path}: nothing like {pattern}; mend EXACT of tools/words.py")
        for literal in found:
            if not NOT_WORDS.match(c_text(literal)):
                w.add(c_text(literal), path)
    return faults


def desk(w):
    for path in sources.files([os.path.join("src", "desk"), os.path.join("src", "words")], (".c",)):
        text = sources.strip_comments(sources.read(path))
        w.files += 1
        for pattern in DESK:
            for literal in re.findall(pattern.replace("@", STRING), text):
                words = c_text(literal)
                if not re.search(r"%[-+ #0-9.*lzj]*[a-z]", words):
                    w.add(words, path)
        for one, many in re.findall(PLURAL.replace("@", STRING), text):
            w.add(c_text(one), path, c_text(many))


def printed(w):
    for path in sources.files(["src"], (".c",)):
        if path.startswith(PRINTED):
            w.files += 1
            for literal in re.findall(r"WORDS\(@\)".replace("@", STRING), sources.strip_comments(sources.read(path))):
                w.add(c_text(literal), path)


def collect():
    w = Words()
    templates(w)
    forms(w)
    faults = tables(w)
    desk(w)
    printed(w)
    return w, faults


# ---- PO files: what is needed of them ----

def quote(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def header(language):
    rule = f'"Plural-Forms: {PLURALS[language][0]}\\n"\n' if language else ""
    return ('msgid ""\nmsgstr ""\n"Project-Id-Version: comity\\n"\n'
            f'"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
            f'"Content-Transfer-Encoding: 8bit\\n"\n{rule}')


def po_write(path, entries, language, top=""):
    """entries: (one, many, files, comments, texts)"""
    out = [top + header(language)]
    for one, many, files, comments, texts in entries:
        rows = [f"# {c}" for c in comments] + [f"#: {f}" for f in files] + ["msgid " + quote(one)]
        if many is None:
            rows.append("msgstr " + quote(texts[0] if texts else ""))
        else:
            rows.append("msgid_plural " + quote(many))
            n = PLURALS[language][1] if language else 2
            rows += [f"msgstr[{i}] " + quote(texts[i] if i < len(texts) else "") for i in range(n)]
        out.append("\n".join(rows) + "\n")
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(out))


def po_read(path):
    """-> {(one, many): (comments, texts)}, comments at the top of the file"""
    entries = {}
    text = open(path, encoding="utf-8").read()
    for block in re.split(r"\n\s*\n", text):
        rows = [r for r in block.split("\n") if not r.startswith("#~")]
        comments = [r[2:] for r in rows if r.startswith("# ")]
        fields = {}
        name = None
        for row in rows:
            m = re.match(r'(msgid|msgid_plural|msgstr(?:\[\d\])?) (".*")$', row)
            if m:
                name = m.group(1)
                fields[name] = c_text(m.group(2))
            elif row.startswith('"') and name:
                fields[name] += c_text(row)
        if fields.get("msgid"):
            texts = [fields[k] for k in sorted(fields) if k.startswith("msgstr")]
            entries[(fields["msgid"], fields.get("msgid_plural"))] = (comments, texts)
    top = re.match(r"(?:#.*\n)*", text).group(0)
    return entries, top


def po_path(language):
    return os.path.join(LOCALE, language + ".po")


def rows_of(w):
    return [(one, many, sorted(files)) for (one, many), files in w.at.items()]


def update(w):
    rows = rows_of(w)
    po_write(POT, [(o, m, f, [], []) for o, m, f in rows], "")
    for language in FULL + PAGES + ENGLISH:
        old, top = po_read(po_path(language)) if os.path.exists(po_path(language)) else ({}, "")
        entries = [(o, m, f, *old.get((o, m), ([], []))) for o, m, f in rows]
        po_write(po_path(language), entries, language, top)
        left = sum(1 for e in entries if not any(e[4]))
        print(f"{language}: {len(entries)} messages, {left} not translated")


def demanded(language, files):
    if language in FULL:
        return True
    return language in PAGES and any(f.startswith(("data/forms", "src/desk/templates", *PRINTED)) for f in files)


def holes(text):
    return sorted(re.findall(r"\{[a-z_.]+\}", text))


def entry_faults(name, one, many, texts):
    faults = []
    for text in texts:
        want = holes(many or one)
        # "one day", "two days" may be said without the number
        if holes(text) != want and not (many and not holes(text)):
            faults.append(f'{name}: "{text}" has not the places {" ".join(want)} of "{one}"')
        if re.search(r"[<>]", text) and not re.search(r"[<>]", one):
            faults.append(f'{name}: "{text}" holds markup')
    return faults


def check(w, faults):
    for language in FULL + PAGES + ENGLISH:
        name = f"data/locale/{language}.po"
        entries, _ = po_read(po_path(language))
        for one, many, files in rows_of(w):
            _, texts = entries.get((one, many), ([], []))
            whole = bool(texts) and all(texts) and (many is None or len(texts) == PLURALS[language][1])
            if not whole and demanded(language, files):
                faults.append(f'{name}: "{one}" is not translated')
            faults += entry_faults(name, one, many, [t for t in texts if t])
        with tempfile.NamedTemporaryFile() as mo:
            p = subprocess.run(["msgfmt", "--check", "-o", mo.name, po_path(language)],
                               stderr=subprocess.PIPE, text=True)
            if p.returncode != 0:
                faults.append(p.stderr.strip())
        drafted = sum(1 for c, t in entries.values() if MARK in c)
        print(f"{language}: {len(entries)} messages, {drafted} drafted by machine and not reviewed")
    sources.report("words", w.files, faults, "python3 tools/words.py, then translate what is new (CONTRIBUTING.md)")


def missing(w, language):
    entries, _ = po_read(po_path(language))
    out = {}
    for one, many, files in rows_of(w):
        if demanded(language, files) and not all(entries.get((one, many), ([], [""]))[1] or [""]):
            out[one if many is None else f"{one}|{many}"] = ""
    print(json.dumps(out, indent=0, ensure_ascii=False))


def draft(language, path):
    new = json.load(open(path, encoding="utf-8"))
    old, top = po_read(po_path(language))
    for key, text in new.items():
        one, many = (key, None) if (key, None) in old else (key.split("|") + [None])[:2]
        if not text:
            continue
        if (one, many) not in old:
            sys.exit(f'{path}: no message "{key}"; run tools/words.py first')
        old[(one, many)] = ([] if language in ENGLISH else [MARK], text.split("|") if many else [text])
    w, _ = collect()
    entries = [(o, m, f, *old.get((o, m), ([], []))) for o, m, f in rows_of(w)]
    po_write(po_path(language), entries, language, top)


def selftest():
    assert c_text('"a\\"b" \n "c"') == 'a"bc'
    assert entry_faults("x", "{n} of {m}", None, ["{m}"])
    assert not entry_faults("x", "{n} of {m}", None, ["{m}: {n}"])
    assert not entry_faults("x", "{n} day", "{n} days", ["a day", "{n} days"])


def main():
    selftest()
    w, faults = collect()
    args = sys.argv[1:]
    if not args and not faults:
        update(w)
    elif args == ["check"]:
        check(w, faults)
    elif len(args) == 2 and args[0] == "missing":
        missing(w, args[1])
    elif len(args) == 3 and args[0] == "draft":
        draft(args[1], args[2])
    else:
        sys.exit("\n".join(faults) or __doc__)


if __name__ == "__main__":
    main()
