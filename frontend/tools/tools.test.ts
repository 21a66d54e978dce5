import { ESLint } from 'eslint';
import fs from 'node:fs';
import { inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { LOCALES } from './locales.ts';
import { argumentNames, problems, readMessages } from './messages.ts';
import { palettePng } from './palette.ts';

const all = Object.fromEntries(LOCALES.map((locale) => [locale, readMessages(locale)]));

test('every text is there in every language', () => {
  expect(problems(all)).toEqual([]);
});

test('a text that one language lacks, or whose values differ, is found', () => {
  const texts = { en: { 'a.b': 'x', 'a.c': '{n} y' }, fr: { 'a.c': '{m} y' } };
  expect(problems(texts)).toEqual(['a.b: not in fr', 'a.c: takes other values (n | m)']);
});

test('values are found inside plurals and choices', () => {
  expect(argumentNames('{n, plural, one {{a} #} other {{b, select, x {{c}} other {}}}}')).toEqual([
    'a',
    'b',
    'c',
    'n',
  ]);
});

test('no text is left over', () => {
  const source = fs
    .readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(svelte|ts)$/.test(name) && !/messages\.d\.ts|generated/.test(name))
    .map((name) => fs.readFileSync(`src/${name}`, 'utf8'))
    .join('\n');
  // Those are named by what they are about: `category.${name}`.
  const made = /^(category\.|search\.when_)/;
  const unused = Object.keys(all.en ?? {}).filter((key) => !made.test(key) && !source.includes(`'${key}'`));
  expect(unused).toEqual([]);
});

test('French puts no breakable space before its signs, nor straight apostrophes', () => {
  for (const [key, text] of Object.entries(all.fr ?? {})) {
    expect(text, key).not.toMatch(/ [:;?!»]|« |[a-zà-ÿ]'/i);
  }
});

const FORBIDDEN_WORDS = /\b(instances?|federat\w*|fédér\w*|remote|handle|ActivityPub|actors?)\b/i;

test('the words of the trade stay on the page about the site', () => {
  for (const texts of Object.values(all)) {
    for (const [key, text] of Object.entries(texts)) {
      if (!key.startsWith('about.')) expect(text, key).not.toMatch(FORBIDDEN_WORDS);
    }
  }
});

test.each([
  ['<button onclick={() => {}}>x</button>', 'kermesse/no-handlers'],
  ['<script>let value = $state("");</script><input bind:value />', 'kermesse/no-handlers'],
  ['<p style="color: red">x</p>', 'kermesse/no-inline-style'],
  ['<p style:color="red">x</p>', 'kermesse/no-inline-style'],
])('the linter refuses %s', async (text, rule) => {
  const eslint = new ESLint();
  const [result] = await eslint.lintText(text, { filePath: 'src/routes/(public)/x.svelte' });
  expect(result?.messages.map(({ ruleId }) => ruleId)).toContain(rule);
});

test('a picture of few colours keeps each of them', () => {
  const colours = [0x14231f, 0xfbfaf4, 0xe4493f, 0x14231f, 0xffbf3f, 0x14231f];
  const rgba = colours.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255, 255]);
  const png = palettePng(Uint8Array.from(rgba), 3, 2);
  const part = (name: string) => {
    const at = png.indexOf(name, 0, 'latin1');
    return png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4));
  };
  const palette = part('PLTE');
  const rows = inflateSync(part('IDAT'));
  const shown = [1, 2, 3, 5, 6, 7].map((at) => palette.readUIntBE(3 * (rows[at] ?? 0), 3));
  expect(shown).toEqual(colours);
  expect([part('IHDR').readUInt32BE(0), part('IHDR').readUInt32BE(4)]).toEqual([3, 2]);
});
