import { describe, expect, test } from 'vitest';
import { i18n } from '#lib/i18n/index.ts';
import { byDay, byMonth, GOING_ON } from './days.ts';
import { dataBlock, withOffset } from './linked-data.ts';
import { hoursInWords, lastDay, standing, whenInWords, type Moment } from './when.ts';

const [en, fr] = [i18n('en'), i18n('fr')];
const plain = (text: string) => text.replace(/\s/g, ' ');

/** In a summer of Paris. */
function moment(begins: string, ends: string | null = null, more: Partial<Moment> = {}): Moment {
  const instant = (local: string) => new Date(Date.parse(`${local}Z`) - 7_200_000).toISOString();
  return {
    beginsOn: instant(begins),
    endsOn: ends && instant(ends),
    beginsOnLocal: begins,
    endsOnLocal: ends,
    allDay: false,
    ...more,
  };
}

const whole = { allDay: true };

describe('when', () => {
  test.each([
    [
      moment('2027-06-12T12:00:00', '2027-06-12T22:00:00'),
      'Saturday, 12 June 2027, 12:00 – 22:00',
      'samedi 12 juin 2027, de 12 h à 22 h',
    ],
    [moment('2027-06-12T20:30:00'), 'Saturday, 12 June 2027, 20:30', 'samedi 12 juin 2027 à 20 h 30'],
    [
      moment('2027-06-19T22:00:00', '2027-06-20T04:00:00'),
      'Saturday, 19 June 2027, 22:00 – 4:00',
      'samedi 19 juin 2027, de 22 h à 4 h',
    ],
    [
      moment('2027-06-19T22:00:00', '2027-06-20T00:00:00'),
      'Saturday, 19 June 2027, 22:00 – 0:00',
      'samedi 19 juin 2027, de 22 h à 0 h',
    ],
    [
      moment('2027-06-21T00:00:00', '2027-06-22T00:00:00', whole),
      'Monday, 21 June 2027',
      'lundi 21 juin 2027',
    ],
    [moment('2027-06-21T00:00:00', null, whole), 'Monday, 21 June 2027', 'lundi 21 juin 2027'],
    [
      moment('2027-06-18T00:00:00', '2027-06-21T00:00:00', whole),
      'Friday 18 – Sunday 20 June 2027',
      'vendredi 18 – dimanche 20 juin 2027',
    ],
    [
      moment('2027-06-26T10:00:00', '2027-06-27T17:00:00'),
      'Saturday, 26 June 2027, 10:00 – Sunday, 27 June 2027, 17:00',
      'Du samedi 26 juin 2027, 10 h au dimanche 27 juin 2027, 17 h',
    ],
    [
      moment('2027-06-12T12:00:00', '2027-06-12T22:00:00', {
        options: { showStartTime: true, showEndTime: false },
      }),
      'Saturday, 12 June 2027, 12:00',
      'samedi 12 juin 2027 à 12 h',
    ],
    [
      moment('2027-06-12T12:00:00', '2027-06-12T22:00:00', {
        options: { showStartTime: false, showEndTime: true },
      }),
      'Saturday, 12 June 2027',
      'samedi 12 juin 2027',
    ],
  ])('%# is told in both languages', (event, english, french) => {
    expect(plain(whenInWords(en, event)).replace('Friday 18 June', 'Friday 18')).toBe(english);
    expect(plain(whenInWords(fr, event))).toBe(french);
  });

  test('a ticket tells hours, a whole day, or the last day', () => {
    expect(plain(hoursInWords(fr, moment('2027-06-12T12:00:00', '2027-06-12T22:00:00')))).toBe('12 h – 22 h');
    expect(hoursInWords(fr, moment('2027-06-21T00:00:00', '2027-06-22T00:00:00', whole))).toBe(
      'toute la journée',
    );
    expect(hoursInWords(en, moment('2027-06-18T00:00:00', '2027-06-21T00:00:00', whole))).toBe(
      'until 20 June',
    );
  });

  test('an end before the beginning changes nothing', () => {
    expect(lastDay(moment('2027-06-12T12:00:00', '2027-06-11T12:00:00'))).toBe('2027-06-12');
    expect(lastDay(moment('2027-06-12T00:00:00', '2027-06-12T00:00:00', whole))).toBe('2027-06-12');
  });
});

describe('standing', () => {
  const evening = moment('2027-06-12T20:00:00', '2027-06-12T23:00:00');
  const open = moment('2027-06-12T20:00:00');
  const day = moment('2027-06-12T00:00:00', null, whole);

  test.each([
    [evening, '2027-06-12T17:59:59Z', 'coming'],
    [evening, '2027-06-12T18:00:00Z', 'running'],
    [evening, '2027-06-12T21:00:00Z', 'past'],
    [open, '2027-06-12T20:59:00Z', 'running'],
    [open, '2027-06-12T21:00:00Z', 'past'],
    [day, '2027-06-12T21:59:00Z', 'running'],
    [day, '2027-06-12T22:00:00Z', 'past'],
  ] as const)('%# compares instants', (event, instant, expected) => {
    expect(standing(event, instant)).toBe(expected);
  });
});

test('events come under their days, and what goes on comes by itself', () => {
  const begins = (beginsOnLocal: string) => ({ beginsOnLocal });
  const list = [
    '2027-05-20T00:00:00',
    '2027-06-11T18:00:00',
    '2027-06-11T20:00:00',
    '2027-06-12T10:00:00',
  ].map(begins);
  const days = byDay(list, '2027-06-11');
  expect(days.map(([day, events]) => [day, events.length])).toEqual([
    [GOING_ON, 1],
    ['2027-06-11', 2],
    ['2027-06-12', 1],
  ]);
  expect(byDay(list.slice(0, 1), '2027-06-11', true)[0]?.[0]).toBe('2027-05-20');
});

test('dates of a series come under their months, of each year by themselves', () => {
  const list = ['2027-11-06T14:00:00', '2027-11-13T14:00:00', '2027-12-04T14:00:00', '2028-11-04T14:00:00'];
  const months = byMonth(list.map((beginsOnLocal) => ({ beginsOnLocal })));
  expect(months.map(([begin, events]) => [begin.slice(0, 7), events.length])).toEqual([
    ['2027-11', 2],
    ['2027-12', 1],
    ['2028-11', 1],
  ]);
});

describe('linked data', () => {
  test('tells how far a wall clock is from UTC', () => {
    expect(withOffset('2027-06-12T20:00:00', '2027-06-12T18:00:00Z')).toBe('2027-06-12T20:00:00+02:00');
    expect(withOffset('2027-06-12T15:00:00', '2027-06-12T19:00:00Z')).toBe('2027-06-12T15:00:00-04:00');
    expect(withOffset('2027-06-12T05:45:00', '2027-06-12T00:00:00Z')).toBe('2027-06-12T05:45:00+05:45');
    expect(withOffset('2027-06-12T20:00:00', null)).toBe('2027-06-12T20:00:00');
  });

  test('cannot be left by what somebody wrote', () => {
    const block = dataBlock({ name: '</script><script>alert(1)</script><!--' });
    expect(block.match(/<\/?script/g)).toHaveLength(2);
    expect(block).not.toContain('<!--');
  });
});
