import { usageRules } from '../../adapters/usage-rules.ts';
import { isTransient, MillraceError } from '../../core/errors.ts';
import type { Cursor } from '../../core/event.ts';
import { MeteredStore } from '../../core/journal/metered-store.ts';
import { Tally } from '../../core/journal/tally.ts';
import type { Limits } from '../../core/limits.ts';
import type { Plan } from '../../core/plan.ts';
import type { ItemKey } from '../../core/ports/state-store.ts';
import { type Labels, Telemetry } from '../../core/ports/telemetry.ts';
import type { PageContext } from '../../core/view/page.ts';
import type { Rates } from './chance.ts';
import { compression } from './compression.ts';
import {
  type Freshness,
  SimObjectStore,
  SimStateStore,
  type StreamLog,
  type Watcher,
} from './ports.ts';
import type { Random } from './random.ts';
import { type Actor, type Call, type Fault, type Host, Scheduler } from './scheduler.ts';
import { Vault } from './vault.ts';

/** What every schedule is made of. */
export interface WorldSetup {
  /** Whether positions have no gaps; then the platform may skip batches, as it does after a failed invocation. */
  readonly contiguous: boolean;
  readonly logs: readonly StreamLog[];
  readonly limits: Limits;
  /** `entryBytesMax` of the extra compactors: small ones put pages into the object store. */
  readonly pageBytesMax: number;
  readonly rates: Rates;
  readonly writers: Freshness;
  readonly queries: Freshness;
  /** The most milliseconds by which a clock is wrong. */
  readonly skew: number;
}

/** Where a run begins. */
export interface WorldParts<S extends WorldSetup> {
  readonly setup: S;
  readonly random: Random;
  /** Virtual time at the start, epoch milliseconds. */
  readonly now: number;
  readonly plan: Plan;
  /** Keeps the steps in words. */
  readonly traced: boolean;
}

const actorsMax = 14;

/** One run: its actors, their faults, the stores that they share, and what happened. */
export abstract class SimWorld<S extends WorldSetup = WorldSetup> implements Host, Watcher {
  readonly setup: S;
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly vault = new Vault();
  readonly figures = new Map<string, number>();
  /** The steps in words, kept only for people. */
  readonly trace: string[] | null;
  /** The first thing that went wrong. */
  failure: string | null = null;
  /** Calls of a store or queue so far. */
  effects = 0;
  /** Faults are over: what runs may finish. */
  healing = false;
  /** The records of each partition that were acknowledged. */
  readonly checkpoints: number[];
  /** Entries committed by an owner within its batch. */
  readonly commits = new Map<Actor, number>();
  readonly torn: Random;
  /** What each actor that writes entries has used and not written down, whatever became of it. */
  readonly tallies: Tally[] = [];
  /** Calls of theirs that reached the store. */
  readonly reached = { reads: 0, writes: 0 };
  protected readonly respawns = new Map<Actor, () => void>();
  /** What runs. */
  readonly plan: Plan;
  /** Batches as they were delivered. */
  private readonly deliveries = new Set<string>();
  private readonly delivered: number[] = [];
  private actors = 0;

  constructor({ setup, random, now, plan, traced }: WorldParts<S>) {
    this.setup = setup;
    this.random = random;
    this.torn = random;
    this.plan = plan;
    this.trace = traced ? [] : null;
    this.scheduler = new Scheduler(now, random, this);
    this.checkpoints = setup.logs.map(() => 0);
  }

  /** The fault that a call meets while there are faults. */
  protected abstract strike(call: Call): Fault;
  /** How many records of a partition an acknowledgement covers. */
  abstract acknowledged(partition: number, cursor: Cursor): number;
  /** The number of the last entry of a partition's journal; -1 for none. */
  abstract lastEntry(partition: number): number;
  abstract wrote(actor: Actor, key: ItemKey, body: Uint8Array, won: boolean): void;
  abstract looked(actor: Actor, partition: string, sort: string): void;

  /** The core's view of the stores, for one actor. */
  context(actor: Actor, entryBytesMax?: number): PageContext {
    const { limits } = this.setup;
    const tally = new Tally(usageRules);
    if (writesEntries(actor)) this.tallies.push(tally);
    return {
      plan: this.plan,
      limits: entryBytesMax === undefined ? limits : { ...limits, entryBytesMax },
      compression,
      store: new MeteredStore(new SimStateStore(actor, this), tally),
      tally,
      objects: new SimObjectStore(actor, this),
      scope: { pipeline: this.plan.name, generation: 1 },
    };
  }

  fail(what: string): void {
    this.failure ??= `step ${this.scheduler.steps}: ${what}`;
  }

  count(name: string, by = 1): void {
    this.figures.set(name, (this.figures.get(name) ?? 0) + by);
  }

  /** A new actor; `respawn` runs when it crashes. */
  actor(kind: Actor['kind'], of: string, respawn: () => void): Actor {
    const { skew } = this.setup;
    const actor = {
      id: this.actors,
      name: `${kind} ${of}#${this.actors}`,
      kind,
      alive: true,
      skew: skew === 0 ? 0 : this.random.int(-skew, skew),
    };
    if (actor.skew !== 0) this.count('clock skewed');
    this.actors += 1;
    this.respawns.set(actor, respawn);
    return actor;
  }

