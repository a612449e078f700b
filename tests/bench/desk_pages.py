"""Which pages are measured, and how: every GET row of the desk's route table, and filters that look much to find little.

The same page is asked in turn of a node with few requests and of one with many, so that whatever else the machine does
meets both; a figure is the median of many rounds.
"""
import gzip
import http.client
import os
import re
import statistics
import time

LIMIT_MS, LIMIT_TIMES, LIMIT_KIB = 20, 1.5, 100
ROUNDS, ROUNDS_AGAIN = 25, 151  # again: where the first figure does not hold

# An address for each GET row that needs more than its path. {x} is what a node's names has. A row that is not here and
# has a parameter is an error: no page is forgotten.
SAMPLES = {
    "/asset/:name": "{asset}",
    "/attachment/:id": "/attachment/{attachment}",
    "/case/:id": "/case/{case}",
    "/case/:id/report": "/case/{case}/report?as=html",
    "/compose/:measure": "/compose/preserve",
    "/draft/:id": "/draft/{draft}",
    "/draft/:id/preview": "/draft/{draft}/preview",
    "/draft/:id/print": "/draft/{draft}/print?as=html",
    "/exhibit/:id": "/exhibit/{exhibit}",
    "/record/:id/proof": "/record/{request}/proof",
    "/request/:id": "/request/{request}",
    "/request/:id/print": "/request/{request}/print?as=html",
    "/law/compare": "/law/compare?a=TH&b=FR",
    "/law/instrument/:code": "/law/instrument/un-cybercrime",
    "/law/fact/:id": "/law/fact/TH.status-un-cybercrime",
    "/law/:economy": "/law/TH",
    "/law/:economy/gap": "/law/TH/gap",
    "/numbers/:year": "/numbers/{year}",
    "/numbers/:year/csv": "/numbers/{year}/csv",
    "/numbers/:year/json": "/numbers/{year}/json",
    "/numbers/:year/print": "/numbers/{year}/print?as=html",
    "/admin/people/:name": "/admin/people/admin",
    "/welcome": "/welcome?code={code}",
}
# Not pages but files, as long as what is in them: the first byte is what somebody waits for.
FILES = {"/audit/access/csv", "/audit/access/json", "/audit/events/csv", "/audit/events/json"}
# For whoever is not signed in yet.
OPEN = {"/sign-in", "/welcome"}
# Measured by themselves: a stream that does not end (streams()).
STREAMS = {"/live"}

# Filters in combinations that find little after much looking, words that are in every record, words that never meet.
FILTERS = [
    "/?partner=fr.contact", "/?show=incoming&partner=us.contact&measure=preserve&urgency=urgent&state=sent&officer=nobody"
    "&exercise=no&within=8784&unit=all", "/?words=preserve", "/?words=preserv&urgency=emergency", "/?words=account777",
    "/?officer=me&within=8784", "/?fresh=yes", "/?officer=me&state=executed", "/?words=garcia+tanaka", "/?unit=other", "/inbox?words=preserve&partner=fr.contact",
    "/search?words=preserve", "/search?words=preserv", "/search?words=account", "/search?words=203.0.113.7+garcia",
    "/search?words=garcia+tanaka", "/search?words=garcia+tanaka&partner=us.contact", "/search?words=account99&partner=fr.contact",
    "/search?words=preserve&partner=fr.contact", "/search?words=preserve&measure=subscriber&state=closed",
    "/search?words=preserve&from=2020-01-01&to=2020-12-31", "/search?words=nowhere",
    "/cases?partner=fr.contact", "/cases?partner=p04.contact", "/cases?number=F-777", "/audit/access?officer=nobody",
    "/audit/access?officer=officer3", "/audit/access?officer=officer3&from=2020-01-01&to=2020-12-31",
    "/audit/access?case_id=00000001-0000-7000-9000-000000000001", "/audit/events?what=nothing", "/audit/events?who=nobody",
    "/audit/events?who=lea", "/audit/events?who=lea&what=alarm", "/audit/events?what=officer", "/audit/events?what=alarm&who=officer3",
    "/audit/events?what=alarm&who=officer1", "/audit/events?who=officer3&from=2020-01-01&to=2020-12-31",
    "/audit/events?what=draft&from=2020-01-01&to=2020-12-31",
]

# The same node for officers who see less of it: one of a small unit whom many cases of others name, and one who sees none.
OTHERS = {
    "olga": ["/", "/inbox", "/cases", "/numbers", "/network", "/compose/preserve", "/?officer=me&within=8784", "/?words=preserve",
             "/search?words=preserve", "/search?words=garcia+tanaka", "/search?words=account777"],
    "nina": ["/", "/cases", "/numbers", "/search?words=garcia+tanaka", "/search?words=account777", "/search?words=preserve"],
}


