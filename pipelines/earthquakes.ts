import { days, definePipeline, global, hopping, session, tumbling } from 'millrace';
import { Type } from 'typebox';

/**
 * Earthquakes as the USGS reports them: rates by hour and region, magnitudes, and swarms (quakes
 * of one area less than two hours apart). An event is one report; a
 * correction is another one with a newer `updated`, so `reports` counts both and `quakes` counts them once.
 */
export const earthquakes = definePipeline({
  name: 'earthquakes',
  schema: Type.Object({
    id: Type.String(),
    /** Both epoch milliseconds. */
    time: Type.Integer({ minimum: 0 }),
    updated: Type.Integer({ minimum: 0 }),
    mag: Type.Union([Type.Number({ minimum: -5, maximum: 12 }), Type.Null()]),
    place: Type.Union([Type.String({ examples: ['4km W of Castaic, CA', 'Taiwan'] }), Type.Null()]),
    type: Type.String({ examples: ['earthquake', 'earthquake', 'quarry blast'] }),
    /** Longitude, latitude, and depth in kilometres. */
    coordinates: Type.Tuple([Type.Number(), Type.Number(), Type.Number()]),
  }),
  id: ({ id, updated }) => `${id}@${updated}`,
  time: 'time',
  partitionKey: ({ place }) => regionOf(place),
  watermark: { outOfOrder: '1h' },
  dedupe: { within: '3d' },
  transform: ({ id, mag, place, type, coordinates: [longitude, latitude, depth] }) =>
    type === 'earthquake'
      ? {
          ...{ id, mag, place: place ?? '', region: regionOf(place), depth },
          // A square of one degree, by its south-west corner.
          area: `${Math.floor(latitude)},${Math.floor(longitude)}`,
        }
      : null,
  views: (on) => ({
    perHour: on.view({
      key: [],
      window: tumbling('1h'),
      lateness: '1d',
      measures: { reports: on.count(), quakes: on.distinct('id'), strongest: on.max('mag') },
      derive: (row) => ({ perSecond: row.perSecond('reports') }),
    }),
    lastDay: on.view({
      key: [],
      window: hopping({ size: '24h', slide: '6h' }),
      lateness: '1d',
      measures: { reports: on.count(), regions: on.topK('region', 3) },
    }),
    byRegion: on.view({
      key: ['region'],
      window: days('UTC'),
      lateness: '1d',
      measures: {
        reports: on.count(),
        mag: on.mean('mag', { scale: 2 }),
        mags: on.quantiles('mag', [0.5, 0.9]),
        strongest: on.max('mag'),
        deepest: on.max('depth'),
      },
    }),
    swarms: on.view({
      key: ['area'],
      window: session({ gap: '2h', longest: '7d' }),
      lateness: '1d',
      measures: { reports: on.count(), strongest: on.max('mag'), began: on.first('place') },
    }),
    magnitudes: on.view({
      key: [],
      window: global(),
      measures: {
        reports: on.count(),
        mag: on.histogram('mag', [0, 1, 2, 3, 4, 5, 6]),
        spread: on.stddev('mag', { scale: 2 }),
      },
    }),
  }),
});

const states: Readonly<Record<string, string>> = { CA: 'California', MX: 'Mexico' };

/** '4km W of Castaic, CA' is in California; a place without a comma is a region itself. */
function regionOf(place: string | null): string {
  const region = place?.slice(place.lastIndexOf(',') + 1).trim() || 'unknown';
  return states[region] ?? region;
}
