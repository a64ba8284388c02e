import { Fingerprints } from './dedupe/fingerprints.ts';
import { isTransient, MillraceError } from './errors.ts';
import { type Batch, type Cursor, compareCursors, type StreamRecord, start } from './event.ts';
import { type Folded, fold } from './fold/fold.ts';
import type { DeadLetter } from './fold/kept.ts';
import { hashBytes } from './hash.ts';
import { noCounts } from './journal/counts.ts';
import type { Entry, ObjectRef } from './journal/entry.ts';
import { encodeEntry } from './journal/entry-codec.ts';
import { entrySort, keptName, partitionKeyOf } from './journal/keys.ts';
import { catchUp, load } from './journal/load.ts';
import { addPartition } from './journal/partitions.ts';
import { advance, type PartitionState } from './journal/state.ts';
import { Mutex } from './mutex.ts';
import type { Clock } from './ports/clock.ts';
import type { MessageQueue } from './ports/message-queue.ts';
import type { Telemetry } from './ports/telemetry.ts';
import { assertTime, pause, type RetryBudget, retry } from './retry.ts';
import { compact } from './view/compact.ts';
import type { PageContext } from './view/page.ts';
import { Rows } from './view/rows.ts';

/** All that processing needs from outside. */
export interface ProcessorParts {
  /** One journal per pipeline of the stream. */
  readonly journals: readonly PageContext[];
  /** Gets a notice for each object of dead letters. */
  readonly notices: MessageQueue;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly random: () => number;
  /** The oldest position that the stream still has of a partition: where a new journal starts. */
  readonly earliest: (partition: string) => Promise<bigint>;
  /** How long the stream keeps records, seconds: entries live at least twice as long. */
  readonly retentionSeconds: number;
}

/** What became of a batch. */
export interface Outcome {
  /** Everything before it is committed by every pipeline: what may be acknowledged. */
  readonly acknowledged: Cursor;
  /** The pipelines that did not get to the end of the batch, and why. */
  readonly failures: readonly { readonly pipeline: string; readonly error: unknown }[];
}

/** A notice about dead letters, as JSON in the queue. At least once; the entry is the truth. */
export interface DeadLetterNotice {
  readonly millrace: 'dead-letters';
  readonly pipeline: string;
  readonly partition: string;
  readonly entry: number;
  readonly count: number;
  readonly object: string;
}

interface Warm {
  state: PartitionState;
  /** Last entry that compaction has merged. */
  upTo: number;
  /** When a load or a commit last showed that the state is the newest, epoch milliseconds. */
  verifiedAt: number;
}

const entryLifeSecondsMin = 172_800;

/**
 * Brings batches into the journals: load, fold, commit, acknowledge. The only retry loop of the write path. Safe
 * under redelivery, lost answers, and any number of other processors of the same partition.
 */
export class Processor {
  private readonly parts: ProcessorParts;
  private readonly warm = new Map<string, Warm>();
  private readonly mutex = new Mutex();

  constructor(parts: ProcessorParts) {
    this.parts = parts;
  }

  /**
   * Commits a batch to the journal of every pipeline, one after the other; one that fails does not hold back the
   * rest. Never throws for what is in the batch.
   *
   * @param deadline epoch milliseconds; what is committed by then stays, the rest is for the next delivery.
   */
  process(batch: Batch, deadline: number): Promise<Outcome> {
    return this.mutex.run(batch.partition, () => this.processAlone(batch, deadline));
  }