def addresses(table):
    """Every GET row as an address with names in it; a row without one is an error."""
    gets = {r.path for r in table if r.method == "GET"}
    lacking = sorted(p for p in gets if ":" in p and p not in SAMPLES)
    if lacking:
        raise AssertionError(f"no sample address in tests/bench/desk_pages.py for GET {', '.join(lacking)}")
    gone = sorted((set(SAMPLES) | FILES | OPEN | STREAMS) - gets)
    if gone:
        raise AssertionError(f"no such rows in the route table any more: {', '.join(gone)}")
    return [(p, SAMPLES.get(p, p)) for p in sorted(gets - STREAMS)] + [(p, p) for p in FILTERS]


def ran_ms(node):
    """Milliseconds that the node's threads have run: what a page costs, whatever else the machine does."""
    total = 0
    for tid in os.listdir(f"/proc/{node.process.pid}/task"):
        try:
            with open(f"/proc/{node.process.pid}/task/{tid}/schedstat", encoding="utf-8") as f:
                total += int(f.read().split()[0])
        except OSError:
            pass  # a thread that ended
    return total / 1e6


class Side:
    """One node with the browser that is signed in at it."""

    def __init__(self, node, browser, names):
        self.node, self.names = node, names
        self.take("admin", browser)

    def take(self, officer, browser):
        """Goes on as another officer."""
        self.officer, self.browser = officer, browser
        self.head = {"Host": browser.host, "Cookie": "; ".join(f"{k}={v}" for k, v in browser.cookies.items()),
                     "Accept-Encoding": "gzip"}
        self.connect()

    def connect(self):
        self.conn = http.client.HTTPConnection("127.0.0.1", self.browser.port, timeout=60)

    def ask(self, path, signed_in=True):
        """Wall and first byte in ms, ms that the node ran, status, bytes over the wire."""
        ran, begin = ran_ms(self.node), time.perf_counter()
        self.conn.request("GET", path, headers=self.head if signed_in else {**self.head, "Cookie": ""})
        r = self.conn.getresponse()
        first = time.perf_counter()
        wire = len(r.read()) + sum(len(k) + len(v) + 4 for k, v in r.getheaders())
        wall = time.perf_counter()
        time.sleep(0.001)  # until the loop's thread has gone to sleep, which is when the system counts it
        return 1000 * (wall - begin), 1000 * (first - begin), ran_ms(self.node) - ran, r.status, wire


class Figure:
    """Medians of one page at one node."""

    def __init__(self, rows):
        self.wall, self.first, self.ran = (statistics.median(r[i] for r in rows) for i in range(3))
        self.status = {r[3] for r in rows}
        self.kib = max(r[4] for r in rows) / 1024

    def __str__(self):
        return f"{self.wall:.2f} ms, ran {self.ran:.2f}"


def in_turn(sides, address, rounds):
    """A Figure for each side; the first round fills caches and does not count."""
    got = [[] for _ in sides]
    for i in range(rounds + 1):
        for k in range(len(sides)) if i % 2 else reversed(range(len(sides))):
            row = sides[k].ask(address.format(**sides[k].names), address.split("?")[0] not in OPEN)
            if i > 0:
                got[k].append(row)
    return [Figure(rows) for rows in got]


def faults(path, few, many):
    """What of the demand does not hold, in words; empty: it holds."""
    out = []
    if few.status != {200} or many.status != {200}:
        out.append(f"status {sorted(few.status | many.status)}")
    waits = many.first if path in FILES else many.wall
    if waits > LIMIT_MS:
        out.append(f"{waits:.1f} ms")
    if path not in FILES and few.wall > LIMIT_MS:
        out.append(f"{few.wall:.1f} ms with few")
    if path in FILES:
        return out  # a file takes as long as what is in it
    if many.kib > LIMIT_KIB:
        out.append(f"{many.kib:.0f} KiB")
    for name, a, b in (("wall", few.wall, many.wall), ("ran", few.ran, many.ran)):
        if b / a > LIMIT_TIMES:
            out.append(f"{name} {b / a:.2f} times")
    return out


def measure(few, many, path, address):
    """(Figure with few, Figure with many, what does not hold)."""
    a, b = in_turn((few, many), address, ROUNDS)
    if faults(path, a, b):
        a, b = in_turn((few, many), address, ROUNDS_AGAIN if path not in FILES else ROUNDS)
    return a, b, faults(path, a, b)


def first_visit(browser):
    """Bytes of the inbox and everything it names, as they come compressed; and what they unpack to."""
    wire = whole = 0
    todo = ["/"]
    for path in todo:
        a = browser.get(path, headers={"Accept-Encoding": "gzip"})
        body = gzip.decompress(a.body) if a.header("Content-Encoding") == "gzip" else a.body
        wire += len(a.body) + sum(len(k) + len(v) + 4 for k, v in a.headers)
        whole += len(body)
        if path == "/":
            todo += sorted(set(re.findall(r'(?:src|href)="(/asset/[^"]+)"', body.decode())))
    return wire, whole, todo[1:]
