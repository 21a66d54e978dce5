import { describe, expect, test } from 'vitest';
import { LOCALES, type Locale } from '#lib/i18n/locale.ts';
import { datesIn, languageName } from './index.ts';
import { period } from './period.ts';
import { addDays, daysBetween, wall } from './wall.ts';

/** Where the words come from: see `tools/dates.ts`. */
const CLDR: Record<Locale, string> = { en: 'en-GB', fr: 'fr' };
const CLDR_TIME: Record<Locale, string> = { en: 'en-GB', fr: 'fr-CA' };

const LONG = { weekday: 'long', day: 'numeric', month: 'long' } as const;

/** Every eleventh day of five years, leap day and turns of years among them, at all sorts of hours. */
const MOMENTS = Array.from({ length: 170 }, (_, i) => {
  const day = addDays('2024-02-29', i * 11);
  const hour = String((i * 7) % 24).padStart(2, '0');
  const minute = String((i * 13) % 60).padStart(2, '0');
  return `${day}T${hour}:${minute}:00`;
});

/** A space that may not be broken is a space; and the first of the month is an ordinal in French, not in CLDR. */
const plain = (text: string) => text.replace(/\s/g, ' ');
const ordinal = (text: string, locale: Locale) =>
  locale === 'fr' ? text.replace(/\b1 (?=\p{L}|–)/gu, '1er ') : text;

function intl(locale: string, options: Intl.DateTimeFormatOptions) {
  const format = new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
  return (text: string) => plain(format.format(new Date(`${text}Z`)));
}

describe.each(LOCALES)('dates in %s are those of CLDR', (locale) => {
  const dates = datesIn(locale);

  test('with and without the year', () => {
    const withYear = intl(CLDR[locale], { ...LONG, year: 'numeric' });
    const without = intl(CLDR[locale], LONG);
    const short = intl(CLDR[locale], { day: 'numeric', month: 'long' });
    for (const moment of MOMENTS) {
      expect(plain(dates.date(moment))).toBe(ordinal(withYear(moment), locale));
      expect(plain(dates.dateWithoutYear(moment))).toBe(ordinal(without(moment), locale));
      expect(plain(dates.dayAndMonth(moment))).toBe(ordinal(short(moment), locale));
    }
  });

  test('weekdays and months, long and short', () => {
    for (const moment of MOMENTS) {
      const { weekday, month } = wall(moment);
      expect(dates.weekdayName(weekday)).toBe(intl(CLDR[locale], { weekday: 'long' })(moment));
      expect(dates.shortWeekday(moment)).toBe(intl(CLDR[locale], { weekday: 'short' })(moment));
      expect(dates.monthName(month)).toBe(intl(CLDR[locale], { month: 'long' })(moment));
      expect(dates.shortMonth(moment)).toBe(intl(CLDR[locale], { month: 'short' })(moment));
    }
  });

  test('hours, on the hour and between', () => {
    const minutes = intl(CLDR_TIME[locale], { hour: 'numeric', minute: '2-digit' });
    const hour = intl(CLDR_TIME[locale], { hour: 'numeric' });
    // CLDR has "8 h 05" but "08 h": we write 8 in both.
    const shortHour = (moment: string) => hour(moment).replace(/^0(?=\d)/, '');
    for (const moment of MOMENTS) {
      const full = locale === 'fr' && wall(moment).minute === 0;
      expect(plain(dates.time(moment))).toBe(full ? shortHour(moment) : minutes(moment));
    }
  });

  test('ranges in a month, a year, two years', () => {
    const format = new Intl.DateTimeFormat(CLDR[locale], { ...LONG, year: 'numeric', timeZone: 'UTC' });
    for (const moment of MOMENTS) {
      for (const days of [1, 3, 17, 60, 400]) {
        const end = `${addDays(moment, days)}T00:00:00`;
        const expected = format.formatRange(new Date(`${moment}Z`), new Date(`${end}Z`));
        expect(plain(dates.range(moment, end))).toBe(ordinal(plain(expected), locale));
      }
    }
  });
});

test('French dates read as people write them', () => {
  const dates = datesIn('fr');
  expect(dates.date('2027-07-01T20:30:00')).toBe('jeudi 1er juillet 2027');
  expect(plain(dates.time('2027-07-01T20:30:00'))).toBe('20 h 30');
  expect(plain(dates.time('2027-07-01T08:05:00'))).toBe('8 h 05');
  expect(plain(dates.time('2027-07-01T20:00:00'))).toBe('20 h');
  expect(plain(dates.range('2027-06-12', '2027-06-14'))).toBe('samedi 12 – lundi 14 juin 2027');
});

test('a zone has a name, and an unknown one its town', () => {
  expect(datesIn('fr').zone('Europe/Brussels')).toBe('heure d’Europe centrale');
  expect(datesIn('en').zone('America/Port_of_Nowhere')).toBe('Port of Nowhere');
});

test('languages are named by themselves', () => {
  expect(languageName('nl')).toBe('Nederlands');
  expect(languageName('fr-BE')).toBe('Français');
  expect(languageName('xx')).toBe('xx');
});

describe('days', () => {
  test('are counted over changes of the clock and leap days', () => {
    expect(addDays('2027-03-27', 1)).toBe('2027-03-28');
    expect(addDays('2028-02-28T23:00:00', 1)).toBe('2028-02-29');
    expect(daysBetween('2027-10-30T23:59:00', '2027-11-01T00:00:00')).toBe(2);
    expect(daysBetween('2027-01-01', '2026-12-31')).toBe(-1);
  });

  test.each([
    ['today', '2027-06-09', '2027-06-09', '2027-06-09'],
    ['tomorrow', '2027-06-30', '2027-07-01', '2027-07-01'],
    ['weekend', '2027-06-09', '2027-06-11', '2027-06-13'],
    ['weekend', '2027-06-11', '2027-06-11', '2027-06-13'],
    ['weekend', '2027-06-12', '2027-06-12', '2027-06-13'],
    ['weekend', '2027-06-13', '2027-06-13', '2027-06-13'],
    ['weekend', '2027-06-14', '2027-06-18', '2027-06-20'],
    ['week', '2027-12-28', '2027-12-28', '2028-01-03'],
    ['past', '2027-06-09', null, null],
  ] as const)('%s on %s is from %s to %s', (name, today, from, to) => {
    expect(period(name, `${today}T10:00:00`)).toEqual({ from, to });
  });
});
