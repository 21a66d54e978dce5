/** When an event is, in words, and how that stands to the moment of reading. Pure: no data, no component. */

import type { EventStatus } from '#lib/graphql/generated/graphql.ts';
import type { I18n } from '#lib/i18n/index.ts';
import { addDays, dayOf, daysBetween, wall } from '#lib/time/wall.ts';

export interface Moment {
  beginsOn: string | null;
  endsOn: string | null;
  beginsOnLocal: string;
  endsOnLocal: string | null;
  allDay: boolean;
  options?: { showStartTime: boolean | null; showEndTime: boolean | null } | null;
}

/** A party until four in the morning is still the evening's. */
const NIGHT_ENDS_AT = 6;

/** How long something lasts that does not say it. */
const ASSUMED_MS = 3 * 3_600_000;

/** Whether hours are told: not for a whole day, nor where the organiser hides them. */
export const showsTime = (event: Pick<Moment, 'allDay' | 'options'>): boolean =>
  !event.allDay && event.options?.showStartTime !== false;

function endOf(event: Moment): string | null {
  const hidden = !event.allDay && event.options?.showEndTime === false;
  return hidden ? null : event.endsOnLocal;
}

/** The last day: the end of a whole day is the first moment after it, and a night belongs to its evening. */
export function lastDay(event: Moment): string {
  const first = dayOf(event.beginsOnLocal);
  const end = endOf(event);
  if (!end) return first;
  const beforeMorning = wall(end).hour < NIGHT_ENDS_AT && daysBetween(first, end) === 1;
  const dayBefore = event.allDay || beforeMorning || wall(end).text.endsWith('T00:00:00');
  const last = dayBefore ? addDays(end, -1) : dayOf(end);
  return last > first ? last : first;
}

export const lastsDays = (event: Moment): boolean => lastDay(event) > dayOf(event.beginsOnLocal);

/** "samedi 12 juin 2027, de 12 h à 22 h" */
export function whenInWords({ t, dates }: I18n, event: Moment): string {
  const { beginsOnLocal: begin } = event;
  const end = endOf(event);
  if (lastsDays(event)) {
    if (!showsTime(event) || !end) return dates.range(begin, lastDay(event));
    return t('event.from_to', {
      from: t('event.day_time', { day: dates.date(begin), time: dates.time(begin) }),
      to: t('event.day_time', { day: dates.date(end), time: dates.time(end) }),
    });
  }
  if (!showsTime(event)) return dates.date(begin);
  if (!end) return t('event.day_at', { day: dates.date(begin), time: dates.time(begin) });
  return t('event.day_between', { day: dates.date(begin), from: dates.time(begin), to: dates.time(end) });
}

/** For a ticket, where the day stands beside: "12 h – 22 h". */
export function hoursInWords({ t, dates }: I18n, event: Moment): string {
  if (lastsDays(event)) return t('event.until', { day: dates.dayAndMonth(lastDay(event)) });
  if (!showsTime(event)) return t('event.all_day');
  const from = dates.time(event.beginsOnLocal);
  const end = endOf(event);
  return end ? t('event.hours', { from, to: dates.time(end) }) : from;
}

export type Standing = 'coming' | 'running' | 'past';

/** Compares instants: the zone of the event may be another than the site's. */
export function standing(event: Moment, instant: string): Standing {
  const now = Date.parse(instant);
  const begin = Date.parse(event.beginsOn ?? `${event.beginsOnLocal}Z`);
  const wallLength =
    Date.parse(`${addDays(lastDay(event), 1)}T00:00:00Z`) - Date.parse(`${event.beginsOnLocal}Z`);
  const end = event.endsOn ? Date.parse(event.endsOn) : begin + (event.allDay ? wallLength : ASSUMED_MS);
  if (now < begin) return 'coming';
  return now < end ? 'running' : 'past';
}

/** "Today", "Tomorrow", "In 3 days", for the near future only. */
export function nearness({ t }: I18n, day: string, today: string): string {
  const days = daysBetween(today, day);
  if (days === 0) return t('event.today');
  if (days === 1) return t('event.tomorrow');
  return days > 1 && days < 15 ? t('event.in_days', { count: days }) : '';
}

/** What a list says of an event that does not go as announced. */
export const isOff = (status: EventStatus | null): boolean => status === 'CANCELLED';
