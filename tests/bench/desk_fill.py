"""Fills a node's database with many requests, cases, records, events and what comes with them, like one that was sent."""
import os
import sqlite3

DAY_US = 86_400_000_000
SPAN_US = 700 * DAY_US  # however many are stored, they came in about two years
OPEN = 300  # not settled, however many are stored: more than an inbox shows
CROWD = 50_000  # open at once, in a third database: more than any desk has, and no filter may wait for them
LONG = 10_000  # records, and a tenth as many requests, in one case

# The text of a record that only fills: common words, rare ones, names that a third of all have and that never meet.
SAYS = ("'{\"kind\":\"request\",\"case\":{\"ours\":\"F-' || s.n || '\"},\"from\":\"th.contact\",\"to\":\"us.contact\","
        "\"by\":{\"officer\":\"admin\"},\"body\":{\"measure\":\"preserve\",\"urgency\":\"urgent\",\"fields\":{\"conduct\":"
        "\"fraud by way of a computer, account' || s.n || '@mail.example, 203.0.113.' || (s.n % 250) || ', ' || "
        "CASE s.n % 5 WHEN 0 THEN 'garcia' WHEN 1 THEN 'tanaka' ELSE 'meyer' END || "
        "': the investigation of 2026 holds that the account was used for transfers\"}}}'")
MEASURE = "CASE s.n % 8 WHEN 1 THEN 'subscriber' ELSE 'preserve' END"
PARTNER = "CASE WHEN s.n % 4 = 0 THEN printf('p%02d.contact', s.n % 40) ELSE 'us.contact' END"
UNIT = "CASE WHEN s.n % 10 = 0 THEN 'other' ELSE 'all' END"
STATE = f"CASE WHEN s.n <= {OPEN} THEN 'sent' WHEN s.n % 100 IN (1, 50) THEN 'executed' ELSE 'expired' END"
WHAT = ("CASE WHEN s.n <= 40 AND s.n % 2 = 1 THEN 'officer.role' ELSE CASE s.n % 6 WHEN 0 THEN 'alarm' WHEN 1 THEN 'op.denied' "
        "WHEN 2 THEN 'request.assigned' WHEN 3 THEN 'attachment.opened' ELSE 'draft.new' END END")
WHO = "CASE WHEN s.n <= 40 AND s.n % 2 = 0 THEN 'lea' ELSE printf('officer%d', s.n % 20) END"


def columns(db, table):
    return [r[1] for r in db.execute(f"PRAGMA table_info({table})")]


