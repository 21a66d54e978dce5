import { found, query } from '#lib/graphql/client.ts';
import { ProfilePageDocument } from '#lib/graphql/generated/graphql.ts';
import { items } from '#lib/graphql/list.ts';
import { dayOf } from '#lib/time/index.ts';
import { listChoice } from '#lib/ui/pages.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ fetch, params, url, parent }) => {
  const { clock } = await parent();
  const choice = listChoice(url.searchParams);
  const { config, profile } = await query(fetch, ProfilePageDocument, { name: params.name, ...choice });
  const shown = found(profile);
  const list = 'organizedEvents' in shown ? shown.organizedEvents : null;
  return {
    site: found(config),
    today: dayOf(clock.local),
    choice,
    profile: { ...shown, organizedEvents: null },
    events: items(list?.elements),
    total: list?.total ?? 0,
  };
};
