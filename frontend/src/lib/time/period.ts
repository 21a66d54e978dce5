/** The days that "this weekend" means on a given day. */

import { addDays, dayOf, wall } from './wall.ts';

export const PERIODS = ['today', 'tomorrow', 'weekend', 'week', 'month', 'past'] as const;

export type PeriodName = (typeof PERIODS)[number];

/** Days, both included; an absent one is open. */
export interface Period {
  from: string | null;
  to: string | null;
}

export function period(name: PeriodName, now: string): Period {
  const today = dayOf(now);
  switch (name) {
    case 'today':
      return { from: today, to: today };
    case 'tomorrow':
      return { from: addDays(today, 1), to: addDays(today, 1) };
    case 'weekend':
      return weekend(today);
    case 'week':
      return { from: today, to: addDays(today, 6) };
    case 'month':
      return { from: today, to: addDays(today, 30) };
    case 'past':
      // Not until yesterday: what is over by the minute, and not what still goes on. The API tells.
      return { from: null, to: null };
  }
}

/** From Friday to Sunday; on those days, what is left of it. */
function weekend(today: string): Period {
  const { weekday } = wall(today);
  const sunday = addDays(today, weekday === 0 ? 0 : 7 - weekday);
  const friday = addDays(sunday, -2);
  return { from: friday > today ? friday : today, to: sunday };
}

export const isPeriodName = (text: string | null): text is PeriodName =>
  PERIODS.some((name) => name === text);
