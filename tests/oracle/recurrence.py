"""Random rules of repetition and their dates, by python-dateutil on floating time and zoneinfo afterwards.

Usage: recurrence.py SEED COUNT

Prints the version of its tzdb, then a line for each series, tab-separated:
zone, start, whole days (0 or 1), rule, added, skipped, from, until, instants (seconds after 1970) from `from` to `until`.
"""

import datetime
import itertools
import random
import sys
import zoneinfo

from dateutil import rrule

import zones

ZONES = [
    "Europe/Brussels",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "UTC",
    "Asia/Kolkata",
    "Africa/Casablanca",
]
WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
# Readings that changes of the clock skip or repeat somewhere, beside ordinary ones.
CLOCKS = ["00:00", "00:30", "01:45", "02:00", "02:15", "02:30", "03:00", "09:00", "18:00", "20:15", "23:59"]
MOST_DATES = 730
LAST = datetime.datetime(2100, 1, 1)

# dateutil looks for dates up to this year; a rule without any would take seconds.
datetime.MAXYEAR = LAST.year


def compact(moment):
    # Not strftime: it writes the year 999 with three digits on some systems.
    return moment.isoformat().replace("-", "").replace(":", "")


class Rules:
    """A source of rules that only a seed decides."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def chance(self, probability):
        return self.random.random() < probability

    def some(self, values, most):
        """A few different values, in no order."""
        count = min(self.random.randint(1, most), len(values))
        return ",".join(map(str, self.random.sample(list(values), count)))

    def signed(self, highest, most):
        return self.some([n for n in range(-highest, highest + 1) if n != 0], most)

    def start(self):
        day = datetime.date(1990, 1, 1) + datetime.timedelta(days=self.random.randrange(365 * 60))
        clock = datetime.time.fromisoformat(self.random.choice(CLOCKS))
        return datetime.datetime.combine(day, clock)

    def rule(self):
        frequency = self.random.choice(["DAILY", "WEEKLY", "WEEKLY", "MONTHLY", "MONTHLY", "YEARLY", "YEARLY"])
        parts = ["FREQ=" + frequency]
        if self.chance(0.5):
            parts.append(f"INTERVAL={self.random.choice([1, 2, 2, 3, 4, 5, 6, 10, 18, 53])}")
        if self.chance(0.3):
            parts.append("WKST=" + self.random.choice(WEEKDAYS))
        if self.chance(0.3):
            parts.append("BYMONTH=" + self.some(range(1, 13), 6))
        parts += getattr(self, "of_" + frequency.lower())("BYMONTH" in parts[-1])
        if self.chance(0.1):
            parts.append("BYHOUR=" + self.some(range(24), 4))
        if self.chance(0.1):
            parts.append("BYMINUTE=" + self.some(range(60), 3))
        if self.chance(0.15) and any(part.startswith(("BYDAY", "BYMONTHDAY", "BYHOUR")) for part in parts):
            parts.append("BYSETPOS=" + self.signed(6, 2))
        return parts

    def of_daily(self, by_month):
        weekdays = ["BYDAY=" + self.some(WEEKDAYS, 4)] if self.chance(0.2) else []
        days = ["BYMONTHDAY=" + self.signed(31, 8)] if self.chance(0.15) else []
        return weekdays + days

    def of_weekly(self, by_month):
        return ["BYDAY=" + self.some(WEEKDAYS, 5)] if self.chance(0.7) else []

    def of_monthly(self, by_month):
        kind = self.random.random()
        if kind < 0.3:
            return ["BYMONTHDAY=" + self.signed(31, 5)]
        if kind < 0.6:
            return ["BYDAY=" + self.some(self.nth([1, 2, 3, 4, 5, -1, -2, -3, -4]), 3)]
        if kind < 0.75:
            return ["BYDAY=" + self.some(WEEKDAYS, 5)]
        if kind < 0.85:
            return ["BYMONTHDAY=" + self.signed(31, 8), "BYDAY=" + self.some(WEEKDAYS, 4)]
        return []

    def of_yearly(self, by_month):
        kind = self.random.random()
        if kind < 0.15:
            return ["BYMONTHDAY=" + self.signed(31, 5)]
        if kind < 0.35:
            numbers = [1, 2, 3, 4, 5, -1, -2] if by_month else [1, 2, 10, 20, 52, 53, -1, -10, -52]
            return ["BYDAY=" + self.some(self.nth(numbers), 3)]
        if kind < 0.5:
            return ["BYWEEKNO=" + self.signed(53, 3)] + (
                ["BYDAY=" + self.some(WEEKDAYS, 3)] if self.chance(0.7) else []
            )
        if kind < 0.65:
            return ["BYYEARDAY=" + self.signed(366, 4)]
        if kind < 0.75:
            return ["BYMONTHDAY=" + self.signed(31, 8), "BYDAY=" + self.some(WEEKDAYS, 4)]
        return []

    def nth(self, numbers):
        return [f"{number}{day}" for number in numbers for day in WEEKDAYS]

    def end(self, start, zone, all_day):
        """COUNT, or UNTIL in one of its spellings with the last wall time that it means, or nothing."""
        kind = self.random.random()
        if kind < 0.3:
            return f"COUNT={self.random.choice([1, 2, 3, 5, 10, 40, 200])}", None
        if kind < 0.5:
            return None, None
        last = start + datetime.timedelta(days=self.random.randrange(2000), minutes=self.random.choice([-1, 0, 0, 1]))
        end_of_day = datetime.datetime.combine(last, datetime.time(23, 59, 59))
        if kind < 0.65:
            return f"UNTIL={last:%Y%m%d}", end_of_day
        if kind < 0.75:
            return f"UNTIL={compact(last)}", end_of_day if all_day else last
        utc = zones.EPOCH + datetime.timedelta(seconds=zones.instant(last, zone))
        if all_day:
            return f"UNTIL={compact(utc)}Z", datetime.datetime.combine(utc, datetime.time(23, 59, 59))
        wall = utc.replace(tzinfo=datetime.timezone.utc).astimezone(zone).replace(tzinfo=None, fold=0)
        return f"UNTIL={compact(utc)}Z", wall

    def series(self):
        """One line, or nothing where the rule has no date before `LAST`."""
        name = self.random.choice(ZONES)
        zone = zoneinfo.ZoneInfo(name)
        start, rule, all_day = self.start(), self.rule(), self.chance(0.1)
        if all_day:
            start = datetime.datetime.combine(start, datetime.time())
        end, last = self.end(start, zone, all_day)
        shown = ";".join(rule + ([end] if end else []))
        used = [part for part in rule if not all_day or not part.startswith(("BYHOUR", "BYMINUTE"))]
        if end and last is None:
            used.append(end)
        dates = iter(rrule.rrulestr(";".join(used), dtstart=start))
        first = next(dates, None)
        if first is None:
            return None

        window = start + datetime.timedelta(days=self.random.choice([0, 0, 0, 0, 0, 30, 400, 3000]))
        until = min(window + datetime.timedelta(days=self.random.choice([31, 366, 800, 4000])), LAST)
        dates = itertools.takewhile(lambda date: date < until, itertools.chain([first], dates))
        dates = [date for date in dates if last is None or date <= last]
        near = [start + datetime.timedelta(days=self.random.randrange(400)) for _ in range(3)]
        added = near if self.chance(0.2) else []
        skipped = (near[:1] + self.random.sample(dates, min(4, len(dates)))) if self.chance(0.2) else []
        kept = sorted(({start} | set(dates) | set(added)) - set(skipped))
        kept = [date for date in kept if window <= date < until][:MOST_DATES]
        columns = [
            name,
            compact(start),
            str(int(all_day)),
            shown,
            ",".join(map(compact, added)),
            ",".join(map(compact, skipped)),
            compact(window),
            compact(until),
            ",".join(str(zones.instant(date, zone)) for date in kept),
        ]
        return "\t".join(columns)


def main(seed, count):
    print(zones.VERSION)
    rules = Rules(seed)
    lines = filter(None, (rules.series() for _ in itertools.count()))
    for line in itertools.islice(lines, count):
        print(line)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
