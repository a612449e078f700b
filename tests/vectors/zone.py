#!/usr/bin/env python3
"""Writes tests/vectors/zone.txt from the zone files in the corpus of fuzz_zone, read by Python's zoneinfo.

A line "zone FILE" begins a zone; "t SECONDS OFFSET NAME" is a change and what holds from then on; "d DAY SECONDS"
is a local day that does not begin as many seconds after the day before as a day has. 1970 to 2100.
"""
import datetime
import os
import zoneinfo

HERE = os.path.dirname(os.path.abspath(__file__))
CORPUS = os.path.join(os.path.dirname(HERE), "fuzz", "corpus", "zone")
ZONES = ["bangkok", "new_york", "lord_howe", "prague", "apia", "casablanca", "dublin", "nuuk", "new_york_slim"]
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
LAST = 4102444800  # 2100-01-01
STEP = 21600


def local(zone, s):
    return (EPOCH + datetime.timedelta(seconds=s)).astimezone(zone)


def told(zone, s):
    t = local(zone, s)
    return int(t.utcoffset().total_seconds()), t.tzname()


def between(low, high, test):
    """The first second after low, up to high, for which test holds."""
    while high - low > 1:
        mid = (low + high) // 2
        low, high = (low, mid) if test(mid) else (mid, high)
    return high


def changes(zone):
    now = told(zone, 0)
    yield 0, now
    for s in range(0, LAST, STEP):
        after = told(zone, s + STEP)
        if after != now:
            now = after
            yield between(s, s + STEP, lambda m: told(zone, m) == after), after


def begins(zone, day):
    date = datetime.date(1970, 1, 1) + datetime.timedelta(days=day)
    at = day * 86400 - 93600
    while local(zone, at).date() < date:
        at += 900
    return between(at - 900, at, lambda m: local(zone, m).date() >= date)


def main():
    with open(os.path.join(HERE, "zone.txt"), "w", encoding="ascii") as out:
        for name in ZONES:
            with open(os.path.join(CORPUS, name), "rb") as f:
                zone = zoneinfo.ZoneInfo.from_file(f)
            out.write(f"zone {name}\n")
            for s, (offset, abbreviation) in changes(zone):
                out.write(f"t {s} {offset} {abbreviation}\n")
            before = begins(zone, 0) - 86400
            for day in range(LAST // 86400):
                at = begins(zone, day)
                if at != before + 86400 or day == 0:
                    out.write(f"d {day} {at}\n")
                before = at


if __name__ == "__main__":
    main()
