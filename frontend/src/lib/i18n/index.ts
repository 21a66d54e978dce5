/** The texts of the reader's language: `t('event.seats', { count })`, `href('/search')`, and dates in words. */

import { getContext, setContext } from 'svelte';
import en from 'virtual:messages/en';
import fr from 'virtual:messages/fr';
import { datesIn, type Dates } from '#lib/time/index.ts';
import type { Locale } from './locale.ts';
import type { Messages } from './messages.d.ts';

export { LOCALES, LOCALE_NAMES, type Locale } from './locale.ts';

export type MessageKey = keyof Messages;

/** Keys whose message needs no values. */
export type PlainKey = { [K in MessageKey]: Messages[K] extends undefined ? K : never }[MessageKey];

export type Translate = <K extends MessageKey>(
  key: K,
  ...values: Messages[K] extends undefined ? [] : [Messages[K]]
) => string;

export interface I18n {
  locale: Locale;
  t: Translate;
  dates: Dates;
  /** An address of this site that keeps the language which the reader chose by the address. */
  href: (path: string) => string;
}

const MESSAGES = { en, fr };

export function translator(locale: Locale): Translate {
  const messages = MESSAGES[locale];
  return (key, ...[values]) => messages[key]?.(values) ?? key;
}

export function i18n(locale: Locale, prefix = ''): I18n {
  const href = (path: string) => (path === '/' && prefix ? prefix : prefix + path);
  return { locale, t: translator(locale), dates: datesIn(locale), href };
}

const KEY = Symbol('i18n');

export const provideI18n = (value: I18n): I18n => setContext(KEY, value);
export const useI18n = (): I18n => getContext<I18n>(KEY);

/** "un titre" → "Un titre". */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
