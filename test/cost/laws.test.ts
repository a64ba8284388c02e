import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultAwsModes } from '../../cost/aws/settings.ts';
import { awsLoads, awsMeters } from '../../cost/aws/usage.ts';
import { defaultAzureModes } from '../../cost/azure/settings.ts';
import { azureLoads, azureMeters } from '../../cost/azure/usage.ts';
import { billOf } from '../../cost/bill.ts';
import { hoursPerMonth, type Meter, secondsPerMonth } from '../../cost/meter.ts';
import { perMonth } from '../../cost/month.ts';
import { operationsOf } from '../../cost/operations.ts';
import { rivalsOf } from '../../cost/rivals.ts';
import { levelsOf, type Workload, workloadOf } from '../../cost/workload.ts';
import { book, profile } from './shipped.ts';

const shape = fc.oneof(
  fc.constant({ shape: 'flat', peakFactor: 1 }),
  fc.record({
    shape: fc.constant('daily'),
    peakFactor: fc.double({ min: 1, max: 2, noNaN: true }),
  }),
  fc.record({
    shape: fc.constant('bursty'),
    peakFactor: fc.double({ min: 1, max: 20, noNaN: true }),
  }),
);

const workloads: fc.Arbitrary<Workload> = fc
  .tuple(
    shape,
    fc.record({
      eventsPerSecond: fc.double({ min: 0, max: 50_000, noNaN: true }),
      eventBytes: fc.integer({ min: 20, max: 8_000 }),
      recordEvents: fc.integer({ min: 1, max: 1_000 }),
      keys: fc.option(fc.integer({ min: 1, max: 1_000_000 })),
      partitions: fc.integer({ min: 1, max: 64 }),
      batchWindowSeconds: fc.integer({ min: 0, max: 60 }),
      queriesPerSecond: fc.double({ min: 0, max: 100, noNaN: true }),
      archive: fc.boolean(),
    }),
  )
  .map(([form, rest]) => workloadOf({ ...form, ...rest }));

const streams = fc.constantFrom('provisioned', 'on-demand', 'advantage');
const awsModes = fc.record({
  ...{ stream: streams, store: fc.constantFrom('on-demand', 'provisioned') },
  ...{ fanOut: fc.boolean(), processMemoryMB: fc.constantFrom(256, 1_024, 3_008) },
});
const azureModes = fc.record({
  stream: fc.constantFrom('standard', 'premium'),
  functions: fc.constantFrom('on-demand', 'always-ready'),
  http: fc.constantFrom('on-demand', 'always-ready'),
  store: fc.constantFrom('serverless', 'autoscale', 'provisioned'),
  instanceMemoryMB: fc.constantFrom(512, 2_048, 4_096),
});

/** Below, a row has more events than any that was measured, and its size is drawn on from those. */
const keysLeast = 5_000;

/** A workload with a shorter and with a longer window. */
const windows = fc
  .tuple(
    workloads.filter(({ keys }) => keys === null || keys >= keysLeast),
    fc.integer({ min: 0, max: 60 }),
  )
  .map(([workload, batchWindowSeconds]) => {
    const other = { ...workload, batchWindowSeconds };
    return workload.batchWindowSeconds <= batchWindowSeconds
      ? [workload, other]
      : [other, workload];
  }) as fc.Arbitrary<[shorter: Workload, longer: Workload]>;

type Metering = (workload: Workload) => Meter[];
const onAws = awsModes.map((modes): Metering => {
  const all = { ...defaultAwsModes, ...modes } as typeof defaultAwsModes;
  return (workload) => awsMeters(workload, profile, all);
});
const onAzure = (stores: readonly string[]): fc.Arbitrary<Metering> =>
  azureModes
    .filter(({ store }) => stores.includes(store))
    .map((modes): Metering => {
      const all = { ...defaultAzureModes, ...modes } as typeof defaultAzureModes;
      return (workload) => azureMeters(workload, profile, all);
    });
/** Either cloud in any of its modes. */
const meterings = fc.oneof(onAws, onAzure(['serverless', 'autoscale', 'provisioned']));
/** Without autoscale: it bills the highest second, and rarer batches have compactions of more pages. */
const steadyMeterings = fc.oneof(onAws, onAzure(['serverless', 'provisioned']));

const total = (meters: readonly Meter[]): number => billOf(meters, book).total;
/** Sums of some hundred doubles. */
const slack = 1 + 1e-9;

