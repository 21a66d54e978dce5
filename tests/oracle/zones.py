"""Time zones of the package tzdata, and never those of the system."""

import datetime
import zoneinfo

import tzdata

zoneinfo.reset_tzpath(())

VERSION = tzdata.IANA_VERSION
EPOCH = datetime.datetime(1970, 1, 1)
SECOND = datetime.timedelta(seconds=1)


def instant(local, zone):
    """Seconds after 1970 at which the clock of the zone shows `local`.

    PEP 495 with fold=0: a reading that comes twice is the first, one that never comes has the offset before the gap.
    """
    offset = local.replace(tzinfo=zone, fold=0).utcoffset()
    return (local - offset - EPOCH) // SECOND


def offset(at, zone):
    """Seconds east of Greenwich, `at` seconds after 1970."""
    return datetime.datetime.fromtimestamp(at, zone).utcoffset() // SECOND
