/** PNG with a palette: pictures of pages have few colours, and in 256 of them they are a third as large. */

import { crc32, deflateSync } from 'node:zlib';

const MOST_COLOURS = 256;

type Colour = [red: number, green: number, blue: number, count: number];

/** Four bytes a pixel in, a file out. Transparency is left out. */
export function palettePng(rgba: Uint8Array, width: number, height: number): Buffer {
  const boxes = medianCut(histogram(rgba));
  const palette = boxes.map((box) => box.reduce((most, colour) => (colour[3] > most[3] ? colour : most)));
  const index = new Map(
    boxes.flatMap((box, i) => box.map(([r, g, b]): [number, number] => [key(r, g, b), i])),
  );
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 4 * (y * width + x);
      rows[y * (width + 1) + 1 + x] = index.get(keyAt(rgba, at)) ?? 0;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8); // 8 bits, palette
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap(([r, g, b]) => [r, g, b]))),
    chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const key = (red: number, green: number, blue: number): number => (red << 16) | (green << 8) | blue;

const keyAt = (rgba: Uint8Array, at: number): number =>
  key(rgba[at] ?? 0, rgba[at + 1] ?? 0, rgba[at + 2] ?? 0);

function histogram(rgba: Uint8Array): Colour[] {
  const counts = new Map<number, number>();
  for (let at = 0; at < rgba.length; at += 4) {
    const colour = keyAt(rgba, at);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  return [...counts].map(([colour, count]) => [colour >> 16, (colour >> 8) & 255, colour & 255, count]);
}

/** Halves the box of colours that is widest for how much it is seen, until there are enough. */
function medianCut(colours: Colour[]): Colour[][] {
  const boxes = [measured(colours)];
  while (boxes.length < MOST_COLOURS) {
    boxes.sort((a, b) => a.weight - b.weight);
    const widest = boxes.at(-1);
    if (!widest || widest.colours.length < 2 || widest.weight === 0) break;
    boxes.pop();
    const sorted = widest.colours.sort((a, b) => a[widest.axis] - b[widest.axis]);
    const half = middle(sorted);
    boxes.push(measured(sorted.slice(0, half)), measured(sorted.slice(half)));
  }
  return boxes.map((box) => box.colours);
}

interface Box {
  colours: Colour[];
  axis: 0 | 1 | 2;
  weight: number;
}

function measured(colours: Colour[]): Box {
  const ranges = ([0, 1, 2] as const).map((axis) => {
    let [low, high] = [255, 0];
    for (const colour of colours) {
      low = Math.min(low, colour[axis]);
      high = Math.max(high, colour[axis]);
    }
    return { axis, range: high - low };
  });
  const { axis, range } = ranges.reduce((a, b) => (b.range > a.range ? b : a));
  const pixels = colours.reduce((sum, colour) => sum + colour[3], 0);
  return { colours, axis, weight: colours.length > 1 ? range * Math.sqrt(pixels) : 0 };
}

/** Where half of the pixels are on each side, with one colour at least on each. */
function middle(sorted: Colour[]): number {
  const half = sorted.reduce((sum, colour) => sum + colour[3], 0) / 2;
  let seen = 0;
  const at = sorted.findIndex((colour) => (seen += colour[3]) >= half);
  return Math.min(Math.max(at, 1), sorted.length - 1);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
