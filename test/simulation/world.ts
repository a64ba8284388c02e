import { isTransient, MillraceError } from '../../core/errors.ts';
import { entrySort, headSort } from '../../core/journal/keys.ts';
import type { ItemKey } from '../../core/ports/state-store.ts';
import type { Labels } from '../../core/ports/telemetry.ts';
import { Telemetry } from '../../core/ports/telemetry.ts';
import { epoch } from './log.ts';
import { countLogs } from './log-figures.ts';
import { Model } from './model.ts';
import type { Freshness, Watcher } from './ports.ts';
import type { Random } from './random.ts';
import type { Claim } from './read-check.ts';
import { type Actor, type Call, type Fault, type Host, Scheduler } from './scheduler.ts';
import type { Setup } from './setup.ts';
import { Truth } from './truth.ts';
import { Vault } from './vault.ts';

const actorsMax = 14;

/** Decides what happens to a call. */
export type Faults = (call: Call, world: World) => Fault;

/** One run: its actors, their faults, the truth behind their stores, and what happened. */
export class World implements Host, Watcher {
  readonly setup: Setup;
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly vault = new Vault();
  readonly model: Model;
  readonly truth: Truth;
  readonly figures = new Map<string, number>();
  /** The steps in words, kept only for people. */
  readonly trace: string[] | null;
  /** What answers called final. */
  readonly claims: Claim[] = [];
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
  private readonly faults: Faults;
  private readonly respawns = new Map<Actor, () => void>();
  private readonly loaded = new Set<Actor>();
  /** Batches as they were delivered, and heads as readers met them since their last turn. */
  private readonly deliveries = new Set<string>();
  private readonly reached: number[] = [];
  private readonly heads = new Set<string>();
  private readonly compacting = new Set<string>();
  private current: Call | null = null;
  private jumpAt: number;
  private actors = 0;

  constructor(setup: Setup, random: Random, faults: Faults, traced: boolean) {
    this.setup = setup;
    this.random = random;
    this.torn = random;
    this.faults = faults;
    this.trace = traced ? [] : null;
    this.scheduler = new Scheduler(epoch + 86_400_000, random, this);
    this.model = new Model(setup.logs);
    this.truth = new Truth(setup, this.model, (what) => this.fail(what));
    this.jumpAt = setup.jumpAt || Number.POSITIVE_INFINITY;
    this.checkpoints = setup.logs.map(() => 0);
    countLogs(this);
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
    const reached = this.reached[partition] ?? 0;
    const name = `${partition} ${from} ${size}`;
    if (from < reached) {
      this.count('redelivery');
      if (!this.deliveries.has(name)) this.count('other batch bounds');
    }
    this.deliveries.add(name);
    this.reached[partition] = Math.max(reached, from + size);
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

  private forgetHeads(actor: Actor): void {
    for (const name of this.heads) if (name.startsWith(`${actor.id} `)) this.heads.delete(name);
  }

  // What the scheduler asks.

  fault(call: Call): Fault {
    this.current = call;
    if (this.scheduler.steps >= this.jumpAt && !this.healing) this.jump(call);
    return this.healing || !call.actor.alive ? 'none' : this.faults(call, this);
  }

  stepped(call: Call, fault: Fault, answer: unknown): void {
    const effect = call.port === 'store' || call.port === 'objects' || call.port === 'queue';
    const reached = fault === 'none' || fault === 'lost' || fault === 'crash-after';
    if (effect && reached) this.effects += 1;
    if (call.port === 'turn') this.forgetHeads(call.actor);
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

  /** Whether days would pass to some purpose: there is something that may go. */
  private mayLose(call: Call): boolean {
    const { logs, jumpOnRead } = this.setup;
    const needed = (partition: number): number => this.truth.firstNeeded(this.vault, partition);
    if (!jumpOnRead) return logs.some((_, partition) => needed(partition) > 1);
    const tail = /^range sim\/1\/(\d) e\/0*(\d+)$/.exec(call.what);
    if (call.actor.kind !== 'reader' || tail === null) return false;
    return Number(tail[2]) < needed(Number(tail[1]));
  }

  /** Days pass: what is in the middle of something is gone, and the store removes what has expired. */
  private jump(call: Call): void {
    if (call.actor.kind === 'owner' && call.port !== 'turn') return;
    if (!this.mayLose(call)) return;
    this.jumpAt = Number.POSITIVE_INFINITY;
    for (const actor of [...this.respawns.keys()]) {
      const writes = actor.kind === 'owner' || actor.kind === 'keeper';
      if (!writes || !actor.alive || !this.scheduler.isBusy(actor)) continue;
      this.scheduler.kill(actor);
      this.crashed(actor);
    }
    this.scheduler.now += 5 * 86_400_000;
    this.count('expired entries', this.truth.sweep(this.vault, this.scheduler.now / 1000));
    this.count('days passed');
    this.trace?.push('     days pass');
  }

  // What the stores ask and tell.

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

  looked(actor: Actor, partition: string, sort: string): void {
    if (actor.kind === 'reader' && this.compacting.has(partition)) {
      this.count('read during compaction');
    }
    if (actor.kind === 'reader' && sort === headSort && !this.healing) {
      const name = `${actor.id} ${partition}`;
      if (this.heads.has(name)) this.count('read again for a hole');
      this.heads.add(name);
    }
    if (actor.kind !== 'owner' || sort !== headSort || this.loaded.has(actor)) return;
    this.loaded.add(actor);
    const warm = this.vault.shelf(partition).newest(headSort) !== null;
    this.count(warm ? 'cold load from head' : 'cold load without head');
  }

  wrote(actor: Actor, key: ItemKey, body: Uint8Array, won: boolean): void {
    const zombie = (this.current?.thawAt ?? 0) > 0;
    if (zombie) this.count(won ? 'zombie landed' : 'zombie refused');
    if (key.sort.startsWith('e/')) {
      if (!won) this.count(key.sort === entrySort(0) ? 'genesis race' : 'entry race');
      else if (this.truth.has(key)) this.truth.replaced(key, body);
      else {
        this.truth.committed(key, body);
        if (key.sort !== entrySort(0)) this.commits.set(actor, (this.commits.get(actor) ?? 0) + 1);
      }
    } else if (key.sort === headSort) {
      if (!won) this.count('compaction lost');
      this.compacting.delete(key.partition);
    } else if (key.sort.startsWith('p/')) {
      if (!won) this.count('page race');
      else this.compacting.add(key.partition);
    } else if (!won) {
      this.count(key.sort.startsWith('published/') ? 'cursor race' : 'partitions race');
    }
  }

  /** Figures of the core: some of them must never be. */
  telemetry(actor: Actor): Telemetry {
    return new Figures((name, by) => {
      if (name === 'compaction_failures') this.fail(`${actor.name}: a compaction failed`);
      else if (name === 'process_conflicts') this.count('conflict', by);
    });
  }
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