describe('bills', () => {
  it('never get smaller with more events', () => {
    fc.assert(
      fc.property(
        ...([workloads, steadyMeterings, fc.double({ min: 1, max: 4, noNaN: true })] as const),
        (workload, metersOf, factor) => {
          const more = { ...workload, eventsPerSecond: workload.eventsPerSecond * factor };
          expect(total(metersOf(workload))).toBeLessThanOrEqual(total(metersOf(more)) * slack);
        },
      ),
    );
  });

  it('are the sum of their meters, none of which is negative, with and without free tiers', () => {
    fc.assert(
      fc.property(workloads, meterings, (workload, metersOf) => {
        const { lines, total, totalAfterFree } = billOf(metersOf(workload), book);
        let [sum, sumAfterFree] = [0, 0];
        for (const { meter, cost, costAfterFree, freeUnits } of lines) {
          expect(meter.units, meter.name).toBeGreaterThan(0);
          expect(Number.isFinite(cost)).toBe(true);
          expect(costAfterFree).toBeGreaterThanOrEqual(0);
          expect(costAfterFree).toBeLessThanOrEqual(cost);
          expect(freeUnits).toBeLessThanOrEqual(meter.units);
          sum += cost;
          sumAfterFree += costAfterFree;
        }
        expect(total).toBeCloseTo(sum, 6);
        expect(totalAfterFree).toBeCloseTo(sumAfterFree, 6);
        // No meter stands twice.
        const names = lines.map(({ meter }) => `${meter.name} ${meter.price}`);
        expect(new Set(names).size).toBe(names.length);
      }),
    );
  });

  it('give away no more of a free tier than there is', () => {
    fc.assert(
      fc.property(workloads, meterings, (workload, metersOf) => {
        const { lines } = billOf(metersOf(workload), book);
        for (const { id, free = 0 } of book.prices) {
          const given = lines
            .filter(({ price }) => price.id === id)
            .reduce((sum, { freeUnits }) => sum + freeUnits, 0);
          // Sums of fractions are off by a last bit.
          expect(given, id).toBeLessThanOrEqual(free * (1 + 1e-12));
        }
      }),
    );
  });

  it('of autoscale are for what is used in the mean, and a tenth of 1,000 units, at least', () => {
    fc.assert(
      fc.property(workloads, (workload) => {
        const unitsOf = (store: 'serverless' | 'autoscale'): number =>
          azureMeters(workload, profile, { ...defaultAzureModes, store })
            .filter(({ name }) => name.startsWith('request units'))
            .reduce((sum, { units }) => sum + units, 0);
        const used = unitsOf('serverless') / secondsPerMonth;
        const billed = (100 * unitsOf('autoscale')) / hoursPerMonth;
        expect(used).toBeLessThanOrEqual(billed * slack);
        expect(billed * slack).toBeGreaterThanOrEqual(100);
      }),
    );
  });

  it('of other designs have prices too', () => {
    fc.assert(
      fc.property(workloads, fc.constantFrom('aws', 'azure'), (workload, cloud) => {
        for (const { name, meters } of rivalsOf(cloud, workload, profile, book)) {
          expect(total(meters), name).toBeGreaterThan(0);
        }
      }),
    );
  });
});

describe('batches', () => {
  const batches = (workload: Workload, loadsOf: typeof awsLoads): number =>
    perMonth(loadsOf(workload, profile), (load) => load.batchesPerSecond);

  it.each([
    ['AWS', awsLoads],
    ['Azure', azureLoads],
  ] as const)('are never more with a longer window, on %s', (_, loadsOf) => {
    fc.assert(
      fc.property(windows, ([shorter, longer]) => {
        const few = batches(longer, loadsOf);
        expect(few).toBeLessThanOrEqual(batches(shorter, loadsOf) * slack);
      }),
    );
  });

  it('make no more calls of the store with a longer window', () => {
    fc.assert(
      fc.property(windows, fc.constantFrom(awsLoads, azureLoads), ([shorter, longer], loadsOf) => {
        const calls = (workload: Workload): number =>
          perMonth(loadsOf(workload, profile), (load) =>
            operationsOf(load, workload, profile).reduce((sum, one) => sum + one.perSecond, 0),
          );
        // Pages are an integral over five points.
        expect(calls(longer)).toBeLessThanOrEqual(calls(shorter) * 1.001);
      }),
    );
  });

  // Larger batches are compacted later, so maintenance and queries read more behind the head; time is billed in steps.
  it('cost no more with a longer window, but for a tenth at most', () => {
    fc.assert(
      fc.property(windows, steadyMeterings, ([shorter, longer], metersOf) => {
        expect(total(metersOf(longer))).toBeLessThanOrEqual(total(metersOf(shorter)) * 1.1);
      }),
      { numRuns: 400 },
    );
  });

  it('are never more than records, and hold all events', () => {
    fc.assert(
      fc.property(workloads, fc.constantFrom(awsLoads, azureLoads), (workload, loadsOf) => {
        for (const load of loadsOf(workload, profile)) {
          expect(load.batchesPerSecond).toBeLessThanOrEqual(load.recordsPerSecond * slack);
          const held = load.batchesPerSecond * load.batchEvents;
          expect(held).toBeCloseTo(load.eventsPerSecond, 3);
        }
      }),
    );
  });
});

describe('levels', () => {
  it('last for all of the time, with the mean and the peak of the workload', () => {
    fc.assert(
      fc.property(workloads, (workload) => {
        const levels = levelsOf(workload);
        const sum = (of: (level: (typeof levels)[number]) => number): number =>
          levels.reduce((all, level) => all + of(level), 0);
        expect(sum(({ share }) => share)).toBeCloseTo(1, 9);
        const { eventsPerSecond, peakFactor } = workload;
        expect(sum((one) => one.share * one.eventsPerSecond)).toBeCloseTo(eventsPerSecond, 3);
        const most = Math.max(...levels.map((one) => one.eventsPerSecond));
        expect(most).toBeCloseTo(eventsPerSecond * peakFactor, 3);
        for (const one of levels) expect(one.eventsPerSecond).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
