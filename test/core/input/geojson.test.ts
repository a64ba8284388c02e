import { expect, it } from 'vitest';
import { openGeojson } from '../../../cli/input/geojson.ts';

async function rowsOf(...pieces: readonly string[]) {
  const bytes = (async function* () {
    for (const piece of pieces) yield Buffer.from(piece);
  })();
  const rows = [];
  for await (const chunk of openGeojson(bytes, 'a.geojson').chunks) rows.push(...chunk);
  return rows;
}

it('a row is the properties of a feature, with its id and coordinates', async () => {
  const feature = { type: 'Feature', id: 'q1', properties: { mag: 2, id: 'x', type: 'quake' } };
  const point = { ...feature, geometry: { type: 'Point', coordinates: [1, 2, 3] } };
  const bare = { type: 'Feature', properties: null, geometry: null };
  const text = JSON.stringify({ type: 'FeatureCollection', features: [point, bare, 7, feature] });
  expect(await rowsOf(text.slice(0, 50), text.slice(50))).toEqual([
    { row: 1, value: { id: 'q1', mag: 2, type: 'quake', coordinates: [1, 2, 3] } },
    { row: 2, value: {} },
    { row: 3, raw: new TextEncoder().encode('"7"') },
    { row: 4, value: { id: 'q1', mag: 2, type: 'quake' } },
  ]);
});

it.each([
  ['{"type":"Feature"}', 'a.geojson is no FeatureCollection of GeoJSON'],
  ['{"type":"FeatureCollection"}', 'a.geojson is no FeatureCollection of GeoJSON'],
  ['[1]', 'a.geojson is no FeatureCollection of GeoJSON'],
  ['{"type":', "a.geojson starts as a FeatureCollection but can't be read as one: "],
])('%s is refused', async (text, message) => {
  await expect(rowsOf(text)).rejects.toThrow(message);
});
