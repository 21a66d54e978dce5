/** Puts a list of events under the days on which they begin. */

import { dayOf } from '#lib/time/wall.ts';

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
