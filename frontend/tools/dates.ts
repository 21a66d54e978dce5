/**
 * What a language needs to write dates, taken from CLDR (in Node) at build time. The engine has no Intl; with these
 * tables pages, feeds and mails write the same words.
 */

import type { Plugin } from 'vite';
import { FIELDS, type DateNames } from '../src/lib/time/names.ts';
import type { Locale } from './locales.ts';

/** English dates are those of Europe: day before month, 24 hours. */
const CLDR: Record<Locale, string> = { en: 'en-GB', fr: 'fr' };

/** French people write "20 h 30"; CLDR knows it as the Canadian way. */
const CLDR_TIME: Record<Locale, string> = { en: 'en-GB', fr: 'fr-CA' };

/** CLDR has no ordinals in dates; in French the first of the month is one. */
const FIRST_DAY: Record<Locale, string> = { en: '1', fr: '1er' };

const LONG = { weekday: 'long', day: 'numeric', month: 'long' } as const;
const utc = (year: number, month: number, day: number, hour = 13, minute = 7) =>
  new Date(Date.UTC(year, month - 1, day, hour, minute));

/** A time does not go over the end of a line. */
const unbroken = (text: string) => text.replaceAll(/\s/g, '\u00a0');

type Options = Intl.DateTimeFormatOptions;
type Part = Intl.DateTimeFormatPart & { source?: string };

function formatter(locale: string, options: Options) {
  return new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
}

/** The parts of a formatted date as a pattern: one sign for each field, those of a range's end in the second half. */
function pattern(parts: Part[]): string {
  const signs: Partial<Record<Part['type'], number>> = FIELDS;
  return parts
    .map(({ type, value, source }) => {
      const sign = signs[type];
      if (sign === undefined) return value;
      return String.fromCharCode(source === 'endRange' ? sign + 16 : sign);
    })
    .join('');
}

function partOf(locale: string, options: Options, date: Date, type: Part['type']): string {
  return (
    formatter(locale, options)
      .formatToParts(date)
      .find((part) => part.type === type)?.value ?? ''
  );
}

/** A range whose end differs in the day only, in the month, in the year. */
function ranges(locale: string, options: Options): [day: string, month: string, year: string] {
  const from = utc(2023, 5, 17);
  const range = (to: Date) => pattern(formatter(locale, options).formatRangeToParts(from, to));
  return [range(utc(2023, 5, 19)), range(utc(2023, 7, 19)), range(utc(2024, 7, 19))];
}

export function datesFor(locale: Locale): DateNames {
  const [cldr, cldrTime] = [CLDR[locale], CLDR_TIME[locale]];
  const weekdays = Array.from({ length: 7 }, (_, i) => utc(2023, 1, 1 + i)); // 1 January 2023 was a Sunday.
  const months = Array.from({ length: 12 }, (_, i) => utc(2023, 1 + i, 2));
  const sample = utc(2023, 5, 17);
  const minutes = { hour: 'numeric', minute: '2-digit' } as const;
  const patternOf = (tag: string, options: Options) => pattern(formatter(tag, options).formatToParts(sample));
  return {
    longWeekdays: weekdays.map((day) => partOf(cldr, LONG, day, 'weekday')),
    shortWeekdays: weekdays.map((day) => formatter(cldr, { weekday: 'short' }).format(day)),
    longMonths: months.map((month) => partOf(cldr, LONG, month, 'month')),
    shortMonths: months.map((month) => formatter(cldr, { month: 'short' }).format(month)),
    firstDay: FIRST_DAY[locale],
    date: patternOf(cldr, { ...LONG, year: 'numeric' }),
    dateWithoutYear: patternOf(cldr, LONG),
    dayAndMonth: patternOf(cldr, { day: 'numeric', month: 'long' }),
    ranges: ranges(cldr, { ...LONG, year: 'numeric' }),
    time: unbroken(patternOf(cldrTime, minutes)),
    // "20 h", but never a bare "20".
    fullHour: unbroken(patternOf(cldrTime, locale === 'fr' ? { hour: 'numeric' } : minutes)),
    twoDigitHours: partOf(cldrTime, minutes, utc(2023, 1, 1, 9, 5), 'hour').length === 2,
  };
}

/** Names of time zones, "heure d’Europe centrale", by IANA name. */
function zonesFor(locale: Locale): Record<string, string> {
  const options = { timeZoneName: 'longGeneric' } as const;
  const name = (timeZone: string) =>
    new Intl.DateTimeFormat(CLDR[locale], { ...options, timeZone })
      .formatToParts(utc(2023, 1, 1))
      .find((part) => part.type === 'timeZoneName')?.value ?? timeZone;
  return Object.fromEntries(Intl.supportedValuesOf('timeZone').map((zone) => [zone, name(zone)]));
}

/** Names of languages, each in itself: "Nederlands". */
function languages(): Record<string, string> {
  const codes =
    'ar br ca co cs cy da de el en eo es et eu fi fr ga gl hr hu it lb lt lv nl no oc pl pt ro ru sk sl sv tr uk';
  const name = (code: string) => {
    const own = new Intl.DisplayNames(code, { type: 'language' }).of(code) ?? code;
    return own.charAt(0).toLocaleUpperCase(code) + own.slice(1);
  };
  return Object.fromEntries(codes.split(' ').map((code) => [code, name(code)]));
}

/** `virtual:dates/fr`, `virtual:zones/fr`, `virtual:languages`: the tables above. */
export const dates = (): Plugin => ({
  name: 'kermesse-dates',
  resolveId: { filter: { id: /^virtual:(dates\/|zones\/|languages$)/ }, handler: (id) => `\0${id}` },
  load: {
    filter: { id: /^\0virtual:(dates\/|zones\/|languages$)/ },
    handler(id) {
      const [kind, locale] = id.slice('\0virtual:'.length).split('/') as [string, Locale];
      const table = { dates: datesFor, zones: zonesFor, languages }[kind];
      if (!table) throw new Error(`no table of this name: ${kind}`);
      return `export default ${JSON.stringify(table(locale))}`;
    },
  },
});
