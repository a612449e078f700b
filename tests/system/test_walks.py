"""Lists that are walked through an index give what a plain question to the tables gives: everything, once, in order, and
nothing that the officer may not see. Many rows, as a bench has them; each answer is compared with one of plain SQL."""
import os
import sys
import time

import comity
from comity import Node, fields_of, introduce, wait_for
from desk import desk_node, sql

sys.path.append(os.path.join(comity.SOURCE, "tests", "bench"))

import desk_fill  # noqa: E402
import desk_pages  # noqa: E402
from desk import routes  # noqa: E402

SETTLED = ("'executed', 'extended', 'path-disclosed', 'refused', 'impossible', 'withdrawn', 'expired', 'use-explained', 'closed', "
           "'partial'")
TURN = "(CASE WHEN q.state IN ('need-decision', 'condition-offered') THEN 1 - q.incoming ELSE q.incoming END)"
SEEN = "({0}.unit = ? OR EXISTS (SELECT 1 FROM case_named n WHERE n.case_id = {0}.{1} AND n.officer = ?))"
MANY = 15_000  # more than is looked at for one page, or read for one search


def filled(base):
    """A node with a request that was sent, and many like it; officers of two units and of none."""
    th = desk_node(base, "th.contact")
    us = Node(base, "us.contact").start()
    introduce(th, us)
    r = th.api("request.new", to="us.contact", ours="B-1", measure="preserve", urgency="urgent", fields=fields_of())
    th.api("request.send", id=r["id"])
    wait_for("delivery", lambda: us.api("request.list", incoming=True)["requests"])
    us.stop()
    path = os.path.join(base, "evidence.bin")
    with open(path, "wb") as f:
        f.write(b"evidence")
    th.cli("exhibit", "seal", path, "--case", r["case_id"], "--to", "us.contact")
    sql(th, "INSERT INTO access (at_us, officer, what, case_id, subject, session) VALUES (strftime('%s') * 1000000, 'x', 'y', NULL, 'z', '')")
    th.stop()
    desk_fill.fill(th.home, MANY)
    th.start()
    for name, unit in (("olga", "other"), ("nina", "none")):
        th.officer(name, "duty")
        th.api("user.unit", name=name, unit=unit)
    th.officer("udo", "auditor")
    # Olga is named for cases of everybody's unit, and for one of her own besides.
    for n in (3, 11, 60, 201, 250, 1001, 1101):
        th.api("case.name", case_id=sql(th, "SELECT id FROM case_file WHERE ours = ?", f"F-{n}")[0][0], officer="olga")
    return th


def units(who):
    return {"admin": "all", "olga": "other", "nina": "none", "udo": "all"}[who], who


def walked(ask, rows, more="more", key="id", **args):
    """All pages of a list, one after another."""
    out, after = [], None
    while True:
        got = ask(**args, **({"after": after} if after else {}))
        out += [r[key] for r in got[rows]]
        after = got.get(more)
        if not after:
            return out


def plain(th, what, who, where="TRUE", order="q.asked_us DESC, q.id DESC"):
    return [r[0] for r in sql(th, f"SELECT {what} FROM request q WHERE {SEEN.format('q', 'case_id')} AND {where} ORDER BY {order}",
                              *units(who))]


def test_requests_and_cases_are_walked_whole(base):
    th = filled(base)
    due = "coalesce(q.due_us, q.asked_us), q.id"
    for who in ("admin", "olga", "nina"):
        def ask(op, who=who):
            return lambda **args: th.api(op, _as=who, **args)

        assert walked(ask("request.list"), "requests", limit=1000) == plain(th, "q.id", who), who
        assert walked(ask("request.list"), "requests", limit=70, partner="us.contact", measure="subscriber") == \
            plain(th, "q.id", who, "q.partner = 'us.contact' AND q.measure = 'subscriber'"), who
        for turn, n in (("ours", 1), ("theirs", 0)):
            want = plain(th, "q.id", who, f"q.state NOT IN ({SETTLED}) AND {TURN} = {n}", due)
            got = walked(ask("inbox.list"), f"{turn}_to_move", f"{turn}_more", limit=20, turn=turn)
            assert got == want and (want or who == "nina"), (who, turn, len(got), len(want))
        want, begin = plain(th, "q.id", who, "q.keeps = 1", "q.expiry_us, q.id"), time.time()
        got = walked(ask("inbox.list"), "ending", "ending_more", limit=50, turn="ending", within=24 * 366)
        assert got == want[:len(got)] and (got or who == "nina"), (who, len(got), len(want))
        for later in want[len(got):][:1]:
            assert sql(th, "SELECT expiry_us FROM request WHERE id = ?", later)[0][0] > (begin + 366 * 86400) * 1e6, "not cut short"
        cases = [r[0] for r in sql(th, f"SELECT c.id FROM case_file c WHERE {SEEN.format('c', 'id')} ORDER BY c.changed_us DESC, c.id DESC",
                                   *units(who))]
        assert walked(ask("case.list"), "cases", key="case_id", limit=1000) == cases, who
    olga = walked(lambda **a: th.api("request.list", _as="olga", **a), "requests", limit=1000)
    case = sql(th, "SELECT id FROM case_file WHERE ours = 'F-1001'")[0][0]
    th.api("case.name", case_id=case, officer="olga", off=True)
    assert len(walked(lambda **a: th.api("request.list", _as="olga", **a), "requests", limit=1000)) == len(olga) - 1
    assert not sql(th, "SELECT 1 FROM named_list WHERE officer = 'olga' AND subject = ?", case)
    th.stop()


