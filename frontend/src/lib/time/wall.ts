/**
 * Wall-clock moments, "2026-12-05T18:00:00": what a clock and a calendar on the wall of the place show.
 * Days are counted, never hours: nothing here knows a time zone.
 */

export interface Wall {
  /** "2026-12-05T18:00:00", or a day, "2026-12-05". */
  text: string;
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  /** 0 is Sunday. */
  weekday: number;
}

const DAY_MS = 86_400_000;
const midnightOf = (text: string) => Date.parse(`${dayOf(text)}T00:00:00Z`);

export function wall(text: string): Wall {
  const number = (from: number, to: number) => Number(text.slice(from, to));
  const [year, month, day] = [number(0, 4), number(5, 7), number(8, 10)];
  return {
    text,
    year,
    month,
    day,
    hour: number(11, 13),
    minute: number(14, 16),
    weekday: weekdayOf(year, month, day),
  };
}

/** Zeller's congruence, with Sunday as 0. */
function weekdayOf(year: number, month: number, day: number): number {
  const [y, m] = month < 3 ? [year - 1, month + 12] : [year, month];
  const century = Math.trunc(y / 100);
  const days =
    day + Math.trunc((13 * (m + 1)) / 5) + y + Math.trunc(y / 4) - century + Math.trunc(century / 4);
  return (days + 6) % 7;
}

/** The day of a moment, "2026-12-05". */
export const dayOf = (text: string): string => text.slice(0, 10);

export function addDays(day: string, days: number): string {
  return new Date(midnightOf(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/** How many midnights lie between two moments; negative where the second is earlier. */
export function daysBetween(from: string, to: string): number {
  return Math.round((midnightOf(to) - midnightOf(from)) / DAY_MS);
}
