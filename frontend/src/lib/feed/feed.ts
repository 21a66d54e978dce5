/** Addresses of the calendars and news feeds. They are Rust's: no language in front. */

export interface Feed {
  /** Where the four kinds are, below: "/feed/instance". */
  base: string;
  /** "?q=…" of a search, or nothing. */
  query: string;
}

export type FeedKind = 'ics' | 'atom' | 'rss' | 'json';

export const SITE_FEED: Feed = { base: '/feed/instance', query: '' };

export const profileFeed = (name: string): Feed => ({
  base: `/@${encodeURIComponent(name)}/feed`,
  query: '',
});
export const tagFeed = (slug: string): Feed => ({ base: `/feed/tag/${encodeURIComponent(slug)}`, query: '' });
export const placeFeed = (id: string): Feed => ({ base: `/feed/place/${encodeURIComponent(id)}`, query: '' });
export const searchFeed = (query: string): Feed => ({ base: '/feed/search', query: query && `?${query}` });

export const feedPath = ({ base, query }: Feed, kind: FeedKind): string => `${base}/${kind}${query}`;

/** Types of media, as `<link rel=alternate>` wants them. */
export const FEED_TYPES: Record<FeedKind, string> = {
  ics: 'text/calendar',
  atom: 'application/atom+xml',
  rss: 'application/rss+xml',
  json: 'application/feed+json',
};
