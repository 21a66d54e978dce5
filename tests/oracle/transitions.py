"""Every change of every clock from 2000 to 2037, by zoneinfo.

Prints the version of its tzdb, then a line for each zone (its name alone), then under it, tab-separated, a line for each
change: its moment (seconds after 1970), the offsets before and after (seconds), the first of the readings around it, and
what the clock shows at that reading and at each minute that follows: instant minus reading, as `seconds*minutes` for
each run of minutes that have the same.

The readings go from MARGIN minutes before the part of the day that the clock skips or repeats to MARGIN after.
"""

import datetime
import functools
import importlib.resources
import io
import itertools
import zoneinfo

import zones

MARGIN = 3
FIRST = datetime.datetime(2000, 1, 1)
LAST = datetime.datetime(2038, 1, 1)
# No clock changed twice within so short a time in these years (looked for with one of 1 h).
STEP = 24 * 3600


def seconds(moment):
    return (moment - zones.EPOCH) // zones.SECOND


def transitions(zone):
    """The moments at which the offset changes: scanned in steps, then halved down to the second."""
    moments = range(seconds(FIRST), seconds(LAST), STEP)
    known = ((moment, zones.offset(moment, zone)) for moment in moments)
    for (low, before), (high, after) in itertools.pairwise(known):
        if before == after:
            continue
        while high - low > 1:
            middle = (low + high) // 2
            if zones.offset(middle, zone) == before:
                low = middle
            else:
                high = middle
        yield high, before, after


def readings(zone, at, before, after):
    """The first reading around a change, and the runs of the differences from there on."""
    margin = datetime.timedelta(minutes=MARGIN)
    moment = zones.EPOCH + datetime.timedelta(seconds=at)
    first = moment + datetime.timedelta(seconds=min(before, after)) - margin
    minutes = abs(after - before) // 60 + 2 * MARGIN
    walls = (first + datetime.timedelta(minutes=minute) for minute in range(minutes + 1))
    differences = (zones.instant(wall, zone) - seconds(wall) for wall in walls)
    runs = (f"{difference}*{len(list(run))}" for difference, run in itertools.groupby(differences))
    return first.isoformat(), ",".join(runs)


@functools.cache
def lines(data):
    """The changes of the zone with this TZif data: a third of the names are names of others."""
    zone = zoneinfo.ZoneInfo.from_file(io.BytesIO(data))
    return [
        "\t".join(map(str, (at, before, after, *readings(zone, at, before, after))))
        for at, before, after in transitions(zone)
    ]


def data(name):
    return importlib.resources.files("tzdata.zoneinfo").joinpath(*name.split("/")).read_bytes()


def main():
    print(zones.VERSION)
    for name in sorted(zoneinfo.available_timezones()):
        print(name)
        for line in lines(data(name)):
            print(line)


if __name__ == "__main__":
    main()
