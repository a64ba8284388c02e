import { type Duration, parseDuration } from '../core/duration.ts';
import { MillraceError } from '../core/errors.ts';
import type { DeadReason } from '../core/event.ts';
import type { Counts } from '../core/journal/counts.ts';
import type { Pipeline, Row } from '../core/pipeline.ts';
import type { Answer } from '../core/query/answer.ts';
import type { Grouped, KeyPart, Query } from '../core/query/query.ts';
import type { Crash } from './crashes.ts';
import type { Part } from './difference.ts';
import * as expectations from './expectations.ts';
import { type Body, MemoryHost } from './memory-host.ts';

/** How the pipeline is run. */
export interface GivenOptions {
  /** Partitions of the stream, which decide which events share a watermark. Default 1. */
  readonly partitions?: number;
}

type In<P> = P extends { readonly $in?: infer E } ? Exclude<E, undefined> : never;
type ViewOf<P extends Pipeline> = keyof P['views'] & string;
type KeyOf<R> = R extends { readonly key: infer K } ? Partial<K> : never;
type MeasuresOf<R> = R extends { readonly measures: infer M } ? Part<M> : never;

/**
 * A pipeline under test: the core as it runs everywhere, in memory and on virtual time. Without `at`, events arrive
 * when they happen. Steps and expectations are taken in their order; await the last one.
 */
export function given<P extends Pipeline>(pipeline: P, options: GivenOptions = {}): Given<P> {
  return new Given(pipeline, options);
}

/** What is given, done and expected, a step each. After every step each event must be accounted for exactly once. */
export class Given<P extends Pipeline> implements PromiseLike<undefined> {
  private readonly pipeline: P;
  private readonly host: MemoryHost;
  private done: Promise<unknown> = Promise.resolve();
  private steps = 0;

  constructor(pipeline: P, { partitions = 1 }: GivenOptions) {
    this.pipeline = pipeline;
    this.host = new MemoryHost(pipeline, partitions);
  }

  /** Events that come in one batch: in this order, each in a record of its own. */
  events(...events: readonly In<P>[]): this {
    return this.raw(...(events as readonly Body[]));
  }

  /** As `events`, of what the types forbid: objects, or the text of records. */
  raw(...bodies: readonly Body[]): this {
    return this.step('events', () => this.host.deliver(bodies));
  }

  /** The instance that has the next batch ends at its commit, and a new one gets the batch again. */
  crash(when: Crash): this {
    return this.step(`crash ${when}`, async () => {
      this.host.store.armed = when;
    });
  }

  /** The last batch comes again, to a new instance. */
  redeliver(): this {
    return this.step('redeliver', () => this.host.redeliver());
  }

  /** It becomes this time (RFC 3339). Maintenance runs meanwhile, and idle partitions tick. */
  at(time: string): this {
    return this.step(`at ${time}`, () => this.host.setTime(expectations.instant(time)));
  }

  /** So much time passes. Maintenance runs meanwhile, and idle partitions tick. */
  wait(duration: Duration): this {
    return this.step(`wait ${duration}`, async () => {
      const ms = parseDuration(duration);
      if (ms === null) throw new Error(`'${duration}' is no duration such as 2h`);
      await this.host.pass(this.host.clock.now() + ms);
    });
  }

  /**
   * There is one row of this key and it has at least these values; `null`: there is none. Where a key has rows of
   * several windows, `start` (RFC 3339) says of which.
   */
  expect<const V extends ViewOf<P>>(
    view: V,
    key: NoInfer<KeyOf<Row<P, V>>>,
    measures: NoInfer<MeasuresOf<Row<P, V>>> | null,
    start?: string,
  ): this {
    const what = `expect ${view} ${expectations.textOf(key, start)}`;
    return this.step(what, () =>
      expectations.oneRow(this.host.served, { view, key, start }, measures as object | null),
    );
  }

