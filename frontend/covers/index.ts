/**
 * Drawn covers for events without a picture: each is a file of `scenes/`, 1200 × 600, without text, so that it may
 * be mirrored. The category says which scenes fit, the uuid of the event, or of its series, picks one: always the same.
 */

import type { EventCategory } from '../src/lib/graphql/generated/graphql.ts';

export const SCENES = [
  'bandstand',
  'cinema',
  'circle',
  'fair',
  'feast',
  'garden',
  'march',
  'market',
  'pitch',
  'reading',
  'square',
  'theatre',
  'workshop',
] as const;

export type Scene = (typeof SCENES)[number];

export interface Cover {
  scene: Scene;
  mirrored: boolean;
}

/** The first is the one that link previews show. */
const BY_CATEGORY: Record<EventCategory, [Scene, ...Scene[]]> = {
  ARTS: ['square', 'theatre'],
  AUTO_BOAT_AIR: ['workshop'],
  BOOK_CLUBS: ['reading'],
  BUSINESS: ['square', 'market'],
  CAUSES: ['march', 'circle'],
  COMEDY: ['theatre'],
  COMMUNITY: ['square', 'circle', 'feast'],
  CRAFTS: ['workshop'],
  FAMILY_EDUCATION: ['fair', 'garden'],
  FASHION_BEAUTY: ['market'],
  FILM_MEDIA: ['cinema'],
  FOOD_DRINK: ['feast', 'market'],
  GAMES: ['fair'],
  HEALTH: ['garden', 'circle'],
  LANGUAGE_CULTURE: ['reading', 'theatre', 'square'],
  LEARNING: ['reading', 'workshop'],
  LGBTQ: ['march'],
  MEETING: ['circle'],
  MOVEMENTS_POLITICS: ['march'],
  MUSIC: ['bandstand'],
  NETWORKING: ['circle', 'feast'],
  OUTDOORS_ADVENTURE: ['garden'],
  PARTY: ['fair', 'feast', 'bandstand'],
  PERFORMING_VISUAL_ARTS: ['theatre', 'bandstand'],
  PETS: ['garden'],
  PHOTOGRAPHY: ['cinema'],
  SCIENCE_TECH: ['workshop', 'reading'],
  SPIRITUALITY_RELIGION_BELIEFS: ['garden', 'reading'],
  SPORTS: ['pitch'],
  THEATRE: ['theatre'],
};

const ANY: [Scene, ...Scene[]] = ['square', 'feast'];

const scenesOf = (category: EventCategory | null | undefined): [Scene, ...Scene[]] =>
  (category && BY_CATEGORY[category]) || ANY;

export function coverOf(category: EventCategory | null | undefined, uuid: string): Cover {
  const scenes = scenesOf(category);
  const number = hash(uuid);
  return { scene: scenes[number % scenes.length] ?? scenes[0], mirrored: (number >>> 8) % 2 === 1 };
}

/** FNV-1a. */
function hash(text: string): number {
  let number = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) number = Math.imul(number ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return number;
}

/** The picture of a link preview, 1200 × 630. */
export const previewOf = (category: EventCategory | null | undefined): string =>
  `/covers/${scenesOf(category)[0]}.png`;

/** For what is written in Rust: the preview of each category, and `""` for none. */
export function coverFiles(): Record<string, string> {
  const categories = Object.keys(BY_CATEGORY) as EventCategory[];
  return Object.fromEntries([
    ['', previewOf(null)],
    ...categories.map((name) => [name, previewOf(name)]),
  ]) as Record<string, string>;
}