def searched(th, who, words, **args):
    """All that a search finds, following it to its end; as (seq, id)."""
    out, more, turns = [], None, 0
    while True:
        got = th.api("search", _as=who, words=words, **args, **({"before": more} if more else {}))
        out += [r["id"] for r in got["found"]]
        assert more is None or got["more"] is None or got["more"] < more, "a search goes down"
        assert got["since"] is None or got["more"], "who gives up says where to go on"
        more, turns = got["more"], turns + 1
        if more is None:
            return out
        assert turns < 1000


def test_a_search_finds_all_and_says_where_it_stands(base):
    th = filled(base)

    def want(who, *parts, where="TRUE"):
        likes = " AND ".join("lower(CAST(r.bytes AS TEXT)) LIKE ?" for _ in parts)
        return [r[0] for r in sql(th, "SELECT r.id FROM record r JOIN case_file c ON c.id = r.case_id WHERE r.kind <> 'receipt' AND "
                                  f"r.id LIKE '%-0000-7000-8000-%' AND {SEEN.format('c', 'id')} AND {likes} AND {where} ORDER BY r.seq DESC",
                                  *units(who), *(f"%{p}%" for p in parts))]

    for who in ("admin", "olga", "nina"):
        for words, parts in (("garcia", ["garcia"]), ("garcia tanaka", ["garcia", "tanaka"]), ("203.0.113.7 meyer", ["203.0.113.7,", "meyer"]),
                             ("F-14000 garcia", ['"f-14000"', "garcia"]), ("account14997@mail.example", ["account14997@mail.example"]),
                             ("account1400 preserve", ["account1400", "preserve"])):
            assert searched(th, who, words, limit=200) == want(who, *parts), (who, words)
    assert searched(th, "admin", "meyer", limit=200, partner="p04.contact") == want("admin", "meyer", where="c.partner = 'p04.contact'")
    # The words of two that meet once, in the record that is looked at last.
    (seq,), = sql(th, "SELECT min(seq) FROM record WHERE id LIKE '%-0000-7000-8000-%'")
    sql(th, "UPDATE search_text SET text = text || ' tanaka garcia' WHERE rowid = ?", seq)
    assert len(searched(th, "admin", "garcia tanaka")) == 1
    # New words are known when their record is.
    case = sql(th, "SELECT id FROM case_file WHERE ours = 'B-1'")[0][0]
    th.api("message.send", case_id=case, text="the würzburgian connection")
    wait_for("the message is searched", lambda: th.api("search", words="wurzburg")["found"])
    assert sql(th, "SELECT count(*) FROM search_word WHERE term IN ('wurzburgian', 'connection')") == [(2,)]
    got = th.cli("search", "garcia", "tanaka", "--as", "admin")
    assert "F-" in got.stdout, "the command line goes on until something is found"
    th.stop()


def test_logs_are_found_by_who_what_and_when(base):
    th = filled(base)
    sql(th, "UPDATE event SET at_us = at_us - 86400000000 WHERE seq = (SELECT max(seq) - 5 FROM event)")  # a clock that was set back

    def back(op, rows, **args):
        out, before = [], None
        while True:
            got = th.api(op, _as="udo", limit=1000, **args, **({"before": before} if before else {}))[rows]
            out += [r["seq"] for r in got]
            if len(got) < 1000:
                return out
            before = got[-1]["seq"]

    day, = sql(th, "SELECT strftime('%Y-%m-%d', at_us / 1000000, 'unixepoch'), at_us / 86400000000 * 86400000000 FROM event "
               "WHERE who = 'officer3' ORDER BY seq DESC LIMIT 1 OFFSET 100")
    when = f"at_us >= {day[1]} AND at_us < {day[1]} + 86400000000"
    for args, where in (({}, "TRUE"), ({"what": "draft"}, "(what = 'draft' OR what LIKE 'draft.%')"), ({"what": "officer.role"}, "what = 'officer.role'"),
                        ({"who": "officer3"}, "who = 'officer3'"), ({"who": "lea", "what": "alarm"}, "who = 'lea' AND what = 'alarm'"),
                        ({"what": "o"}, "FALSE"), ({"who": "nobody"}, "who = 'nobody'"), ({"from": day[0], "to": day[0]}, when),
                        ({"what": "request", "who": "officer8", "from": day[0]}, f"what LIKE 'request.%' AND who = 'officer8' AND at_us >= {day[1]}")):
        want = [r[0] for r in sql(th, f"SELECT seq FROM event WHERE {where} ORDER BY at_us DESC, seq DESC")]
        assert back("event.list", "events", **args) == want, args
    case = sql(th, "SELECT id FROM case_file WHERE ours = 'F-33'")[0][0]
    for args, where in (({}, "TRUE"), ({"officer": "officer3"}, "officer = 'officer3'"), ({"case_id": case}, f"case_id = '{case}'"),
                        ({"case_id": case, "officer": "officer13"}, f"case_id = '{case}' AND officer = 'officer13'"),
                        ({"officer": "officer3", "from": day[0], "to": day[0]}, f"officer = 'officer3' AND {when}")):
        want = [r[0] for r in sql(th, f"SELECT seq FROM access WHERE {where} ORDER BY at_us DESC, seq DESC")]
        assert back("access.list", "access", **args) == want, args
    th.stop()


def test_every_page_has_an_address_in_the_bench(_base):
    """A page that is not measured is one that nobody knows to be slow."""
    measured = desk_pages.addresses(routes())
    assert {r.path for r in routes() if r.method == "GET"} - {p for p, _ in measured} == desk_pages.STREAMS
