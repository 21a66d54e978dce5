/** The works of others that a site uses, in the words of the reader. The API says them in English. */

import type { PlainKey } from '#lib/i18n/index.ts';

const WORKS: Record<string, PlainKey> = {
  'Towns and villages of the world': 'about.work_world',
  'Communes of France': 'about.work_communes',
  'Positions of the town halls of France': 'about.work_town_halls',
  "Town halls of France, from the Annuaire de l'administration": 'about.work_directory',
  'Territories of France, from ADMIN EXPRESS COG': 'about.work_territories',
  'Municipalities of Belgium and their postal codes': 'about.work_belgium',
  'Names of countries': 'about.work_countries',
  'Time zones of the world': 'about.work_zones',
};

/** By SPDX name. */
const LICENCES: Record<string, PlainKey> = {
  'CC-BY-4.0': 'about.licence_cc_by',
  'etalab-2.0': 'about.licence_etalab',
  'GPL-3.0-or-later': 'about.licence_gpl',
  'Unicode-3.0': 'about.licence_unicode',
  'LicenseRef-public-domain': 'about.licence_none',
};

/** Nothing for a work that is not known here. */
export const workKey = (text: string): PlainKey | undefined => WORKS[text];
export const licenceKey = (name: string): PlainKey | undefined => LICENCES[name];
