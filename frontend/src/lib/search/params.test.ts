import { describe, expect, test } from 'vitest';
import { readSubject } from '#lib/feed/subject.ts';
import { pageCount, pageNumber, withQuery } from '#lib/ui/pages.ts';
import { isNarrowed, readSearch, toFeedQuery, toVariables } from './params.ts';

const NOW = '2027-06-11T11:00:00';
const read = (query: string) => readSearch(new URLSearchParams(query));

describe('a search', () => {
  test('without a choice lists what is coming, by day', () => {
    const search = read('q=&near=&km=25&when=&from=&to=');
    expect(isNarrowed(search)).toBe(false);
    expect(toVariables(search, NOW)).toMatchObject({
      term: '',
      near: null,
      fromDay: '2027-06-11',
      toDay: null,
      sort: 'START_TIME_ASC',
      page: 1,
      limit: 30,
    });
  });

  test('reads every choice', () => {
    const query = 'q=soupe&near=Lyon&km=10&when=weekend&category=FOOD_DRINK&tags=a,b&online=1&lang=fr&page=3';
    expect(toVariables(read(query), NOW)).toEqual({
      term: 'soupe',
      near: 'Lyon',
      radius: 10,
      fromDay: '2027-06-11',
      toDay: '2027-06-13',
      categories: ['FOOD_DRINK'],
      tags: 'a,b',
      type: 'ONLINE',
      languages: ['fr'],
      sort: 'MATCH_DESC',
      page: 3,
      limit: 30,
      past: false,
    });
  });

  test.each([
    'when=someday',
    'from=2027-02-30&to=yesterday',
    'category=ANYTHING',
    'km=-3&page=0',
    'page=1e9',
    'lang=%22%3E',
    'online=no',
  ])('leaves out the nonsense of %s', (query) => {
    expect(toVariables(read(query), NOW)).toEqual(toVariables(read(''), NOW));
  });

  test('puts days right that stand in the wrong order', () => {
    const days = { from: '2027-07-01', to: '2027-08-01' };
    expect(read('from=2027-08-01&to=2027-07-01')).toMatchObject(days);
    expect(read('from=2027-07-01&to=2027-08-01')).toMatchObject(days);
  });

  test('of the past comes latest first and has no beginning', () => {
    expect(toVariables(read('when=past'), NOW)).toMatchObject({
      fromDay: null,
      toDay: null,
      past: true,
      sort: 'START_TIME_DESC',
    });
    expect(toVariables(read('to=2026-01-31'), NOW)).toMatchObject({ fromDay: null, sort: 'START_TIME_DESC' });
  });

  test('takes a day for granted over a period', () => {
    const variables = toVariables(read('when=week&from=2027-07-01&to=2027-07-02'), NOW);
    expect(variables).toMatchObject({ fromDay: '2027-07-01', toDay: '2027-07-02' });
  });

  test('takes no text without end', () => {
    expect(read(`q=${'a'.repeat(5000)}`).words).toHaveLength(100);
  });

  test('becomes a feed without its days', () => {
    const query = 'q=crêpes&near=Lyon&km=10&when=weekend&category=MUSIC&page=2';
    expect(toFeedQuery(read(query))).toBe('q=cr%C3%AApes&near=Lyon&km=10&categories=MUSIC');
    expect(toFeedQuery(read('when=weekend'))).toBe('');
  });
});

describe('what one subscribes to', () => {
  const subject = (query: string) => readSubject(new URLSearchParams(query));
  const place = '0190a000-0000-7000-8000-000000000901';

  test.each([
    ['', { kind: 'site' }],
    ['of=@pentes', { kind: 'profile', name: 'pentes' }],
    ['tag=repas-partage', { kind: 'tag', slug: 'repas-partage' }],
    [`place=${place}`, { kind: 'place', id: place }],
    ['place=nowhere', { kind: 'site' }],
    [
      'search=1&q=soupe&categories=MUSIC',
      { kind: 'search', words: 'soupe', query: 'q=soupe&categories=MUSIC' },
    ],
  ])('%j', (query, expected) => {
    expect(subject(query)).toEqual(expected);
  });
});

describe('pages of a list', () => {
  test('are numbered from 1', () => {
    expect([null, '1', '2', '0', '-1', '1.5', 'x', '99999'].map(pageNumber)).toEqual([
      1, 1, 2, 1, 1, 1, 1, 1,
    ]);
    expect([0, 1, 30, 31, 1000].map(pageCount)).toEqual([1, 1, 1, 2, 34]);
  });

  test('keep the query, drop what is empty and the page of another list', () => {
    const search = new URLSearchParams('q=a+b&near=&page=4&when=today');
    expect(withQuery('/search', search, { when: null })).toBe('/search?q=a+b');
    expect(withQuery('/search', search, { page: '2' })).toBe('/search?q=a+b&when=today&page=2');
    expect(withQuery('/x', new URLSearchParams(), { page: null })).toBe('/x');
  });
});
