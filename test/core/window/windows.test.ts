import fc from 'fast-check';
import { definePipeline, hopping, session } from 'millrace';
import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import type { StreamRecord } from '../../../core/event.ts';
import { isFinal } from '../../../core/query/answer.ts';
import type { PartitionStatus, Read } from '../../../core/query/reader.ts';
import { scan } from '../../../core/query/scan.ts';
import type { Rows } from '../../../core/view/rows.ts';
import { World } from '../small-world.ts';
import {
  type PlainRow,
  plainRows,
  type ViewName,
  type Visit,
  viewNames,
  visitsPipeline,
} from './model.ts';

const t0 = Date.UTC(2001, 0, 1);

/** Times on whole seconds too: windows and gaps are decided at their edges. */
const time = fc.oneof(
  fc.integer({ min: 0, max: 90 }).map((seconds) => t0 + seconds * 1_000),
  fc.integer({ min: 0, max: 90_000 }).map((ms) => t0 + ms),
);
const visit = fc.record({
  at: time,
  who: fc.constantFrom('a', 'b'),
  n: fc.integer({ min: -5, max: 5 }),
});
const history = fc.array(
  fc.record({
    visits: fc.array(visit, { minLength: 1, maxLength: 12 }),
    partition: fc.integer({ min: 0, max: 2 }),
    compact: fc.boolean(),
  }),
  { minLength: 1, maxLength: 8 },
);
type Step = {
  readonly visits: readonly Visit[];
  readonly partition: number;
  readonly compact: boolean;
};

const steps: fc.Arbitrary<Step[]> = history.map((all) =>
  all.map(({ visits, ...step }, i) => ({
    ...step,
    visits: visits.map((one, j) => ({ ...one, id: `${i}-${j}` })),
  })),
);

/** Brings steps into a world, each as a batch; events of one key may go to any partition. */
async function play(
  world: World,
  all: readonly Step[],
  partitions: number,
  after: () => Promise<void> = async () => {},
): Promise<void> {
  const positions = [0, 0, 0];
  for (const { visits, partition, compact } of all) {
    const to = partition % partitions;
    const records = visits.map((one): StreamRecord => {
      const position = BigInt(positions[to]!);
      positions[to]! += 1;
      const body = new TextEncoder().encode(JSON.stringify(one));
      return { position, partitionKey: '', arrival: t0 + 3_600_000, body };
    });
    const { failures } = await world.process(records, String(to));
    if (failures.length > 0) throw failures[0]!.error;
    if (compact) await world.compact(String(to));
    await after();
  }
}

function found({ rows, selected }: Pick<Read, 'rows' | 'selected'>): PlainRow[] {
  return selected.map((row) => ({
    start: rows.starts[row]!,
    end: rows.end(row),
    who: (rows.key(row)[0] as string | undefined) ?? null,
    visits: rows.columns[0]!.result(row) as number,
    total: rows.columns[1]!.result(row) as number,
    least: rows.columns[2]!.result(row) as number,
  }));
}

const text = (ms: number): string => new Date(ms).toISOString();