  private async processAlone(batch: Batch, deadline: number): Promise<Outcome> {
    const { clock, random, journals, telemetry } = this.parts;
    const failures: { pipeline: string; error: unknown }[] = [];
    let acknowledged: Cursor | null = null;
    for (const journal of journals) {
      const pipeline = journal.scope.pipeline;
      const run = new Run(this.parts, journal, batch.partition, { clock, random, deadline });
      const key = `${pipeline}/${batch.partition}`;
      let next: Cursor;
      try {
        const warm = await run.commitAll(this.fresh(key), batch.records);
        this.warm.set(key, warm);
        next = warm.state.next;
      } catch (error) {
        // A state that a failed run may have half advanced is void.
        this.warm.delete(key);
        next = run.committed ?? start;
        failures.push({ pipeline, error });
        telemetry.count('process_failures', 1, { pipeline, partition: batch.partition });
      }
      if (acknowledged === null || compareCursors(next, acknowledged) < 0) acknowledged = next;
    }
    return { acknowledged: acknowledged ?? start, failures };
  }

  private fresh(key: string): Warm | null {
    const warm = this.warm.get(key);
    // The run that gets the state owns it: an invocation that is cut off must not leave it to others.
    this.warm.delete(key);
    if (warm === undefined) return null;
    const { limits } = this.parts.journals[0] as PageContext;
    const age = this.parts.clock.now() - warm.verifiedAt;
    return age <= limits.warmStateSecondsMax * 1000 ? warm : null;
  }
}

/** One batch on its way into one journal. */
class Run {
  /** Up to where the journal is known to be; null while it is not. */
  committed: Cursor | null = null;
  private readonly parts: ProcessorParts;
  private readonly journal: PageContext;
  private readonly partition: string;
  private readonly budget: RetryBudget;
  private readonly entryBytesMax: number;

  constructor(parts: ProcessorParts, journal: PageContext, partition: string, budget: RetryBudget) {
    this.parts = parts;
    this.journal = journal;
    this.partition = partition;
    this.budget = budget;
    this.entryBytesMax = Math.min(journal.limits.entryBytesMax, journal.store.itemBytesMax);
  }

  async commitAll(known: Warm | null, records: readonly StreamRecord[]): Promise<Warm> {
    let warm = known ?? (await this.load());
    this.committed = warm.state.next;
    for (let lost = 0; ; ) {
      const context = { ...this.journal, entryBytesMax: this.entryBytesMax };
      const folded = fold(warm.state, records, context);
      if (folded.entry === null) break;
      assertTime(this.budget, `${this.journal.scope.pipeline}, partition ${this.partition}`);
      const entry = await this.commit(folded, folded.entry);
      if (entry !== null) {
        warm = { ...warm, state: advance(warm.state, entry), verifiedAt: this.parts.clock.now() };
        this.committed = warm.state.next;
        lost = 0;
        await this.notify(entry);
      } else {
        this.count('process_conflicts', 1);
        warm = { ...warm, state: await this.reload(warm.state, lost) };
        this.committed = warm.state.next;
        lost += 1;
      }
    }
    return this.compactIfDue(warm);
  }

  private count(name: string, by: number): void {
    const { pipeline } = this.journal.scope;
    this.parts.telemetry.count(name, by, { pipeline, partition: this.partition });
  }

  /** The entry as committed, or null if another writer has put one at its number. */
  private async commit(folded: Folded, draft: Entry): Promise<Entry | null> {
    const { store, scope } = this.journal;
    const dead = await this.keep('_dead', draft.index, folded.dead);
    const late = await this.keep('_late', draft.index, folded.late);
    const entry = { ...draft, dead, late };
    const key = {
      partition: partitionKeyOf(scope, this.partition),
      sort: entrySort(entry.index),
    };
    const bytes = encodeEntry(key, entry, this.journal);
    if (bytes.length > this.entryBytesMax) {
      const text = `entry ${key.sort} has ${bytes.length} bytes, over ${this.entryBytesMax}`;
      throw new MillraceError('bug', text);
    }
    const life = Math.max(entryLifeSecondsMin, 2 * this.parts.retentionSeconds);
    const expiresAt = Math.ceil(this.parts.clock.now() / 1000) + life;
    if (!(await retry(this.budget, () => store.create(key, bytes, expiresAt)))) return null;
    this.count('process_entries', 1);
    this.count('process_entry_bytes', bytes.length);
    this.count('process_events', entry.counts.received);
    return entry;
  }

