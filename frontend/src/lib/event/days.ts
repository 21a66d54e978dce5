/** Puts a list of events under the days, or the months, in which they begin. */

import { dayOf, wall } from '#lib/time/wall.ts';

/** The day of what has begun before today and still goes on. */
export const GOING_ON = '';

/** Days in the order of the list; unless `past`, what began before `today` comes under `GOING_ON`. */
export function byDay<E extends { beginsOnLocal: string }>(
  events: readonly E[],
  today: string,
  past = false,
): [day: string, events: E[]][] {
  const days = new Map<string, E[]>();
  for (const event of events) {
    const begins = dayOf(event.beginsOnLocal);
    const day = !past && begins < today ? GOING_ON : begins;
    const sameDay = days.get(day);
    if (sameDay) sameDay.push(event);
    else days.set(day, [event]);
  }
  return [...days];
}

/** Months in the order of the list, each as the first moment of its first event. */
export function byMonth<E extends { beginsOnLocal: string }>(
  events: readonly E[],
): [begin: string, events: E[]][] {
  const months = new Map<number, [begin: string, events: E[]]>();
  for (const event of events) {
    const { year, month } = wall(event.beginsOnLocal);
    const key = 12 * year + month;
    const sameMonth = months.get(key);
    if (sameMonth) sameMonth[1].push(event);
    else months.set(key, [event.beginsOnLocal, [event]]);
  }
  return [...months.values()];
}
