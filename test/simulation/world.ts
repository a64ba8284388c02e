import type { Cursor } from '../../core/event.ts';
import { entrySort, headSort } from '../../core/journal/keys.ts';
import type { ItemKey } from '../../core/ports/state-store.ts';
import type { Freshness } from '../../testing/simulation/ports.ts';
import type { Random } from '../../testing/simulation/random.ts';
import type { Actor, Call, Fault } from '../../testing/simulation/scheduler.ts';
import { SimWorld } from '../../testing/simulation/world.ts';
import { planOf } from './definition.ts';
import { epoch } from './log.ts';
import { countLogs } from './log-figures.ts';
import { Model } from './model.ts';
import type { Claim } from './read-check.ts';
import type { Setup } from './setup.ts';
import { Truth } from './truth.ts';

/** Decides what happens to a call. */
export type Faults = (call: Call, world: World) => Fault;

/** One run with the truth behind its stores, and days that pass. */
export class World extends SimWorld<Setup> {
  readonly model: Model;
  readonly truth: Truth;
  /** What answers called final. */
  readonly claims: Claim[] = [];
  private readonly faults: Faults;
  private readonly loaded = new Set<Actor>();
  /** Heads as readers met them since their last turn. */
  private readonly heads = new Set<string>();
  private readonly compacting = new Set<string>();
  private current: Call | null = null;
  private jumpAt: number;

  constructor(setup: Setup, random: Random, faults: Faults, traced: boolean) {
    super({
      setup,
      random,
      now: epoch + 86_400_000,
      plan: planOf(setup),
      traced,
    });
    this.faults = faults;
    this.model = new Model(setup.logs);
    this.truth = new Truth(setup, this.model, (what) => this.fail(what));
    this.jumpAt = setup.jumpAt || Number.POSITIVE_INFINITY;
    countLogs(this);
  }

  override acknowledged(partition: number, cursor: Cursor): number {
    return this.truth.acknowledged(partition, cursor);
  }

  override lastEntry(partition: number): number {
    return (this.truth.journals[partition]?.length ?? 0) - 1;
  }

  private forgetHeads(actor: Actor): void {
    for (const name of this.heads) if (name.startsWith(`${actor.id} `)) this.heads.delete(name);
  }

  // What the scheduler asks.

  override fault(call: Call): Fault {
    this.current = call;
    if (this.scheduler.steps >= this.jumpAt && !this.healing) this.jump(call);
    return super.fault(call);
  }

  protected override strike(call: Call): Fault {
    return this.faults(call, this);
  }

  override stepped(call: Call, fault: Fault, answer: unknown): void {
    if (call.port === 'turn') this.forgetHeads(call.actor);
    super.stepped(call, fault, answer);
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

  /** Who publishes reads answers, as readers do: a store without sessions is for the write path alone. */
  override freshness(actor: Actor): Freshness {
    const publishes = actor.kind === 'keeper' && this.setup.publishers > 0;
    return publishes ? this.setup.queries : super.freshness(actor);
  }

  // What the stores tell.

  override looked(actor: Actor, partition: string, sort: string): void {
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

  override wrote(actor: Actor, key: ItemKey, body: Uint8Array, won: boolean): void {
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
}
