import fs from 'node:fs';
import { expect, test } from 'vitest';
import { coverFiles, coverOf, previewOf, SCENES } from './index.ts';

const UUID = '0190a000-0000-7000-8000-000000000001';

test('an event always has the same cover', () => {
  expect(coverOf('FOOD_DRINK', UUID)).toEqual(coverOf('FOOD_DRINK', UUID));
});

test('many events of a category share all of its scenes, both ways round', () => {
  const covers = Array.from({ length: 200 }, (_, i) => coverOf('FOOD_DRINK', `${UUID}${i}`));
  expect(new Set(covers.map(({ scene }) => scene))).toEqual(new Set(['feast', 'market']));
  expect(new Set(covers.map(({ mirrored }) => mirrored)).size).toBe(2);
});

test('without a category there is a cover too', () => {
  expect(SCENES).toContain(coverOf(null, UUID).scene);
  expect(previewOf(undefined)).toBe('/covers/square.png');
});

test('every scene is drawn, small, and without script or text', () => {
  for (const scene of SCENES) {
    const svg = fs.readFileSync(`covers/scenes/${scene}.svg`, 'utf8');
    expect(svg.length).toBeLessThan(12_000);
    expect(svg).not.toMatch(/<script|<text|href|\son\w+=/);
  }
});

test('every category has a preview of a scene', () => {
  const files = Object.values(coverFiles());
  expect(files).toHaveLength(31);
  for (const file of files) expect(SCENES.map((scene) => `/covers/${scene}.png`)).toContain(file);
});
