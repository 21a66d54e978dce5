/** Dates in words, from tables made at build time: the engine has no Intl. */

import enNames from 'virtual:dates/en';
import frNames from 'virtual:dates/fr';
import languageNames from 'virtual:languages';
import enZones from 'virtual:zones/en';
import frZones from 'virtual:zones/fr';
import type { Locale } from '#lib/i18n/locale.ts';
import { fill } from './names.ts';
import { wall } from './wall.ts';

export * from './wall.ts';

/** The moment of reading: the instant, and the wall clock of the site then. */
export interface Clock {
  instant: string;
  local: string;
}

/** Each takes wall-clock moments as text, "2026-12-05T18:00:00". */
export interface Dates {
  /** "samedi 5 décembre 2026" */
  date(text: string): string;
  /** "samedi 5 décembre" */
  dateWithoutYear(text: string): string;
  /** "5 décembre" */
  dayAndMonth(text: string): string;
  /** "samedi 5 – lundi 7 décembre 2026" */
  range(from: string, to: string): string;
  /** "18 h 30" */
  time(text: string): string;
  shortWeekday(text: string): string;
  shortMonth(text: string): string;
  /** By number, 0 is Sunday. */
  weekdayName(weekday: number): string;
  monthName(month: number): string;
  /** "heure d’Europe centrale" */
  zone(name: string): string;
}

const NAMES = { en: enNames, fr: frNames };
const ZONES = { en: enZones, fr: frZones };

export function datesIn(locale: Locale): Dates {
  const names = NAMES[locale];
  return {
    date: (text) => fill(names, names.date, wall(text)),
    dateWithoutYear: (text) => fill(names, names.dateWithoutYear, wall(text)),
    dayAndMonth: (text) => fill(names, names.dayAndMonth, wall(text)),
    range(from, to) {
      const [begin, end] = [wall(from), wall(to)];
      const [inMonth, inYear, years] = names.ranges;
      const sameYear = begin.year === end.year;
      return fill(names, sameYear ? (begin.month === end.month ? inMonth : inYear) : years, begin, end);
    },
    time(text) {
      const at = wall(text);
      return fill(names, at.minute === 0 ? names.fullHour : names.time, at);
    },
    shortWeekday: (text) => names.shortWeekdays[wall(text).weekday] ?? '',
    shortMonth: (text) => names.shortMonths[wall(text).month - 1] ?? '',
    weekdayName: (weekday) => names.longWeekdays[weekday] ?? '',
    monthName: (month) => names.longMonths[month - 1] ?? '',
    zone: (name) => ZONES[locale][name] ?? name.split('/').at(-1)?.replaceAll('_', ' ') ?? name,
  };
}

/** A language by its own name, "Nederlands"; its code where we do not know it. */
export const languageName = (code: string): string => languageNames[code.split('-')[0] ?? code] ?? code;
