import { definePipeline, type Pipeline, session, tumbling } from 'millrace';
import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { earthquakes } from '../../pipelines/earthquakes.ts';
import { flights } from '../../pipelines/flights.ts';
import { runPipelineSeed } from '../../testing/simulation/pipeline-schedule.ts';

interface Functions {
  readonly id?: (click: Click) => string;
  readonly partitionKey?: (click: Click) => string;
  readonly transform?: (click: Click) => Click | Click[] | null;
}
interface Click {
  id: string;
  at: number;
  who: string;
  ms: number;
}

/** A pipeline with functions to be watched. */
const clicksWith = (functions: Functions): Pipeline =>
  definePipeline({
    name: 'clicks',
    schema: Type.Object({
      id: Type.String(),
      at: Type.Integer({ minimum: 0 }),
      who: Type.String(),
      ms: Type.Integer({ minimum: 0, maximum: 99 }),
    }),
    id: 'id',
    time: 'at',
    partitionKey: 'who',
    watermark: { outOfOrder: '1m' },
    transform: (click) => click,
    ...functions,
    views: (on) => ({
      slow: on.view({
        key: ['who'],
        window: tumbling('1m'),
        measures: { n: on.count(), ms: on.sum('ms'), p: on.quantiles('ms', [0.5]) },
      }),
      visits: on.view({
        key: ['who'],
        window: session({ gap: '1m' }),
        lateness: '1m',
        measures: { n: on.count() },
      }),
    }),
  });

/** The first failure of some seeds. */
async function firstFailure(pipeline: Pipeline, seeds: number): Promise<string | null> {
  for (let seed = 1; seed <= seeds; seed += 1) {
    const { failure } = await runPipelineSeed(pipeline, seed);
    if (failure !== null) return failure;
  }
  return null;
}

let calls = 0;
const seen = new Set<string>();

describe('the simulation of a pipeline', () => {
  it.each([
    ['id', 'chance', { id: () => String(Math.random()) }],
    ['partitionKey', 'chance', { partitionKey: () => String(Math.random()) }],
    ['transform', 'chance', { transform: (click) => (Math.random() < 0.5 ? null : click) }],
    ['transform', 'the clock', { transform: (click) => ({ ...click, ms: Date.now() % 1_000 }) }],
    [
      'transform',
      'the clock in another way',
      { transform: (click) => ({ ...click, ms: new Date().getMilliseconds() }) },
    ],
    ['transform', 'how often it ran', { transform: (click) => ({ ...click, ms: calls++ }) }],
    [
      'transform',
      'what it has seen',
      {
        transform: (click) => {
          if (seen.has(JSON.stringify(click))) return null;
          seen.add(JSON.stringify(click));
          return click;
        },
      },
    ],
  ] as [string, string, Functions][])(
    'names %s when it depends on %s',
    async (name, _, functions) => {
      const failure = await firstFailure(clicksWith(functions), 20);
      expect(failure).toMatch(new RegExp(`^'${name}' is not deterministic: for the event \\{"id"`));
    },
  );

  it('finds nothing wrong with functions of the event alone, be they ever so odd', async () => {
    const pipeline = clicksWith({
      id: (click) => `${click.who}-${click.at}`,
      partitionKey: (click) => click.who.toUpperCase(),
      transform: (click) => {
        if (click.ms === 7) throw new Error('seven');
        return click.ms < 9 ? null : Array.from({ length: click.ms % 4 }, () => click);
      },
    });
    expect(await firstFailure(pipeline, 60)).toBe(null);
  });

  it('finds nothing wrong with the shipped pipelines, and all that can happen does', async () => {
    const sum = new Map<string, number>();
    for (let seed = 1; seed <= 80; seed += 1) {
      const pipeline: Pipeline = seed % 2 === 0 ? flights : earthquakes;
      const { failure, figures } = await runPipelineSeed(pipeline, seed);
      expect(`${seed}: ${failure}`).toBe(`${seed}: null`);
      for (const [name, times] of figures) sum.set(name, (sum.get(name) ?? 0) + times);
    }
    const happened = [
      ...['fault: crash-before', 'fault: crash-after', 'fault: lost', 'fault: frozen'],
      ...['redelivery', 'race lost', 'batch skipped', 'batch of several entries', 'rows'],
      ...[
        'events duplicates',
        'events filtered',
        'events deadLettered',
        'late events',
        'stale read: eventual',
      ],
    ];
    expect(happened.filter((name) => (sum.get(name) ?? 0) < 5)).toEqual([]);
  });

  it('takes given events in their order instead', async () => {
    const given = Array.from({ length: 12 }, (_, i) => ({
      ...{ id: `f${i}`, date: new Date(Date.UTC(2001, 0, 1, i)).toISOString(), delay: i },
      ...{ distance: 1, origin: 'SFO', destination: 'LAX' },
    }));
    const { failure, figures } = await runPipelineSeed(flights, 3, given);
    expect(failure).toBe(null);
    const accepted = figures.get('events accepted') ?? 0;
    expect(accepted).toBeGreaterThan(6);
    expect(accepted).toBeLessThanOrEqual(12);
  });

  it('takes the same way again for a seed, even with a function that is not deterministic', async () => {
    const once = async (seed: number) => {
      const pipeline = clicksWith({ transform: (click) => ({ ...click, ms: Date.now() % 97 }) });
      const { trace, failure } = await runPipelineSeed(pipeline, seed, null, true);
      return { trace, failure };
    };
    const first = await once(5);
    expect(first.trace?.length).toBeGreaterThan(20);
    expect(await once(5)).toEqual(first);
    expect((await once(6)).trace).not.toEqual(first.trace);
  });
});
