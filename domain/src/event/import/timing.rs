//! When an event is: begin, end and zone out of DTSTART, DTEND and DURATION.

use super::{
    component::{Component, Unreadable},
    note::NoteKind,
    reader::Reader,
    stamp::Stamp,
    zone::Frame,
};
use crate::{
    event::Schedule,
    time::{Instant, LocalDateTime, Zone},
};
use calcard::icalendar::ICalendarValue;

/// When an event is, on the clock that the file reads.
#[derive(Debug, Clone)]
pub(super) struct Timing<'a> {
    /// What the readings of the clock mean.
    pub(super) frame: Frame,
    /// The TZID of the begin, as written.
    pub(super) tzid: Option<&'a str>,
    /// The begin is written as a moment, not as a reading of a clock.
    pub(super) is_moment: bool,
    pub(super) begin: LocalDateTime,
    /// Later than the begin.
    pub(super) end: Option<LocalDateTime>,
    pub(super) all_day: bool,
}

impl<'a> Reader<'a> {
    /// Reads when an event is.
    pub(super) fn timing(&mut self, component: &Component, start: Stamp<'a>, uid: &str) -> Timing<'a> {
        let frame = self.frame(start, component.line);
        let mut timing = Timing {
            begin: start.written(),
            tzid: match start {
                Stamp::Zoned(_, tzid) => Some(tzid),
                _ => None,
            },
            is_moment: matches!(start, Stamp::At(..)),
            end: None,
            all_day: start.is_day(),
            frame,
        };
        if let Stamp::At(instant, _) = start {
            timing.begin = timing.frame.local(instant); // it may be written with another offset than Z
        }
        timing.end = self.end(component, &timing, uid);
        timing
    }

    /// What the readings of the clock of a stamp mean.
    fn frame(&mut self, stamp: Stamp<'_>, line: u32) -> Frame {
        match stamp {
            Stamp::Day(_) | Stamp::Floating(_) => Frame::Named(self.zones.calendar.clone()),
            Stamp::Zoned(_, tzid) => self.zones.frame(tzid, line, self.notes),
            Stamp::At(..) => Frame::Named(Zone::UTC),
        }
    }

    /// The moment that a stamp means; a floating one in the zone of `timing`.
    pub(super) fn instant(&mut self, stamp: Stamp<'_>, timing: &Timing<'_>, line: u32) -> Instant {
        match stamp {
            Stamp::Day(_) | Stamp::Floating(_) => timing.frame.instant(stamp.written()),
            Stamp::Zoned(local, tzid) => self.zones.frame(tzid, line, self.notes).instant(local),
            Stamp::At(instant, _) => instant,
        }
    }

    /// A stamp on the clock of `timing`.
    pub(super) fn local(&mut self, stamp: Stamp<'_>, timing: &Timing<'_>, line: u32) -> LocalDateTime {
        match stamp {
            Stamp::Day(_) | Stamp::Floating(_) => stamp.written(),
            Stamp::Zoned(local, tzid) if timing.tzid == Some(tzid) => local,
            Stamp::Zoned(..) | Stamp::At(..) => timing.frame.local(self.instant(stamp, timing, line)),
        }
    }

    fn end(&mut self, component: &Component, timing: &Timing<'_>, uid: &str) -> Option<LocalDateTime> {
        let end = match component.stamp("DTEND") {
            Some(Ok(stamp)) if timing.all_day => Some(stamp.written()),
            Some(Ok(stamp)) => Some(self.local(stamp, timing, component.line)),
            Some(Err(Unreadable(what))) => {
                self.notes.about(NoteKind::BadDate, component.line, uid, Some(&what));
                None
            }
            None => duration(component).map(|seconds| timing.begin.plus_seconds(seconds)),
        };
        if end.is_some_and(|end| end < timing.begin) {
            self.notes.about(NoteKind::EndBeforeBegin, component.line, uid, None);
        }
        let end = end.filter(|end| *end > timing.begin);
        if timing.all_day {
            Some(end.map_or(timing.begin.plus_days(1), whole_days))
        } else {
            end
        }
    }

    /// When the event is, in a zone that has a name. Moments are shown in `moments_in`.
    pub(super) fn schedule(&mut self, timing: &Timing<'_>, moments_in: &Zone, line: u32, uid: &str) -> Schedule {
        let zone = match &timing.frame {
            Frame::Named(zone) if !timing.is_moment => {
                return timing.schedule_in(zone.clone(), timing.begin, timing.end);
            }
            Frame::Named(_) => Some(moments_in.clone()),
            Frame::Described(description) => {
                let dates: Vec<_> = [Some(timing.begin), timing.end].into_iter().flatten().collect();
                self.zones.agreeing(description, &dates)
            }
        };
        let zone = zone.unwrap_or_else(|| {
            self.notes.about(NoteKind::ZoneWithoutName, line, uid, timing.tzid);
            moments_in.clone()
        });
        let begin = timing.frame.instant(timing.begin);
        let end = timing.end.map(|end| timing.frame.instant(end));
        // The second of two equal readings of the clock has no reading of its own; UTC has one for every moment.
        let shows = |instant: Instant| zone.instant(zone.local(instant)) == instant;
        let zone = if shows(begin) && end.is_none_or(shows) {
            zone
        } else {
            Zone::UTC
        };
        let (begin, end) = (zone.local(begin), end.map(|end| zone.local(end)));
        timing.schedule_in(zone, begin, end)
    }
}

impl Timing<'_> {
    /// Seconds of wall time from begin to end.
    pub(super) fn duration(&self) -> Option<i64> {
        self.end.map(|end| end.seconds_since(self.begin))
    }

    /// This time of day in `zone`; an end that no longer lies behind the begin is left out.
    fn schedule_in(&self, zone: Zone, begin: LocalDateTime, end: Option<LocalDateTime>) -> Schedule {
        Schedule {
            begin,
            end: end.filter(|end| *end > begin),
            zone,
            all_day: self.all_day,
        }
    }
}

/// The first midnight that is not before this.
fn whole_days(at: LocalDateTime) -> LocalDateTime {
    if at.clock() == (0, 0, 0) {
        at
    } else {
        at.plus_days(1).day().midnight()
    }
}

/// RFC 5545 DURATION in seconds of wall time.
fn duration(component: &Component) -> Option<i64> {
    let ICalendarValue::Duration(duration) = component.first("DURATION")?.values().first()? else {
        return None;
    };
    let days = i64::from(duration.weeks) * 7 + i64::from(duration.days);
    let minutes = i64::from(duration.hours) * 60 + i64::from(duration.minutes);
    let seconds = days * 86_400 + minutes * 60 + i64::from(duration.seconds);
    Some(if duration.neg { -seconds } else { seconds })
}
