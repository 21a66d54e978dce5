/**
 * Makes the fonts, pictures and icons of the pages: `node tools/assets.ts`. What components import goes to
 * `src/generated/` and gets a name with a digest; what has an address of its own goes to `static/`; what only the
 * program itself reads goes to `src/generated/sample/`.
 */

import { Resvg } from '@resvg/resvg-js';
import fs from 'node:fs';
import path from 'node:path';
import subsetFont from 'subset-font';
import { SCENES } from '../covers/index.ts';
import { ICONS } from '../src/lib/ui/icons.ts';

const GENERATED = 'src/generated';
const FONTS = 'node_modules/@fontsource-variable';

/** Latin with its accents and the punctuation of French and English; other scripts use the system's font. */
const CHARACTERS = [...range(0x20, 0x7e), ...range(0xa0, 0xff), ...'ıŒœŸ–—‘’‚“”„†•…\u202f‹›€™←↑→↓−×'].join(
  '',
);

function range(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, i) => String.fromCharCode(from + i));
}

function write(file: string, content: string | Uint8Array): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content);
}

/** One cut for titles, a little narrow; regular to bold for text. */
async function fonts(): Promise<void> {
  const display = fs.readFileSync(
    `${FONTS}/bricolage-grotesque/files/bricolage-grotesque-latin-standard-normal.woff2`,
  );
  const text = fs.readFileSync(`${FONTS}/figtree/files/figtree-latin-wght-normal.woff2`);
  const cut = { targetFormat: 'woff2' as const };
  write(
    `${GENERATED}/kermesse-display.woff2`,
    await subsetFont(display, CHARACTERS, { ...cut, variationAxes: { opsz: 96, wdth: 89, wght: 800 } }),
  );
  write(
    `${GENERATED}/kermesse-text.woff2`,
    await subsetFont(text, CHARACTERS, { ...cut, variationAxes: { wght: { min: 400, max: 700 } } }),
  );
}

/** What is inside the `svg` element of a file. */
function inside(file: string): string {
  const svg = fs.readFileSync(file, 'utf8');
  return svg.slice(svg.indexOf('>', svg.indexOf('<svg')) + 1, svg.lastIndexOf('</svg>')).trim();
}

function icons(): void {
  const symbols = ICONS.map((name) => {
    const content = inside(`node_modules/lucide-static/icons/${name}.svg`).replaceAll(/\s*\n\s*/g, '');
    return `<symbol id="${name}" viewBox="0 0 24 24">${content}</symbol>`;
  });
  write(`${GENERATED}/icons.svg`, `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`);
}

/**
 * The scenes one by one for the page of an event; all of them, with the stall of the home page, in one file with a view
 * for each for lists (`covers.svg#feast`); and a raster of each for link previews, which take no SVG.
 */
function covers(): void {
  const drawn = SCENES.map((scene) => ({
    name: scene,
    content: inside(`covers/scenes/${scene}.svg`),
    height: 600,
  }));
  for (const { name, content } of drawn) {
    const size = 'viewBox="0 0 1200 600" width="1200" height="600"';
    write(
      `${GENERATED}/covers/${name}.svg`,
      `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${content}</svg>`,
    );
    write(`static/covers/${name}.png`, raster(content, { box: '29 0 1142 600', width: 1200 }));
  }
  const stall = { name: 'stall', content: inside('covers/art/stall.svg'), height: 360 };
  write(`${GENERATED}/covers.svg`, sheet([...drawn, stall]));
}

/** Pictures below each other, so that one file holds them all. */
function sheet(pictures: { name: string; content: string; height: number }[]): string {
  const rows = pictures.map(({ name, content, height }, i) => {
    const [y, width] = [i * 600, height === 600 ? 1200 : 600];
    const clip = `<clipPath id="clip-${name}"><path d="M0 0h${width}v${height}H0z"/></clipPath>`;
    const view = `<view id="${name}" viewBox="0 ${y} ${width} ${height}"/>`;
    return `${view}${clip}<g transform="translate(0 ${y})" clip-path="url(#clip-${name})">${content}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${rows.join('')}</svg>`;
}

/** The pictures of the sample, as its organisers would send them: one is a poster, with letters of ours. */
async function samplePictures(): Promise<void> {
  const letters = `${GENERATED}/poster.ttf`;
  const family = fs.readFileSync(
    `${FONTS}/bricolage-grotesque/files/bricolage-grotesque-latin-standard-normal.woff2`,
  );
  write(
    letters,
    await subsetFont(family, CHARACTERS, {
      targetFormat: 'truetype',
      variationAxes: { opsz: 96, wdth: 89, wght: 800 },
    }),
  );
  for (const file of fs.readdirSync('covers/sample')) {
    const svg = fs.readFileSync(`covers/sample/${file}`, 'utf8');
    const font = { loadSystemFonts: false, fontFiles: [letters] };
    write(
      `${GENERATED}/sample/${path.parse(file).name}.png`,
      new Resvg(svg, { fitTo: { mode: 'width', value: 900 }, font }).render().asPng(),
    );
  }
}

function raster(content: string, { box, width }: { box: string; width: number }): Uint8Array {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}">${content}</svg>`;
  return new Resvg(svg, { fitTo: { mode: 'width', value: width }, font: { loadSystemFonts: false } })
    .render()
    .asPng();
}

/** The bunting on fir green, as on the badge of a group: for home screens and tabs. */
function appIcons(): void {
  const bunting = inside('covers/art/bunting.svg');
  const tile = (inset: number, radius: number) =>
    `<rect width="42" height="42" rx="${radius}" fill="#06382d"/>` +
    `<svg x="${inset}" y="${inset + 1}" width="${42 - 2 * inset}" height="${42 - 2 * inset}" viewBox="0 -3 42 42">${bunting}</svg>`;
  const sizes: [string, number, string][] = [
    ['icon-192', 192, tile(5, 9)],
    ['icon-512', 512, tile(5, 9)],
    ['maskable-512', 512, tile(9, 0)],
    ['apple-touch-icon', 180, tile(6, 0)],
    ['favicon-32', 32, tile(2, 8)],
  ];
  for (const [name, width, content] of sizes) {
    write(`static/icons/${name}.png`, raster(content, { box: '0 0 42 42', width }));
  }
  write(
    'static/icons/favicon.svg',
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 42 42">${tile(2, 8)}</svg>`,
  );
}

/** Their authors ask that their terms come along. */
function licences(): void {
  const packages = {
    'bricolage-grotesque': '@fontsource-variable/bricolage-grotesque',
    figtree: '@fontsource-variable/figtree',
    lucide: 'lucide-static',
  };
  for (const [name, source] of Object.entries(packages)) {
    write(`static/licences/${name}.txt`, fs.readFileSync(`node_modules/${source}/LICENSE`));
  }
}

await fonts();
icons();
covers();
appIcons();
await samplePictures();
licences();
