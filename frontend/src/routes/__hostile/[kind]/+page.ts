import { error } from '@sveltejs/kit';
import { abuses } from '#lib/hostile.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params }) => {
  const abuse = Object.hasOwn(abuses, params.kind) ? abuses[params.kind] : undefined;
  if (!abuse) error(404, 'not_found');
  return { survived: String(await abuse()) };
};