  /** These are the rows of the view, by start and key, each with at least what is named here. */
  expectRows<const V extends ViewOf<P>>(
    view: V,
    rows: NoInfer<readonly Part<Omit<Row<P, V>, 'view'>>[]>,
  ): this {
    return this.step(`expectRows ${view}`, () =>
      expectations.allRows(this.host.served, view, rows as readonly object[]),
    );
  }

  /** All rows of this key are final, or the one of the window that starts then; there is at least one. */
  expectFinal<const V extends ViewOf<P>>(
    view: V,
    key: NoInfer<KeyOf<Row<P, V>>>,
    start?: string,
  ): this {
    return this.finality('expectFinal', view, key, start);
  }

  /** As `expectFinal`: none of them is. */
  expectNotFinal<const V extends ViewOf<P>>(
    view: V,
    key: NoInfer<KeyOf<Row<P, V>>>,
    start?: string,
  ): this {
    return this.finality('expectNotFinal', view, key, start);
  }

  /** So many events came too late for the view. */
  expectLate(view: ViewOf<P>, count: number): this {
    return this.step(`expectLate ${view} ${count}`, () =>
      expectations.late(this.host.served, view, count),
    );
  }

  /** So many events are dead letters for this reason. */
  expectDeadLetters(reason: DeadReason, count: number): this {
    return this.step(`expectDeadLetters ${reason} ${count}`, () =>
      expectations.deadLetters(this.host.served, reason, count),
    );
  }

  /** What became of the events, over all views. */
  expectCounts(counts: Partial<Omit<Counts, 'views' | 'lost'>>): this {
    return this.step('expectCounts', async () => {
      expectations.counted(await this.host.counts(), counts);
    });
  }

  /** No event is a dead letter and none is late: each is in all its rows, a duplicate, or filtered. */
  expectNothingLost(): this {
    return this.step('expectNothingLost', () => expectations.nothingLost(this.host.served));
  }

  /** The answer to a query after all steps so far, for expectations of another kind. */
  async query<const V extends ViewOf<P>, const G extends KeyPart<Row<P, V>> = KeyPart<Row<P, V>>>(
    view: V,
    query: NoInfer<Omit<Query<Row<P, V>>, 'group'>> & { readonly group?: readonly G[] } = {},
  ): Promise<Answer<Grouped<Row<P, V>, G>>> {
    await this.done;
    return this.host.served.reader.query(this.pipeline, view, query);
  }

  // biome-ignore lint/suspicious/noThenProperty: steps are a chain that is awaited once.
  then<A = undefined, B = never>(
    onDone?: ((value: undefined) => A | PromiseLike<A>) | null,
    onFailure?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    const end = this.done.then(() => {
      if (this.host.store.armed === null) return undefined;
      throw new Error('crash: no batch came after it that had anything to commit');
    });
    return end.then(onDone, onFailure);
  }

  private finality(
    name: 'expectFinal' | 'expectNotFinal',
    view: string,
    key: object,
    start: string | undefined,
  ): this {
    return this.step(`${name} ${view} ${expectations.textOf(key, start)}`, () =>
      expectations.finality(this.host.served, { view, key, start }, name === 'expectFinal'),
    );
  }

  /** Takes a step after the others. One that nobody awaits and that fails is an unhandled rejection. */
  private step(what: string, act: () => Promise<void>): this {
    this.steps += 1;
    const at = `step ${this.steps}: ${what}`;
    const site: { stack?: string } = {};
    Error.captureStackTrace(site);
    this.done = this.done.then(async () => {
      try {
        await act();
        await this.host.counts();
      } catch (cause) {
        throw failure(at, cause, site.stack);
      }
    });
    return this;
  }
}

/** The error of a step, whose stack leads to the line of the test. */
function failure(at: string, cause: unknown, site = ''): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const error = new Error(`${at}\n  ${reason}`, cause instanceof MillraceError ? { cause } : {});
  const frames = site.split('\n').filter((line) => !line.includes(import.meta.filename));
  error.stack = `${error.name}: ${error.message}\n${frames.slice(1).join('\n')}`;
  return error;
}
