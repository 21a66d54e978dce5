import { expect, test } from 'vitest';
import type { RuleFragment } from '#lib/graphql/generated/graphql.ts';
import { i18n } from '#lib/i18n/index.ts';
import { ruleInWords } from './words.ts';

const BEGIN = '2027-06-15T18:00:00'; // a Tuesday
const NONE: RuleFragment = {
  frequency: 'WEEKLY',
  interval: 1,
  weekdays: [],
  monthDays: [],
  months: [],
  until: null,
  count: null,
};
const on = (...days: string[]) =>
  days.map((text) => {
    const [, position, day] = /^(-?\d)?(\w\w)$/.exec(text) ?? [];
    return { day, position: position ? Number(position) : null } as RuleFragment['weekdays'][number];
  });

test.each<[Partial<RuleFragment>, string | undefined, string | undefined]>([
  [{ frequency: 'DAILY' }, 'every day', 'chaque jour'],
  [{ frequency: 'DAILY', interval: 2 }, 'every second day', 'un jour sur deux'],
  [{ frequency: 'DAILY', interval: 3 }, 'every 3 days', 'tous les 3 jours'],
  [{}, 'every Tuesday', 'chaque mardi'],
  [{ weekdays: on('TU'), interval: 2 }, 'every second Tuesday', 'un mardi sur deux'],
  [{ weekdays: on('TU'), interval: 3 }, 'every 3 weeks on Tuesday', 'toutes les 3 semaines, le mardi'],
  [
    { weekdays: on('MO', 'WE', 'FR') },
    'every Monday, Wednesday and Friday',
    'chaque semaine, les lundi, mercredi et vendredi',
  ],
  [
    { weekdays: on('SA', 'SU'), interval: 2 },
    'every second week, on Saturday and Sunday',
    'une semaine sur deux, les samedi et dimanche',
  ],
  [{ frequency: 'MONTHLY' }, 'the 15th of every month', 'le 15 de chaque mois'],
  [{ frequency: 'MONTHLY', monthDays: [1] }, 'the 1st of every month', 'le 1er de chaque mois'],
  [
    { frequency: 'MONTHLY', monthDays: [2, 23] },
    'the 2nd and the 23rd of every month',
    'le 2 et le 23 de chaque mois',
  ],
  [
    { frequency: 'MONTHLY', monthDays: [-1] },
    'the last day of every month',
    'le dernier jour de chaque mois',
  ],
  [
    { frequency: 'MONTHLY', weekdays: on('2TU') },
    'the second Tuesday of every month',
    'le deuxième mardi de chaque mois',
  ],
  [
    { frequency: 'MONTHLY', weekdays: on('1MO', '-1FR'), interval: 2 },
    'the first Monday and the last Friday of every second month',
    'le premier lundi et le dernier vendredi, un mois sur deux',
  ],
  [
    { frequency: 'MONTHLY', weekdays: on('2TU'), interval: 3 },
    'the second Tuesday, every 3 months',
    'le deuxième mardi, tous les 3 mois',
  ],
  [{ frequency: 'YEARLY' }, 'every year on 15 June', 'chaque année, le 15 juin'],
  [{ frequency: 'YEARLY', months: [5], monthDays: [1] }, 'every year on 1 May', 'chaque année, le 1er mai'],
  [
    { frequency: 'YEARLY', months: [6], weekdays: on('-1SU') },
    'every year on the last Sunday of June',
    'chaque année, le dernier dimanche de juin',
  ],
  [
    { until: '2027-12-21' },
    'every Tuesday, until Tuesday, 21 December 2027',
    'chaque mardi, jusqu’au mardi 21 décembre 2027',
  ],
  [{ count: 10 }, 'every Tuesday, 10 times in all', 'chaque mardi, 10 fois en tout'],
  // Too particular for a sentence.
  [{ frequency: 'DAILY', weekdays: on('MO') }, undefined, undefined],
  [{ frequency: 'MONTHLY', weekdays: on('MO') }, undefined, undefined],
  [{ frequency: 'MONTHLY', weekdays: on('-2MO') }, undefined, undefined],
  [{ frequency: 'MONTHLY', monthDays: [-3] }, undefined, undefined],
  [{ frequency: 'YEARLY', months: [1, 7] }, undefined, undefined],
  [{ frequency: 'YEARLY', monthDays: [-1] }, undefined, undefined],
])('%j is “%s”, «%s»', (rule, english, french) => {
  expect(ruleInWords(i18n('en'), { ...NONE, ...rule }, BEGIN)).toBe(english);
  expect(ruleInWords(i18n('fr'), { ...NONE, ...rule }, BEGIN)).toBe(french);
});
