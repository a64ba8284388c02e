import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compression } from '../../adapters/compression.ts';
import { defaultLimits } from '../../core/limits.ts';
import type { ObjectStore } from '../../core/ports/object-store.ts';
import { referenceObjects } from '../../core/references/references.ts';
import { settled } from './answers.ts';
import type { AppUnderTest, RawRecord } from './app-under-test.ts';
import { lookups } from './lookup-pipeline.ts';
import { day } from './storm-events.ts';

/** An app whose transform looks things up, and what a test does to it. */
export interface Enriching {
  readonly app: AppUnderTest;
  readonly objects: ObjectStore;
  /** Resolves once a function has told something that holds a text. */
  told(text: string): Promise<unknown>;
  /** Ends all that is warm, in the midst of what it does. */
  kill(): Promise<void>;
}

function trips(...ids: string[]): RawRecord {
  const lines = ids.map((id) => JSON.stringify({ id, at: day, from: id.slice(0, 3) }));
  return { arrival: day + 86_400_000, body: Buffer.from(lines.join('\n')) };
}

async function put(
  objects: ObjectStore,
  cities: Readonly<Record<string, string>>,
): Promise<string> {
  const rows = Object.entries(cities).map(([iata, city], i) => ({
    row: i + 1,
    value: { iata, city },
  }));
  const given = { compression, limits: defaultLimits };
  const [plan] = lookups.plan.references;
  const [table, current] = referenceObjects('lookups', plan!, rows, given);
  await objects.put(table.name, table.bytes);
  await objects.put(current.name, current.bytes);
  return table.name.split('/').at(-1) as string;
}

async function tripsOf(app: AppUnderTest): Promise<Record<string, number>> {
  const { rows } = (await (await app.request('/v1/views/byCity')).json()) as {
    rows: { key: { city: string }; measures: { trips: number } }[];
  };
  return Object.fromEntries(rows.map(({ key, measures }) => [key.city, measures.trips]));
}

/** Reference tables in a whole app: its own rights, its own object store. */
export function referencesSuite(
  name: string,
  host: { open(): Promise<void>; close(): Promise<void> },
  start: () => Promise<Enriching>,
): void {
  describe(`reference tables, ${name}`, () => {
    beforeAll(() => host.open());
    afterAll(() => host.close());

    test('events wait for their table; a new version counts for what is folded after it', async () => {
      const { app, objects, told, kill } = await start();
      await app.put('0', [trips('SFO1', 'LAX1'), trips('SFO2')]);
      await told("reference 'airports' has no table");
      await put(objects, { SFO: 'San Francisco', LAX: 'Los Angeles' });
      await settled(app);
      expect(await tripsOf(app)).toEqual({ 'San Francisco': 2, 'Los Angeles': 1 });
      const version = await put(objects, { SFO: 'Frisco' });
      await kill();
      // What was counted comes again, and is not counted by the new names.
      await app.put('0', [trips('SFO2', 'SFO3', 'LAX2')]);
      await settled(app);
      expect(await tripsOf(app)).toEqual({
        ...{ 'San Francisco': 2, 'Los Angeles': 1 },
        ...{ Frisco: 1, nowhere: 1 },
      });
      const status = (await (await app.request('/v1/status')).json()) as {
        pipelines: { partitions: { references: object }[] }[];
      };
      expect(status.pipelines[0]?.partitions[0]?.references).toEqual({ airports: version });
    });
  });
}
