/** The shape of a language's table of dates, and how a pattern is filled. No arithmetic of zones: the API did it. */

import type { Wall } from './wall.ts';

/** The sign that stands for a field in a pattern; 16 more for the end of a range. */
export const FIELDS = { weekday: 1, day: 2, month: 3, year: 4, hour: 5, minute: 6 };

const SIGNS = /[\u0001-\u0006\u0011-\u0016]/g;

export interface DateNames {
  /** From Sunday on. */
  longWeekdays: string[];
  shortWeekdays: string[];
  longMonths: string[];
  shortMonths: string[];
  /** What stands for the day 1. */
  firstDay: string;
  /** Patterns: text with one sign (see FIELDS) for each field. */
  date: string;
  dateWithoutYear: string;
  dayAndMonth: string;
  /** Of two days in one month, in one year, in two years. */
  ranges: [day: string, month: string, year: string];
  time: string;
  /** A time on the hour. */
  fullHour: string;
  twoDigitHours: boolean;
}

/** Fills a pattern with the fields of one moment, or of two. */
export function fill(names: DateNames, pattern: string, begin: Wall, end: Wall = begin): string {
  return pattern.replace(SIGNS, (sign) => {
    const code = sign.charCodeAt(0);
    return field(names, code & 15, code > 16 ? end : begin);
  });
}

function field(names: DateNames, sign: number, wall: Wall): string {
  switch (sign) {
    case FIELDS.weekday:
      return names.longWeekdays[wall.weekday] ?? '';
    case FIELDS.day:
      return wall.day === 1 ? names.firstDay : String(wall.day);
    case FIELDS.month:
      return names.longMonths[wall.month - 1] ?? '';
    case FIELDS.year:
      return String(wall.year);
    case FIELDS.hour:
      return String(wall.hour).padStart(names.twoDigitHours ? 2 : 1, '0');
    default:
      return String(wall.minute).padStart(2, '0');
  }
}
