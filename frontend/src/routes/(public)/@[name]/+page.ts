import { found, query } from '#lib/graphql/client.ts';
import { ProfilePageDocument } from '#lib/graphql/generated/graphql.ts';
import { items } from '#lib/graphql/list.ts';
import { dayOf } from '#lib/time/index.ts';
import { listChoice } from '#lib/ui/pages.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ fetch, params, url, parent }) => {
  const { clock } = await parent();
  const { instant, local } = clock;
  const { past, page, limit } = listChoice(url.searchParams);
  const { config, profile } = await query(fetch, ProfilePageDocument, {
    name: params.name,
    after: past ? null : instant,
    before: past ? instant : null,
    direction: past ? 'DESC' : 'ASC',
    page,
    limit,
  });
  const shown = found(profile);
  const list = 'organizedEvents' in shown ? shown.organizedEvents : null;
  return {
    site: found(config),
    today: dayOf(local),
    past,
    page,
    profile: { ...shown, organizedEvents: null },
    events: items(list?.elements),
    total: list?.total ?? 0,
  };
};
