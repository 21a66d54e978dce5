/** What one subscribes to: everything, or what the address of the page names. */

import { toFeedQuery, readSearch } from '#lib/search/params.ts';
import { isUuid } from '#lib/site/uuid.ts';

export type Subject =
  | { kind: 'site' }
  | { kind: 'profile'; name: string }
  | { kind: 'tag'; slug: string }
  | { kind: 'place'; id: string }
  | { kind: 'search'; words: string; query: string };

/** `?of=@pentes`, `?tag=music`, `?place=UUID`, or the parameters of a search. */
export function readSubject(query: URLSearchParams): Subject {
  const [of, tag, place] = [query.get('of'), query.get('tag'), query.get('place')];
  if (of) return { kind: 'profile', name: of.replace(/^@/, '') };
  if (tag) return { kind: 'tag', slug: tag };
  if (place && isUuid(place)) return { kind: 'place', id: place };
  const search = readSearch(withCategory(query));
  const feedQuery = toFeedQuery(search);
  return feedQuery ? { kind: 'search', words: search.words, query: feedQuery } : { kind: 'site' };
}

/** A feed says `categories`, the page of a search `category`. */
function withCategory(query: URLSearchParams): URLSearchParams {
  const category = query.get('categories');
  return category ? new URLSearchParams([...query, ['category', category]]) : query;
}
