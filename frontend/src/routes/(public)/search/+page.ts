import { found, query } from '#lib/graphql/client.ts';
import { SearchPageDocument } from '#lib/graphql/generated/graphql.ts';
import { items } from '#lib/graphql/list.ts';
import { isPast, readSearch, toVariables } from '#lib/search/params.ts';
import { dayOf } from '#lib/time/index.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ fetch, url, parent }) => {
  const { clock } = await parent();
  const search = readSearch(url.searchParams);
  const now = clock.local;
  const { config, searchEvents } = await query(fetch, SearchPageDocument, toVariables(search, now));
  const { elements, ...result } = found(searchEvents);
  const site = found(config);
  return {
    site,
    search,
    today: dayOf(now),
    past: isPast(search, dayOf(now)),
    languages: items(site.languages),
    result,
    events: items(elements),
  };
};