describe('windows of every kind', () => {
  const pipeline = visitsPipeline('10m');

  it('are those of a plain model, whatever the order, batches, partitions and compactions', async () => {
    const ranges = fc.tuple(time, fc.integer({ min: 1, max: 60_000 }));
    await fc.assert(
      fc.asyncProperty(steps, fc.constantFrom(1, 2, 3), ranges, async (all, partitions, range) => {
        const world = new World([pipeline], { partitions });
        await play(world, all, partitions);
        const visits = all.flatMap((step) => step.visits);
        const reader = world.reader();
        for (const view of viewNames) {
          const expected = plainRows(view, visits);
          expect(found(await reader.read(view, { limit: 10_000 })), view).toEqual(expected);
          if (view === 'ever') continue;
          const [from, to] = [range[0], range[0] + range[1]];
          const part = await reader.read(view, { from: text(from), to: text(to), limit: 10_000 });
          const inRange = expected.filter(({ start }) => start >= from && start < to);
          expect(found(part), `${view} ${from} ${to}`).toEqual(inRange);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('are scanned piece by piece as they are queried', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.constantFrom(1, 3), async (all, partitions) => {
        const world = new World([pipeline], { partitions });
        await play(world, all, partitions);
        for (let one = 0; one < partitions; one += 1) await world.compact(String(one));
        const visits = all.flatMap((step) => step.visits);
        for (const [index, view] of viewNames.entries()) {
          const rows: PlainRow[] = [];
          for await (const piece of scan(world.journals[0]!, pipeline.plan.views[index]!)) {
            rows.push(...found(piece));
          }
          expect(rows, view).toEqual(plainRows(view, visits));
        }
      }),
      { numRuns: 50 },
    );
  });
});

/** The partition of a world that has one. */
async function only(world: World): Promise<PartitionStatus> {
  return (await world.reader().partitions())[0]!;
}

describe('a scan', () => {
  /** Pages of one pane, so that a scan holds only some of them. */
  const paged = definePipeline({
    name: 'paged',
    schema: Type.Object({ id: Type.String(), at: Type.Integer(), who: Type.String() }),
    ...{ id: 'id', time: 'at', partitionKey: 'who', dedupe: 'off' },
    views: (on) => {
      const view = { key: ['who'], lateness: '3h', measures: { visits: on.count() } } as const;
      return {
        hops: on.view({ ...view, window: hopping({ size: '5m', slide: '1m' }) }),
        stays: on.view({ ...view, window: session({ gap: '1m', longest: '3m' }) }),
      };
    },
  });

  it('holds the panes of whole windows, and no more', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const world = new World([paged]);
        const slow = (visit: Visit) => ({ ...visit, at: t0 + (visit.at - t0) * 25 });
        await play(
          world,
          all.map((step) => ({ ...step, visits: step.visits.map(slow) })),
          1,
        );
        await world.compact();
        for (const view of paged.plan.views) {
          const line = (rows: Rows, row: number) =>
            `${rows.starts[row]} ${rows.end(row)} ${rows.key(row)} ${rows.columns[0]!.result(row)}`;
          const { rows, selected } = await world.reader().read(view.name, { limit: 10_000 });
          const found: string[] = [];
          for await (const piece of scan(world.journals[0]!, view)) {
            found.push(...piece.selected.map((row) => line(piece.rows, row)));
          }
          expect(found, view.name).toEqual(selected.map((row) => line(rows, row)));
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('a final window', () => {
  /** Rows that are final at a watermark, as texts. */
  async function finalRows(world: World, view: ViewName, watermark: number): Promise<string[]> {
    const read = await world.reader().read(view, { limit: 10_000 });
    const { lateness } = read.rows.view;
    const rows = found(read).filter(({ end }) => isFinal(end, lateness, watermark));
    return rows.map((row) => JSON.stringify(row));
  }

  it.each(['0s', '20s'] as const)('never changes, with %s of lateness', async (lateness) => {
    const pipeline = visitsPipeline(lateness);
    let late = 0;
    let final = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const world = new World([pipeline]);
        let before: { readonly watermark: number; readonly rows: Map<ViewName, string[]> } | null =
          null;
        await play(world, all, 1, async () => {
          const { watermark } = await only(world);
          const rows = new Map<ViewName, string[]>();
          for (const view of viewNames) {
            rows.set(view, await finalRows(world, view, watermark));
            if (before === null) continue;
            // What was final then is there, the same, and nothing has come to it.
            const now = await finalRows(world, view, before.watermark);
            expect(now, view).toEqual(before.rows.get(view));
            final += now.length;
          }
          before = { watermark, rows };
        });
        const { counts } = await only(world);
        late += counts.views[2]!.late;
        expect(counts.views[4]!.late).toBe(0);
      }),
      { numRuns: 40 },
    );
    expect(late).toBeGreaterThan(20);
    expect(final).toBeGreaterThan(100);
  });
});
