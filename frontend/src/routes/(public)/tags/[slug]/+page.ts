import { found, query } from '#lib/graphql/client.ts';
import { TagPageDocument } from '#lib/graphql/generated/graphql.ts';
import { items } from '#lib/graphql/list.ts';
import { dayOf } from '#lib/time/index.ts';
import { listChoice } from '#lib/ui/pages.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ fetch, params, url, parent }) => {
  const { clock } = await parent();
  const choice = listChoice(url.searchParams);
  const { config, tag } = await query(fetch, TagPageDocument, { slug: params.slug, ...choice });
  const { slug, title, related, events } = found(tag);
  return {
    site: found(config),
    today: dayOf(clock.local),
    choice,
    slug: slug ?? params.slug,
    title: title ?? params.slug,
    related,
    events: items(events?.elements),
    total: events?.total ?? 0,
  };
};
