import { found, query } from '#lib/graphql/client.ts';
import { AboutPageDocument } from '#lib/graphql/generated/graphql.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ fetch }) => {
  const { config, statistics } = await query(fetch, AboutPageDocument, {});
  return { site: found(config), events: statistics?.numberOfLocalEvents ?? 0 };
};
