/** The languages of the pages, for what runs in Node. */
export { LOCALES, type Locale } from '../src/lib/i18n/locale.ts';
