import { MillraceError } from '../../core/errors.ts';
import type { InputRow, OpenInput } from './input-row.ts';
import { isObject, parseWhole, requireSize, valueRows } from './ndjson.ts';

/**
 * Opens a GeoJSON FeatureCollection. A row is the properties of a feature, with its `id` and the `coordinates` of its
 * geometry, where it has them.
 */
export function openGeojson(bytes: AsyncIterable<Uint8Array>, name: string): OpenInput {
  return { columns: null, chunks: rowsOf(bytes, name) };
}

async function* rowsOf(bytes: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<InputRow[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) {
    pieces.push(piece);
    requireSize(pieces, name);
  }
  const value = parseWhole(Buffer.concat(pieces), name, 'FeatureCollection');
  if (
    !isObject(value) ||
    value['type'] !== 'FeatureCollection' ||
    !Array.isArray(value['features'])
  ) {
    throw new MillraceError('request', `${name} is no FeatureCollection of GeoJSON`);
  }
  yield* valueRows(value['features'].map(flat));
}

function flat(feature: unknown): unknown {
  if (!isObject(feature)) return feature;
  const { id, properties, geometry } = feature;
  const coordinates = isObject(geometry) ? geometry['coordinates'] : undefined;
  return {
    ...(isObject(properties) ? properties : {}),
    ...(id === undefined ? {} : { id }),
    ...(coordinates === undefined ? {} : { coordinates }),
  };
}
