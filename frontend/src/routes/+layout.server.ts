import type { LayoutServerLoad } from './$types';

/** Public pages are complete HTML: nothing of Svelte runs in the browser. */
export const ssr = true;
export const csr = false;

export const load: LayoutServerLoad = ({ locals }) => ({ ...locals });
