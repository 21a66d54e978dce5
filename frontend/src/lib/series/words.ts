/** A rule of repetition in words: "every second Tuesday, until 12 June 2027". */

import type { RuleFragment, Weekday } from '#lib/graphql/generated/graphql.ts';
import type { I18n } from '#lib/i18n/index.ts';

const WEEKDAYS: Weekday[] = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

/** By position in the month; a negative one counts from its end. */
const POSITIONS: Record<number, string> = {
  1: 'first',
  2: 'second',
  3: 'third',
  4: 'fourth',
  5: 'fifth',
  [-1]: 'last',
};

type Words = Pick<I18n, 't' | 'dates'>;

/** Nothing where the rule is too particular for a sentence: its dates say it better. */
export function ruleInWords(words: Words, rule: RuleFragment, begin: string): string | undefined {
  const repeated = repetition(words, rule, begin);
  if (!repeated) return undefined;
  const { t, dates } = words;
  if (rule.until) return t('recurrence.until', { rule: repeated, day: dates.date(rule.until) });
  if (rule.count) return t('recurrence.times', { rule: repeated, count: rule.count });
  return repeated;
}

function repetition(words: Words, rule: RuleFragment, begin: string): string | undefined {
  switch (rule.frequency) {
    case 'DAILY':
      return rule.weekdays.length ? undefined : words.t('recurrence.daily', { n: rule.interval });
    case 'WEEKLY':
      return weekly(words, rule, begin);
    case 'MONTHLY':
      return monthly(words, rule, begin);
    case 'YEARLY':
      return yearly(words, rule, begin);
  }
}

const weekdayOf = ({ dates }: Words, day: Weekday): string => dates.weekdayName(WEEKDAYS.indexOf(day));

/** "Monday, Tuesday and Friday" */
function join({ t }: Words, parts: string[]): string {
  const [last, ...before] = [...parts].reverse();
  if (!before.length) return last ?? '';
  return t('recurrence.and', { before: before.reverse().join(', '), last: last ?? '' });
}

function weekly(words: Words, { interval, weekdays }: RuleFragment, begin: string): string {
  const sunday = new Date(`${begin.slice(0, 10)}T00:00:00Z`).getUTCDay();
  const names = weekdays.length
    ? weekdays.map(({ day }) => weekdayOf(words, day))
    : [words.dates.weekdayName(sunday)];
  const [only, ...more] = names;
  return more.length
    ? words.t('recurrence.weekly_days', { n: interval, days: join(words, names) })
    : words.t('recurrence.weekly_day', { n: interval, day: only ?? '' });
}

function monthly(words: Words, rule: RuleFragment, begin: string): string | undefined {
  const { interval, weekdays, monthDays, months } = rule;
  if (months.length || (weekdays.length && monthDays.length)) return undefined;
  if (weekdays.length) {
    const which = ordinalDays(words, weekdays);
    return which && words.t('recurrence.monthly', { n: interval, which });
  }
  const days = monthDays.length ? monthDays : [Number(begin.slice(8, 10))];
  const which = monthDay(words, days);
  return which && words.t('recurrence.monthly', { n: interval, which });
}

/** "the first and third Tuesday" where there is one day only, else "the first Monday and the last Friday". */
function ordinalDays(words: Words, weekdays: RuleFragment['weekdays']): string | undefined {
  const parts: string[] = [];
  for (const { day, position } of weekdays) {
    const ordinal = POSITIONS[position ?? 0];
    if (!ordinal) return undefined;
    parts.push(words.t('recurrence.ordinal_day', { position: ordinal, day: weekdayOf(words, day) }));
  }
  return join(words, parts);
}

function monthDay(words: Words, days: number[]): string | undefined {
  if (days.some((day) => day < -1 || day === 0)) return undefined;
  const parts = days.map((day) =>
    day === -1 ? words.t('recurrence.last_day') : words.t('recurrence.day_of_month', { day }),
  );
  return join(words, parts);
}

function yearly(words: Words, rule: RuleFragment, begin: string): string | undefined {
  const { interval, weekdays, monthDays, months } = rule;
  if (months.length > 1 || monthDays.length > 1) return undefined;
  const month = months[0] ?? Number(begin.slice(5, 7));
  if (weekdays.length) {
    const which = ordinalDays(words, weekdays);
    if (!which || !months.length) return undefined;
    return words.t('recurrence.yearly_ordinal', { n: interval, which, month: words.dates.monthName(month) });
  }
  const day = monthDays[0] ?? Number(begin.slice(8, 10));
  if (day < 1) return undefined;
  const date = `2024-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
  return words.t('recurrence.yearly', { n: interval, day: words.dates.dayAndMonth(date) });
}
