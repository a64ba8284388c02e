import { readFileSync } from 'node:fs';
import { given } from 'millrace/testing';
import { expect, test } from 'vitest';
import { earthquakes } from './earthquakes.ts';

const quake = (id: string, time: string, more: object = {}) => ({
  ...{
    id,
    time: Date.parse(`2018-02-01T${time}Z`),
    updated: 1_517_500_000_000,
    mag: 2 as number | null,
  },
  ...{ place: '4km W of Castaic, CA' as string | null, type: 'earthquake' },
  coordinates: [-118.7, 34.5, 26.5] as [number, number, number],
  ...more,
});

test('a report that comes twice counts once, a correction is another report of the same quake', async () => {
  await given(earthquakes)
    .events(
      quake('1', '10:00:00'),
      quake('1', '10:00:00'),
      quake('1', '10:00:00', { updated: 1_517_500_000_001, mag: 2.5 }),
    )
    .redeliver()
    .expectCounts({ received: 3, accepted: 2, duplicates: 1 })
    .expect('perHour', {}, { reports: 2, quakes: 1, strongest: 2.5, perSecond: 2 / 3600 });
});

test('a swarm goes on while quakes of an area are less than two hours apart', async () => {
  await given(earthquakes)
    .events(quake('1', '10:00:00'), quake('2', '11:59:59'), quake('3', '13:59:59', { mag: 4 }))
    .expect('swarms', { area: '34,-119' }, { reports: 2 }, '2018-02-01T10:00:00Z')
    .expect('swarms', { area: '34,-119' }, { strongest: 4 }, '2018-02-01T13:59:59Z')
    .crash('before-commit')
    .events(quake('4', '13:00:00', { place: 'Ojai, CA' }), quake('5', '13:00:00'))
    .expect('swarms', { area: '34,-119' }, { reports: 5, strongest: 4 });
});

test('what is no earthquake is filtered, and one without a magnitude or a place counts', async () => {
  await given(earthquakes)
    .events(
      quake('1', '10:00:00', { type: 'quarry blast' }),
      quake('2', '10:00:00', { mag: null, place: null }),
    )
    .expectCounts({ accepted: 1, filtered: 1 })
    .expect(
      'byRegion',
      { region: 'unknown' },
      { reports: 1, mag: null, mags: null, deepest: 26.5 },
    );
});

interface Feature {
  readonly id: string;
  readonly properties: {
    readonly time: number;
    readonly updated: number;
    readonly mag: number;
    readonly place: string;
    readonly type: string;
  };
  readonly geometry: { readonly coordinates: [number, number, number] };
}
const file = new URL('../data/earthquakes.json', import.meta.resolve('vega-datasets'));
const { features }: { readonly features: readonly Feature[] } = JSON.parse(
  readFileSync(file, 'utf8'),
);
const hour = 3_600_000;

/** The quakes of a week, counted again in the plainest way. */
const week = features
  .filter(({ properties }) => properties.type === 'earthquake')
  .map(({ properties: { time, mag, place }, geometry: { coordinates } }) => {
    const last = place.split(',').at(-1)?.trim() ?? '';
    const area = `${Math.floor(coordinates[1])},${Math.floor(coordinates[0])}`;
    return { time, mag, place, area, region: { CA: 'California', MX: 'Mexico' }[last] ?? last };
  })
  .sort((a, b) => a.time - b.time);
const iso = (ms: number) => new Date(ms).toISOString();
const group = <T>(all: readonly T[], of: (one: T) => string) =>
  Object.groupBy(all, of) as Record<string, T[]>;
const top = (mags: readonly { readonly mag: number }[]) => Math.max(...mags.map(({ mag }) => mag));

test('the 1,707 reports of a week give what plain loops over the file give, on three partitions', async () => {
  const events = features.map(({ id, properties, geometry }) => ({
    ...{ ...properties, id },
    coordinates: geometry.coordinates,
  }));
  const chain = given(earthquakes, { partitions: 3 })
    .events(...events.sort((a, b) => a.time - b.time))
    .expectNothingLost()
    .expectCounts({ received: 1_707, accepted: week.length, filtered: 28 });
  const all = { limit: 10_000 } as const;

  const hours = group(week, ({ time }) => iso(time - (time % hour)));
  const { rows: perHour } = await chain.query('perHour', all);
  expect(
    perHour.map(({ start, measures }) => [start, measures.reports, measures.strongest]),
  ).toEqual(Object.entries(hours).map(([start, quakes]) => [start, quakes.length, top(quakes)]));

  const days = group(week, ({ time, region }) => `${iso(time - (time % (24 * hour)))} ${region}`);
  const { rows: byRegion } = await chain.query('byRegion', all);
  expect(
    byRegion.map(({ start, key, measures: { reports, mag } }) => [
      `${start} ${key.region}`,
      reports,
      mag?.toFixed(9),
    ]),
  ).toEqual(
    Object.entries(days)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, quakes]) => {
        const cents = quakes.map(
          ({ mag }) => Math.round(Number(`${Math.abs(mag)}e2`)) * Math.sign(mag),
        );
        const mean = cents.reduce((sum, one) => sum + one, 0) / quakes.length / 100;
        return [name, quakes.length, mean.toFixed(9)];
      }),
  );

  const swarms = Object.entries(group(week, ({ area }) => area)).flatMap(([area, quakes]) => {
    const cuts = quakes.flatMap(({ time }, i) =>
      i === 0 || time - (quakes[i - 1]?.time ?? 0) >= 2 * hour ? [i] : [],
    );
    return cuts.map((from, i) => {
      const part = quakes.slice(from, cuts[i + 1]);
      return [iso(part[0]?.time ?? 0), area, part.length, top(part), part[0]?.place];
    });
  });
  const found = await chain.query('swarms', all);
  expect(
    found.rows.map(({ start, key, measures }) => [
      ...[start, key.area, measures.reports, measures.strongest, measures.began],
    ]),
  ).toEqual(swarms.sort((a, b) => (`${a[0]} ${a[1]}` < `${b[0]} ${b[1]}` ? -1 : 1)));

  const { rows: magnitudes } = await chain.query('magnitudes', all);
  const between = (from: number, to: number) =>
    week.filter(({ mag }) => mag >= from && mag < to).length;
  expect(magnitudes[0]?.measures.mag).toEqual({
    ...{ below: between(-9, 0), from0: between(0, 1), from1: between(1, 2), from2: between(2, 3) },
    ...{ from3: between(3, 4), from4: between(4, 5), from5: between(5, 6), from6: between(6, 9) },
  });
});
