/** The icon, the colour and the name of each category. */

import type { EventCategory } from '#lib/graphql/generated/graphql.ts';
import type { PlainKey } from '#lib/i18n/index.ts';
import type { IconName } from '#lib/ui/icons.ts';

type Tone = '' | 'tone-sun' | 'tone-ciel' | 'tone-rose' | 'tone-coq';

const LOOK: Record<EventCategory, [icon: IconName, tone: Tone]> = {
  ARTS: ['sparkles', 'tone-rose'],
  AUTO_BOAT_AIR: ['compass', 'tone-ciel'],
  BOOK_CLUBS: ['book-open', 'tone-rose'],
  BUSINESS: ['users', 'tone-ciel'],
  CAUSES: ['hand-heart', 'tone-coq'],
  COMEDY: ['party-popper', 'tone-sun'],
  COMMUNITY: ['users', ''],
  CRAFTS: ['hammer', ''],
  FAMILY_EDUCATION: ['users', 'tone-sun'],
  FASHION_BEAUTY: ['sparkles', 'tone-rose'],
  FILM_MEDIA: ['clapperboard', 'tone-ciel'],
  FOOD_DRINK: ['utensils', 'tone-sun'],
  GAMES: ['gamepad-2', 'tone-coq'],
  HEALTH: ['heart-pulse', ''],
  LANGUAGE_CULTURE: ['languages', 'tone-rose'],
  LEARNING: ['graduation-cap', 'tone-rose'],
  LGBTQ: ['hand-heart', 'tone-coq'],
  MEETING: ['message-circle', 'tone-ciel'],
  MOVEMENTS_POLITICS: ['megaphone', 'tone-coq'],
  MUSIC: ['music', 'tone-ciel'],
  NETWORKING: ['users', 'tone-ciel'],
  OUTDOORS_ADVENTURE: ['trees', ''],
  PARTY: ['party-popper', 'tone-sun'],
  PERFORMING_VISUAL_ARTS: ['sparkles', 'tone-ciel'],
  PETS: ['flower-2', ''],
  PHOTOGRAPHY: ['clapperboard', 'tone-rose'],
  SCIENCE_TECH: ['graduation-cap', 'tone-ciel'],
  SPIRITUALITY_RELIGION_BELIEFS: ['flower-2', 'tone-rose'],
  SPORTS: ['trophy', 'tone-coq'],
  THEATRE: ['ticket', 'tone-coq'],
};

export const CATEGORIES = Object.keys(LOOK) as EventCategory[];

export const isCategory = (text: string | null): text is EventCategory =>
  CATEGORIES.some((category) => category === text);

export const categoryIcon = (category: EventCategory): IconName => LOOK[category][0];
export const toneOf = (category: EventCategory | null): Tone => (category ? LOOK[category][1] : '');
export const categoryKey = (category: EventCategory): PlainKey => `category.${category}`;