  /** Puts dead letters or late events into the object store, named by their content. */
  private async keep(
    view: '_dead' | '_late',
    index: number,
    kept: readonly DeadLetter[],
  ): Promise<ObjectRef | null> {
    if (kept.length === 0) return null;
    const lines = new TextEncoder().encode(kept.map(({ json }) => `${json}\n`).join(''));
    const hash = hashBytes(lines).toString(16).padStart(16, '0');
    const name = keptName(this.journal.scope, this.partition, view, index, hash);
    const packed = this.journal.compression.compress(lines);
    await retry(this.budget, () => this.journal.objects.put(name, packed));
    return { hash, count: kept.length };
  }

  /** The state after what other writers put there; asks again while a stale read shows nothing. */
  private async reload(state: PartitionState, lost: number): Promise<PartitionState> {
    const next = await retry(this.budget, () => catchUp(this.journal, this.partition, state));
    if (next.index > state.index) return next;
    assertTime(this.budget, `${this.journal.scope.pipeline}, partition ${this.partition}`);
    await pause(this.budget, lost);
    return next;
  }

  /** The newest state; begins the journal where there is none. */
  private async load(): Promise<Warm> {
    for (let attempt = 0; ; attempt += 1) {
      const loaded = await retry(this.budget, () => load(this.journal, this.partition));
      if (loaded.state.index >= 0) return { ...loaded, verifiedAt: this.parts.clock.now() };
      await this.begin();
      if (attempt > 0) await pause(this.budget, attempt);
      assertTime(this.budget, `${this.journal.scope.pipeline}, partition ${this.partition}`);
    }
  }

  /** Lists the partition, then puts its genesis, which never expires: so a stale read can't begin it twice. */
  private async begin(): Promise<void> {
    const { store, scope, plan } = this.journal;
    const { finalTo } = await retry(this.budget, () => addPartition(this.journal, this.partition));
    const position = await retry(this.budget, () => this.parts.earliest(this.partition));
    const cursor = { position, line: 0 };
    const genesis: Entry = {
      kind: 'genesis',
      index: 0,
      from: cursor,
      next: cursor,
      watermark: finalTo,
      arrival: 0,
      counts: noCounts(plan.views.length),
      fingerprints: new Fingerprints(),
      views: plan.views.map((view) => new Rows(view)),
      dead: null,
      late: null,
    };
    const key = { partition: partitionKeyOf(scope, this.partition), sort: entrySort(0) };
    const bytes = encodeEntry(key, genesis, this.journal);
    await retry(this.budget, () => store.create(key, bytes));
  }

  /** Sends the notice of an entry's dead letters. It is only a notice: a failure costs nothing but a count. */
  private async notify(entry: Entry): Promise<void> {
    if (entry.dead === null) return;
    const { scope } = this.journal;
    const { hash, count } = entry.dead;
    const notice: DeadLetterNotice = {
      millrace: 'dead-letters',
      pipeline: scope.pipeline,
      partition: this.partition,
      entry: entry.index,
      count,
      object: keptName(scope, this.partition, '_dead', entry.index, hash),
    };
    this.count('process_dead_letters', count);
    try {
      await this.parts.notices.send(JSON.stringify(notice));
    } catch {
      this.count('process_notice_failures', 1);
    }
  }

  /** Compacts every `compactEntries` entries. It never fails the batch: what is left is done next time. */
  private async compactIfDue(warm: Warm): Promise<Warm> {
    const { compactEntries } = this.journal.limits;
    if (warm.state.index - warm.upTo < compactEntries) return warm;
    try {
      const now = this.parts.clock.now();
      const options = { now, entriesMax: 4 * compactEntries };
      const { upTo, pages } = await compact(this.journal, this.partition, options);
      this.count('compaction_pages', pages);
      return { ...warm, upTo: Math.max(warm.upTo, upTo) };
    } catch (error) {
      this.count(isTransient(error) ? 'compaction_retries' : 'compaction_failures', 1);
      return warm;
    }
  }
}
