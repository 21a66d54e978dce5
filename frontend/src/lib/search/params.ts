/** What a reader searches for, as it stands in the address: read, checked, asked of the API, written back. */

import { isCategory } from '#lib/event/category.ts';
import type { EventCategory, SearchPageQueryVariables } from '#lib/graphql/generated/graphql.ts';
import { isPeriodName, period, type PeriodName } from '#lib/time/period.ts';
import { dayOf } from '#lib/time/wall.ts';
import { PAGE_SIZE, pageNumber } from '#lib/ui/pages.ts';

export const DISTANCES = [5, 10, 25, 50, 100] as const;
const USUAL_DISTANCE = 25;
const LONGEST_TEXT = 100;

export interface Search {
  words: string;
  near: string;
  km: number;
  when: PeriodName | null;
  from: string | null;
  to: string | null;
  category: EventCategory | null;
  tags: string;
  online: boolean;
  language: string | null;
  page: number;
}

/** Reads an address. What makes no sense is left out: an old link still finds something. */
export function readSearch(query: URLSearchParams): Search {
  const text = (name: string) => (query.get(name) ?? '').trim().slice(0, LONGEST_TEXT);
  const when = query.get('when');
  const category = query.get('category');
  const km = Number(query.get('km'));
  // Days in the wrong order are put right.
  const [from, to] = inOrder(day(query.get('from')), day(query.get('to')));
  return {
    words: text('q'),
    near: text('near'),
    km: Number.isInteger(km) && km >= 1 && km <= 500 ? km : USUAL_DISTANCE,
    when: isPeriodName(when) ? when : null,
    from,
    to,
    category: isCategory(category) ? category : null,
    tags: text('tags'),
    online: ['1', 'on', 'true'].includes(query.get('online') ?? ''),
    language: /^[a-z]{2,3}$/.test(text('lang')) ? text('lang') : null,
    page: pageNumber(query.get('page')),
  };
}

function day(text: string | null): string | null {
  if (!text || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text) ? text : null;
}

const inOrder = (from: string | null, to: string | null): [string | null, string | null] =>
  from && to && to < from ? [to, from] : [from, to];

/** Whether anything was chosen: the bare page lists what is coming. */
export function isNarrowed(search: Search): boolean {
  const { words, near, when, from, to, category, tags, online, language } = search;
  return Boolean(words || near || when || from || to || category || tags || online || language);
}

/** Past days are asked for by name or by date; everything else is to come. */
export const isPast = (search: Search, today: string): boolean =>
  search.when === 'past' || (search.to !== null && search.to < today);

export function toVariables(search: Search, now: string): SearchPageQueryVariables {
  const { words, near, tags, category, online, language } = search;
  const days = search.when ? period(search.when, now) : { from: null, to: null };
  const from = search.from ?? days.from;
  const to = search.to ?? days.to;
  const past = isPast(search, dayOf(now));
  return {
    term: words,
    near: near || null,
    radius: search.km,
    fromDay: from ?? (past ? null : dayOf(now)),
    toDay: to,
    categories: category ? [category] : null,
    tags: tags || null,
    type: online ? 'ONLINE' : null,
    languages: language ? [language] : null,
    sort: past ? 'START_TIME_DESC' : words ? 'MATCH_DESC' : 'START_TIME_ASC',
    page: search.page,
    limit: PAGE_SIZE,
    past: search.when === 'past',
  };
}

/** The same search as a feed: days pass, so a feed has none. */
export function toFeedQuery({ words, near, km, category, tags, online, language }: Search): string {
  const query = new URLSearchParams();
  if (words) query.set('q', words);
  if (near) {
    query.set('near', near);
    query.set('km', String(km));
  }
  if (category) query.set('categories', category);
  if (tags) query.set('tags', tags);
  if (online) query.set('online', '1');
  if (language) query.set('lang', language);
  return query.toString();
}
