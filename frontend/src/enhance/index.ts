/**
 * What public pages gain with scripts: the hour where the reader is, sharing, copying, short addresses, reading without network.
 * No Svelte: each page is complete without this file.
 */

import { copyButtons } from './copy.ts';
import { keepPages } from './keep.ts';
import { shareButtons } from './share.ts';
import { tidySearches } from './tidy.ts';
import { yourTime } from './your-time.ts';

yourTime();
shareButtons();
copyButtons();
tidySearches();
keepPages();