  /** Runs an actor's loop; what it throws is a failure of the run. */
  spawn(actor: Actor, loop: () => Promise<void>): void {
    loop().catch((error: unknown) => this.fail(`${actor.name}: ${told(error)}`));
  }

  /** A point of choice between two things that an actor does. */
  turn(actor: Actor): Promise<void> {
    return this.scheduler.call(actor, 'turn', 'turn', () => undefined);
  }

  /** Takes note of a batch that goes to an owner. */
  delivery(partition: number, from: number, size: number): void {
    const delivered = this.delivered[partition] ?? 0;
    const name = `${partition} ${from} ${size}`;
    if (from < delivered) {
      this.count('redelivery');
      if (!this.deliveries.has(name)) this.count('other batch bounds');
    }
    this.deliveries.add(name);
    this.delivered[partition] = Math.max(delivered, from + size);
  }

  /**
   * An error that an actor may meet; anything else is a failure. A store without sessions may seem to lack entries;
   * one with sessions may seem to lack those of a parent, which have another partition key.
   */
  met(actor: Actor, error: unknown): void {
    const code = error instanceof MillraceError ? error.code : '';
    if (isTransient(error)) this.count(`${actor.kind} gave up: ${code}`);
    else if (code === 'timeout') this.count('time budget ran out');
    else if (code === 'missing' && this.mayLack(actor)) {
      this.count('stopped for a stale read');
    } else this.fail(`${actor.name}: ${told(error)}`);
  }

  private mayLack(actor: Actor): boolean {
    const freshness = this.freshness(actor);
    const hasChildren = this.setup.logs.some(({ parents }) => parents.length > 0);
    return freshness === 'eventual' || (freshness === 'session' && hasChildren);
  }

  // What the scheduler asks.

  fault(call: Call): Fault {
    return this.healing || !call.actor.alive ? 'none' : this.strike(call);
  }

  stepped(call: Call, fault: Fault, answer: unknown): void {
    const effect = call.port === 'store' || call.port === 'objects' || call.port === 'queue';
    const reached = fault === 'none' || fault === 'lost' || fault === 'crash-after';
    if (effect && reached) this.effects += 1;
    if (call.port === 'store' && reached && writesEntries(call.actor)) {
      this.reached[call.writes ? 'writes' : 'reads'] += 1;
    }
    if (call.what.startsWith('put pages/') && reached) this.count('overflowing page');
    const idle = fault === 'frozen' && call.port === 'turn';
    if (fault !== 'none') this.count(idle ? 'idle for long' : `fault: ${fault}`);
    // The platform sees only that an owner is silent, and gives its partition to another one.
    if (fault === 'frozen' && !idle && this.actors < actorsMax && this.random.chance(0.5)) {
      this.respawns.get(call.actor)?.();
    }
    if (this.trace !== null && call.port !== 'turn') {
      const time = new Date(this.scheduler.now).toISOString().slice(5, 23);
      const end = fault === 'none' ? '' : `  <- ${fault}`;
      this.trace.push(
        `${String(this.scheduler.steps).padStart(4)} ${time} ${call.actor.name.padEnd(16)} ` +
          `${call.what}${shown(answer)}${end}`,
      );
    }
  }

  crashed(actor: Actor): void {
    if (!this.healing) this.respawns.get(actor)?.();
  }

  // What the stores ask.

  lag(): number {
    const { stale } = this.setup.rates;
    if (this.healing || stale === 0 || !this.random.chance(stale)) return 0;
    return this.random.int(1, 12);
  }

  freshness(actor: Actor): Freshness {
    const reads = actor.kind === 'reader' || actor.kind === 'publisher';
    return reads ? this.setup.queries : this.setup.writers;
  }

  stale(actor: Actor): void {
    this.count(`stale read: ${this.freshness(actor)}`);
  }

  /** Figures of the core: some of them must never be. */
  telemetry(actor: Actor): Telemetry {
    return new Figures((name, by) => {
      if (name === 'compaction_failures') this.fail(`${actor.name}: a compaction failed`);
      else if (name === 'process_conflicts') this.count('conflict', by);
    });
  }
}

function writesEntries({ kind }: Actor): boolean {
  return kind === 'owner' || kind === 'keeper';
}

class Figures extends Telemetry {
  private readonly counted: (name: string, by: number) => void;

  constructor(counted: (name: string, by: number) => void) {
    super();
    this.counted = counted;
  }

  override count(name: string, by: number, _labels: Labels): void {
    this.counted(name, by);
  }

  override gauge(): void {}

  override record(): void {}
}

function told(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function shown(answer: unknown): string {
  if (answer === undefined) return '';
  if (Array.isArray(answer)) return ` -> ${answer.map(({ sort }) => sort).join(' ') || 'nothing'}`;
  if (typeof answer === 'object') return answer === null ? ' -> nothing' : ' -> an item';
  return ` -> ${String(answer)}`;
}
