//! The components of a calendar as the parser gives them, with the line where each begins.

use super::{
    note::{NoteKind, Notes},
    outline::{Begin, Outline},
    stamp::Stamp,
};
use calcard::{
    Entry, Parser,
    icalendar::{ICalendarComponentType, ICalendarEntry, ICalendarParameterName, ICalendarValue},
};
use std::borrow::Cow;

/// What a file consists of.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    /// What is said of each calendar.
    pub(super) calendars: Vec<Component>,
    /// Its events, in the order of the file.
    pub(super) events: Vec<Component>,
    /// Its descriptions of zones, each with its observances.
    pub(super) zones: Vec<(Component, Vec<Component>)>,
}

/// A component: its properties.
#[derive(Debug)]
pub(super) struct Component {
    /// The line of its `BEGIN`, from 1.
    pub(super) line: u32,
    /// The file ends inside it.
    pub(super) cut: bool,
    entries: Vec<ICalendarEntry>,
}

/// Reads what [`super::outline`] made of a file.
pub(super) fn parse(outline: &Outline, notes: &mut Notes) -> Parsed {
    let mut parser = Parser::new(&outline.text);
    let mut begins = outline.begins.iter().copied();
    let mut parsed = Parsed::default();
    loop {
        match parser.entry() {
            Entry::ICalendar(calendar) => {
                for component in calendar.components {
                    let begin = begins.next().unwrap_or(Begin { line: 0, cut: false });
                    parsed.take(&component.component_type, Component::new(begin, component.entries));
                }
            }
            Entry::InvalidLine(line) => notes.add(NoteKind::InvalidLine, None, Some(&line)),
            Entry::Eof => return parsed,
            _ => {}
        }
    }
}

impl Parsed {
    /// An observance comes after its zone: the outline lets it stand nowhere else.
    fn take(&mut self, kind: &ICalendarComponentType, component: Component) {
        match kind {
            ICalendarComponentType::VCalendar => self.calendars.push(component),
            ICalendarComponentType::VEvent => self.events.push(component),
            ICalendarComponentType::VTimezone => self.zones.push((component, Vec::new())),
            ICalendarComponentType::Standard | ICalendarComponentType::Daylight => {
                if let Some((_, observances)) = self.zones.last_mut() {
                    observances.push(component);
                }
            }
            _ => {}
        }
    }

    /// The first of these properties that a calendar of the file has.
    pub(super) fn calendar_text(&self, names: &[&str]) -> Option<Cow<'_, str>> {
        names
            .iter()
            .find_map(|name| self.calendars.iter().find_map(|calendar| calendar.text(name)))
    }
}

impl Component {
    fn new(begin: Begin, entries: Vec<ICalendarEntry>) -> Self {
        Self {
            line: begin.line,
            cut: begin.cut,
            entries,
        }
    }

    /// The properties of this name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = Property<'_>> {
        self.entries
            .iter()
            .filter(move |entry| entry.name.as_str() == name)
            .map(Property)
    }

    /// The first property of this name that has a value.
    pub(super) fn first(&self, name: &str) -> Option<Property<'_>> {
        self.all(name).find(|property| !property.0.values.is_empty())
    }

    /// The text of the first property of this name, if it is not blank.
    pub(super) fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.all(name).find_map(Property::text)
    }

    /// The first date of this name, if there is one.
    pub(super) fn stamp(&self, name: &str) -> Option<Result<Stamp<'_>, Unreadable>> {
        self.first(name).and_then(|property| property.stamps().next())
    }
}

/// A value that should be a date and is none, or one that does not exist.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unreadable(pub(super) String);

/// A property: parameters and values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Property<'a>(&'a ICalendarEntry);

impl<'a> Property<'a> {
    /// Its value as one text, trimmed; `None` where it is blank. Names that the parser does not know are split at
    /// semicolons; they are put together again.
    pub(super) fn text(self) -> Option<Cow<'a, str>> {
        let text = match self.0.values.as_slice() {
            [one] => text_of(one)?,
            many => many.iter().filter_map(text_of).collect::<Vec<_>>().join(";").into(),
        };
        let trimmed = text.trim();
        match trimmed.len() {
            0 => None,
            length if length == text.len() => Some(text),
            _ => Some(trimmed.to_owned().into()),
        }
    }

    /// Its values, each as a text.
    pub(super) fn texts(self) -> impl Iterator<Item = Cow<'a, str>> {
        self.0.values.iter().filter_map(text_of)
    }

    /// Its values as dates.
    pub(super) fn stamps(self) -> impl Iterator<Item = Result<Stamp<'a>, Unreadable>> {
        let tzid = self.parameter(&ICalendarParameterName::Tzid);
        self.0
            .values
            .iter()
            .map(move |value| Stamp::of(value, tzid).ok_or_else(|| Unreadable(as_written(value))))
    }

    /// Its values.
    pub(super) fn values(self) -> &'a [ICalendarValue] {
        &self.0.values
    }

    /// The text of a parameter.
    pub(super) fn parameter(self, name: &ICalendarParameterName) -> Option<&'a str> {
        self.0.parameters(name).find_map(|value| value.as_text())
    }
}

/// A date that was not read, for people.
fn as_written(value: &ICalendarValue) -> String {
    let ICalendarValue::PartialDateTime(date) = value else {
        return text_of(value).unwrap_or_default().trim().to_owned();
    };
    let part = |number: Option<u8>| number.unwrap_or(0);
    let day = format!(
        "{:04}-{:02}-{:02}",
        date.year.unwrap_or(0),
        part(date.month),
        part(date.day)
    );
    match (date.hour, date.minute) {
        (Some(hour), Some(minute)) => format!("{day} {hour:02}:{minute:02}"),
        _ => day,
    }
}

fn text_of(value: &ICalendarValue) -> Option<Cow<'_, str>> {
    match value {
        ICalendarValue::Integer(number) => Some(number.to_string().into()),
        ICalendarValue::Float(number) => Some(number.to_string().into()),
        other => other.as_text().map(Cow::Borrowed),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::outline::outline, *};

    fn read(text: &str) -> Parsed {
        let mut notes = Notes::default();
        parse(&outline(text.as_bytes(), &mut notes), &mut notes)
    }

    #[test]
    fn components_know_their_lines_and_observances_their_zone() {
        let parsed = read(
            "BEGIN:VCALENDAR\nX-WR-CALNAME:Fêtes; soupes\\, etc.\nBEGIN:VTIMEZONE\nTZID:a\nBEGIN:STANDARD\nTZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\nEND:VEVENT\nEND:VCALENDAR\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY: a\\nb \nEND:VEVENT\nEND:VCALENDAR",
        );
        assert_eq!(
            parsed.calendar_text(&["NAME", "X-WR-CALNAME"]).unwrap(),
            "Fêtes; soupes, etc."
        );
        assert_eq!(parsed.zones[0].1[0].line, 5);
        assert_eq!(
            parsed.events.iter().map(|event| event.line).collect::<Vec<_>>(),
            [9, 13]
        );
        assert_eq!(parsed.events[1].text("SUMMARY").unwrap(), "a\nb");
        assert_eq!(parsed.events[1].text("LOCATION"), None);
    }

    #[test]
    fn encoded_texts_of_old_calendars_are_decoded() {
        let parsed = read(
            "BEGIN:VCALENDAR\nVERSION:1.0\nBEGIN:VEVENT\nSUMMARY;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:F=C3=AAte =\nde la soupe\nEND:VEVENT\nEND:VCALENDAR",
        );
        assert_eq!(parsed.events[0].text("SUMMARY").unwrap(), "Fête de la soupe");
    }
}
