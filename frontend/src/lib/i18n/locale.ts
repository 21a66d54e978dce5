/** The languages of the pages. */

export const LOCALES = ['en', 'fr'] as const;

export type Locale = (typeof LOCALES)[number];

/** Each language by its own name. */
export const LOCALE_NAMES: Record<Locale, string> = { en: 'English', fr: 'Français' };

export const isLocale = (text: string): text is Locale => LOCALES.some((locale) => locale === text);

/** The language that a text such as "fr-BE,fr;q=0.9" begins with, where we speak it. */
export function toLocale(text: string | null | undefined): Locale {
  return LOCALES.find((locale) => text?.toLowerCase().startsWith(locale)) ?? 'en';
}

const RIGHT_TO_LEFT = /^(ar|arc|ckb|dv|fa|he|ks|ps|sd|ug|ur|yi)(-|$)/;

export const directionOf = (language: string): 'ltr' | 'rtl' =>
  RIGHT_TO_LEFT.test(language) ? 'rtl' : 'ltr';
