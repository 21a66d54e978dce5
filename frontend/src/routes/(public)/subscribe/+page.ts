import { readSubject } from '#lib/feed/subject.ts';
import { found, query } from '#lib/graphql/client.ts';
import { SubscribePageDocument } from '#lib/graphql/generated/graphql.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ fetch, url }) => {
  const subject = readSubject(url.searchParams);
  const { kind } = subject;
  const { config, profile, tag, place } = await query(fetch, SubscribePageDocument, {
    profile: kind === 'profile' ? subject.name : '',
    tag: kind === 'tag' ? subject.slug : '',
    place: kind === 'place' ? subject.id : '',
    ofProfile: kind === 'profile',
    ofTag: kind === 'tag',
    ofPlace: kind === 'place',
  });
  return {
    site: found(config),
    subject,
    profile: kind === 'profile' ? found(profile) : null,
    tag: kind === 'tag' ? found(tag) : null,
    place: kind === 'place' ? found(place) : null,
  };
};
