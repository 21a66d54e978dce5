/**
 * Pages that abuse the engine, for the tests of the host: each must end in a clean answer and leave the next page
 * unharmed. They are in `build/ssr.hostile.js` only; in `build/ssr.js` nothing of them is left.
 */

/** The adapter says it when it bundles; in development and in Kit's analysis nobody does. */
declare const __HOSTILE__: boolean | undefined;

type Abuse = () => unknown;

const recurse = (depth: number): number => recurse(depth + 1) + 1;

export const abuses: Record<string, Abuse> =
  typeof __HOSTILE__ !== 'undefined' && __HOSTILE__
    ? {
        loop: () => {
          for (;;);
        },
        recursion: () => recurse(0),
        allocation: () => {
          const kept: string[][] = [];
          for (;;) kept.push(new Array<string>(100_000).fill('x'));
        },
        regex: () => /^(a+)+$/.test(`${'a'.repeat(40)}!`),
        throw: () => {
          throw new Error('on purpose');
        },
        never: () => new Promise(() => {}),
        microtasks: () => {
          const again = (): Promise<void> => Promise.resolve().then(again);
          return again();
        },
        /** A loop inside the engine cannot be interrupted: it must be short enough by its memory. */
        native: () => `${new Array(3e7).join('x').length}`,
      }
    : {};