def clone(db, table, where, change, first, last):
    """Copies one row under numbers first..last, with some columns as expressions of n."""
    names = columns(db, table)
    values = ", ".join(change.get(c, f"t.{c}") for c in names)
    db.execute(f"WITH RECURSIVE s(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM s WHERE n < {last}) "
               f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM s, (SELECT * FROM {table} WHERE {where} LIMIT 1) AS t")


def fast(path):
    db = sqlite3.connect(path, timeout=60)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -400000")
    return db


def done(db):
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def fill_requests(db, want, step):
    """Cases, requests, their records with leaf and outbox row; the text of each in the index of words."""
    (request, case), = db.execute("SELECT id, case_id FROM request ORDER BY asked_us LIMIT 1").fetchall()
    (seq,), = db.execute("SELECT max(seq) FROM record").fetchall()
    own, of = "printf('%08x-0000-7000-8000-%012x', s.n, s.n)", "printf('%08x-0000-7000-9000-%012x', s.n, s.n)"
    at = f"t.{{0}} - s.n * {step}"
    clone(db, "case_file", f"id = '{case}'",
          {"id": of, "ours": "'F-' || s.n", "opened_us": at.format("opened_us"), "changed_us": at.format("changed_us"),
           "partner": PARTNER, "unit": UNIT}, 1, want)
    clone(db, "request", f"id = '{request}'",
          {"id": own, "case_id": of, "asked_us": at.format("asked_us"), "changed_us": at.format("changed_us"), "measure": MEASURE,
           "partner": PARTNER, "unit": UNIT, "due_us": f"t.asked_us + s.n * {step}", "incoming": "s.n % 2",
           "heard_us": f"(s.n % 2) * (t.asked_us - s.n * {step})", "state": STATE,
           "expiry_us": f"CASE WHEN s.n <= {OPEN} THEN NULL WHEN s.n % 100 IN (1, 50) THEN t.asked_us + 70 * {DAY_US} + s.n * {step} "
                        f"ELSE t.asked_us - s.n * {step} END",
           "keeps": f"CASE WHEN s.n <= {OPEN} THEN 0 WHEN s.n % 100 IN (1, 50) THEN 1 ELSE 2 END"}, 1, want)
    # What was stored first has the least number: order of numbers is order of time, as on a node.
    clone(db, "record", f"id = '{request}'",
          {"seq": f"{seq} + {want} + 1 - s.n", "id": own, "case_id": of, "at_us": at.format("at_us"),
           "stored_us": at.format("stored_us"), "bytes": f"CAST({SAYS} AS BLOB)", "sig": "zeroblob(64)"}, 1, want)
    db.execute(f"UPDATE record SET stored_us = stored_us - {SPAN_US} - {step} WHERE seq <= {seq}")
    clone(db, "leaf", f"subject = '{request}'", {"seq": "NULL", "subject": own, "hash": "randomblob(32)"}, 1, want)
    clone(db, "outbox", f"record_id = '{request}'",
          {"seq": "NULL", "record_id": own, "case_id": of, "queued_us": at.format("queued_us"), "settled_us": at.format("settled_us")},
          1, want)
    db.execute("INSERT INTO search_text (rowid, text, block) SELECT seq, CAST(bytes AS TEXT), char(57344) || 'a' || (seq / 4096) || ' ' || "
               "char(57344) || 'b' || (seq / 32768) || ' ' || char(57344) || 'c' || (seq / 262144) "
               f"FROM record WHERE seq > {seq} ORDER BY seq")
    db.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab (main, search_text, 'row')")
    db.execute("INSERT OR IGNORE INTO search_word (term) SELECT term FROM temp.words WHERE term < char(57344)")
    db.execute(f"INSERT INTO search_place (seq, case_id, stored_us) SELECT seq, case_id, stored_us FROM record WHERE seq > {seq}")
    db.execute("UPDATE clerk_mark SET seq = (SELECT max(seq) FROM record) WHERE clerk = 'search'")
    db.execute("INSERT INTO case_named (case_id, officer, by_whom, at_us) SELECT id, 'admin', 'admin', 0 FROM case_file "
               "WHERE unit = 'other' AND substr(ours, 3) % 50 = 0")
    db.execute("INSERT INTO case_named (case_id, officer, by_whom, at_us) SELECT id, 'olga', 'admin', 0 FROM case_file "
               "WHERE unit = 'all' AND substr(ours, 3) % 500 IN (1, 7)")
    db.execute("DELETE FROM named_counted")  # the node counts what names its officers when it starts
    db.execute("UPDATE officer SET unit = CASE name WHEN 'olga' THEN 'other' WHEN 'nina' THEN 'none' ELSE unit END")
    db.execute("INSERT INTO named_list (officer, list, key, subject) SELECT officer, list, key, request FROM request_listed")
    db.execute("INSERT INTO named_list (officer, list, key, subject) SELECT n.officer, 5, c.changed_us, c.id "
               "FROM case_named n JOIN case_file c ON c.id = n.case_id")


def fill_logs(db, want, step):
    of, own = "printf('%08x-0000-7000-9000-%012x', s.n, s.n)", "printf('%08x-0000-7000-b000-%012x', s.n, s.n)"
    back = f"t.at_us - ({want} + 1 - s.n) * {step}"
    clone(db, "access", "TRUE", {"seq": "NULL", "case_id": of, "subject": own, "at_us": back, "officer": WHO}, 1, want)
    clone(db, "event", "what = 'draft.new'", {"seq": "NULL", "id": own, "at_us": back, "what": WHAT, "who": WHO}, 1, want)


def fill_rest(db, want, step):
    own, of = "printf('%08x-0000-7000-8000-%012x', s.n, s.n)", "printf('%08x-0000-7000-9000-%012x', s.n, s.n)"
    clone(db, "draft", "state = 'sent'", {"id": own, "case_id": of, "record": "'{}'", "created_us": f"t.created_us - s.n * {step}", "unit": UNIT}, 1, want)
    clone(db, "exhibit", "TRUE", {"id": own, "case_id": of, "changed_us": f"t.changed_us - s.n * {step}"}, 1, want // 10)
    for what in ("asked", "acknowledged", "executed"):
        db.execute("INSERT INTO number (month, incoming, unit, partner, measure, urgency, what, ground, n, seconds) "
                   "SELECT strftime('%Y%m', asked_us / 1000000, 'unixepoch') + 0, incoming, unit, partner, measure, urgency, "
                   f"'{what}', '', count(*), 3600 * count(*) FROM request WHERE TRUE GROUP BY 1, 2, 3, 4, 5, 6 "
                   "ON CONFLICT DO UPDATE SET n = n + excluded.n, seconds = seconds + excluded.seconds")
    for by, key in (("all", "''"), ("partner", "partner"), ("measure", "measure"), ("hour", "asked_us / 3600000000 % 24")):
        db.execute("INSERT OR REPLACE INTO number_spread (month, incoming, unit, what, by_what, key, steps) "
                   "SELECT month, incoming, unit, 'acknowledged', by_what, key, group_concat(step || ':' || n, ' ') FROM ("
                   f"SELECT strftime('%Y%m', asked_us / 1000000, 'unixepoch') + 0 AS month, incoming, unit, '{by}' AS by_what, {key} AS key, "
                   "rowid % 40 AS step, count(*) AS n FROM request GROUP BY 1, 2, 3, 5, 6 ORDER BY step) GROUP BY 1, 2, 3, 5, 6")


def fill_records(home, want):
    """Requests and their records alone."""
    db = fast(os.path.join(home, "node.db"))
    with db:
        fill_requests(db, want, SPAN_US // want)
    done(db)


def fill(home, want):
    """want requests, each in a case of its own: some open, some kept, most settled long ago; as many log rows."""
    db, step = fast(os.path.join(home, "node.db")), SPAN_US // want
    with db:
        db.execute("INSERT INTO unit (name, title, created_us) VALUES ('other', 'Another unit', 0)")
        fill_requests(db, want, step)
        fill_logs(db, want, step)
        fill_rest(db, want, step)
        db.execute("INSERT INTO officer (name, role, token_sha256, created_us) VALUES ('lea', 'duty', x'00', 0)")
    done(db)


def crowd(home):
    """Many open at once, and one case with a very long history: its request and its case."""
    db = fast(os.path.join(home, "node.db"))
    (request, case), = db.execute("SELECT id, case_id FROM request ORDER BY asked_us DESC LIMIT 1").fetchall()
    (seq,), = db.execute("SELECT max(seq) FROM record").fetchall()
    own = "printf('%08x-0000-7000-a000-%012x', s.n, s.n)"
    with db:
        db.execute(f"UPDATE request SET state = 'sent', expiry_us = NULL, keeps = 0 WHERE rowid IN (SELECT rowid FROM request "
                   f"WHERE state = 'expired' ORDER BY asked_us LIMIT {CROWD})")
        db.execute("DELETE FROM named_list WHERE list < 5")
        db.execute("INSERT INTO named_list (officer, list, key, subject) SELECT officer, list, key, request FROM request_listed")
        clone(db, "record", f"id = '{request}'", {"seq": f"{seq} + s.n", "id": own, "kind": "CASE WHEN s.n % 10 = 0 THEN 'request' ELSE 'message' END"},
              1, LONG)
        clone(db, "request", f"id = '{request}'", {"id": own, "asked_us": "t.asked_us - s.n"}, 1, LONG // 10)
        db.execute("UPDATE clerk_mark SET seq = (SELECT max(seq) FROM record) WHERE clerk = 'search'")
    done(db)
    return request, case
