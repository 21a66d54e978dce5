declare global {
  namespace App {
    /** What the host says beside the request: see `api/src/page/`. */
    interface Platform {
      /** The language of the page. */
      locale: import('#lib/i18n/index.ts').Locale;
      /** The language's part of the address, "/fr", where the reader asked for it by the address; links keep it. */
      prefix?: string;
      /** The moment of reading, and what the clock of the site shows then; absent: this machine's, in UTC. */
      clock?: import('#lib/time/index.ts').Clock;
      /** The site's name, for pages that could not read it. */
      siteName?: string;
    }
    interface Locals {
      locale: import('#lib/i18n/index.ts').Locale;
      prefix: string;
      clock: import('#lib/time/index.ts').Clock;
      siteName: string;
    }
    interface PageData {
      /** What every page reads of the site; an error page has none. */
      site?: import('#lib/graphql/generated/graphql.ts').SiteFragment;
    }
  }
  /** The address of the built script of `src/enhance`; the adapter sets it, and in development it is not there. */
  var __enhance: string | undefined;
}

export {};
