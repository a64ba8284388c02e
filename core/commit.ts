import { type Beginning, begin } from './begin.ts';
import { entryLifeSeconds } from './entry-life.ts';
import { isTransient, MillraceError } from './errors.ts';
import type { Cursor, StreamRecord } from './event.ts';
import { type FoldContext, type Folded, fold } from './fold/fold.ts';
import { dueRecords, isOver, isRemade } from './gap.ts';
import { type End, type Entry, emptyEntry } from './journal/entry.ts';
import { encodeEntry } from './journal/entry-codec.ts';
import { entrySort, journalPartition, partitionKeyOf } from './journal/keys.ts';
import { type Call, catchUp, load } from './journal/load.ts';
import { epochOf, readPartitions } from './journal/partitions.ts';
import { advance, type PartitionState } from './journal/state.ts';
import { carried } from './journal/tally.ts';
import { addUsage } from './journal/usage.ts';
import { keep } from './keep.ts';
import { noticeText } from './notice.ts';
import type { ItemKey } from './ports/state-store.ts';
import type { Labels } from './ports/telemetry.ts';
import type { ProcessorParts } from './process.ts';
import type { References } from './references/references.ts';
import { assertTime, pause, type RetryBudget, retry } from './retry.ts';
import { compact } from './view/compact.ts';
import type { PageContext } from './view/page.ts';

/** What an instance keeps of a partition between batches. */
export interface Warm {
  /** The partition of the stream. */
  readonly partition: string;
  readonly state: PartitionState;
  /** How often the stream was made anew. */
  readonly epoch: number;
  /** Last entry that compaction has merged. */
  readonly upTo: number;
  /** When a load or a commit last showed that the state is the newest, epoch milliseconds. */
  readonly verifiedAt: number;
}

/** An entry as it is to be committed, and the records that it was folded from, perhaps among others. */
type Next = Folded & { readonly entry: Entry; readonly records: readonly StreamRecord[] };

/** Records that are read at once from a partition that was split or merged. */
const drainRecordsMax = 1_000;

/** One batch on its way into one journal: load, fold, commit. */
export class Commit {
  /** Up to where the journal is known to be; null while it is not. */
  committed: Cursor | null = null;
  private readonly parts: ProcessorParts;
  private readonly journal: PageContext;
  /** The partition of the stream. */
  private readonly stream: string;
  /** The name under which the journal holds it. */
  private partition: string;
  private readonly budget: RetryBudget;
  /** Calls the store until it answers or the time is up. */
  private readonly call: Call;
  private readonly entryBytesMax: number;
  private readonly references: References;
  /** How often in a row another writer was first. */
  private conflicts = 0;
  /** Records before the batch that were read from the stream, and may come as several entries. */
  private skipped: readonly StreamRecord[] = [];

  constructor(
    parts: ProcessorParts,
    journal: PageContext,
    references: References,
    partition: string,
    budget: RetryBudget,
  ) {
    this.parts = parts;
    this.references = references;
    this.journal = journal;
    this.stream = partition;
    this.partition = partition;
    this.budget = budget;
    this.call = (read) => retry(budget, read);
    this.entryBytesMax = Math.min(journal.limits.entryBytesMax, journal.store.itemBytesMax);
  }

  /** Brings the records into the journal, as several entries where one has no room for them. */
  async run(known: Warm | null, records: readonly StreamRecord[]): Promise<Warm> {
    let warm = this.at(known ?? (await this.load()));
    for (;;) {
      if (isOver(warm.state, records)) {
        warm = this.at(await this.load(warm.epoch + 1));
        continue;
      }
      const next = await this.next(warm.state, records);
      if (next === null) return this.compactIfDue(warm);
      warm = await this.put(warm, next);
    }
  }

  /**
   * Brings all that a partition holds into the journal, which was split or merged, and seals it.
   *
   * @param isListed whether the stream still knows it.
   * @throws MillraceError `unavailable` while it is not read to its end.
   */
  async drain(isListed: boolean): Promise<Warm> {
    let warm = this.at(await this.load());
    while (warm.state.end === null) {
      const { position } = warm.state.next;
      const records = isListed ? await retry(this.budget, () => this.left(position)) : [];
      if (records.length > 0) warm = await this.run(warm, records);
      else warm = await this.put(warm, this.last(warm.state, 'drained'));
    }
    return warm;
  }

  /** Records of a partition that was split or merged, from a position on; none at its end. */
  private async left(from: bigint): Promise<readonly StreamRecord[]> {
    const { records, ended } = await this.parts.stream.read(this.stream, from, drainRecordsMax);
    if (records.length > 0 || ended) return records;
    throw new MillraceError('unavailable', `${this.name}: not read to its end`);
  }

  /** The state after an entry is put: ours, or what another writer put there first. */
  private async put(warm: Warm, next: Next): Promise<Warm> {
    assertTime(this.budget, this.name);
    const entry = await this.commit(next);
    if (entry === null) {
      this.count('process_conflicts', 1);
      const state = await this.reload(warm.state, this.conflicts);
      this.conflicts += 1;
      return this.at({ ...warm, state });
    }
    this.conflicts = 0;
    const verifiedAt = this.parts.clock.now();
    const after = this.at({ ...warm, state: advance(warm.state, entry), verifiedAt });
    await this.notify(entry);
    return after;
  }

  /** The next entry; null when the journal holds all of the records. */
  private async next(
    state: PartitionState,
    records: readonly StreamRecord[],
  ): Promise<Next | null> {
    if (isRemade(this.parts.stream, state, records)) {
      this.count('process_stream_epochs', 1);
      return this.last(state, 'closed');
    }
    const [due, context] = await this.due(state, records);
    const { entry, ...folded } = fold(state, due, context);
    return entry === null ? null : { ...folded, entry, records: due };
  }

  private last(state: PartitionState, kind: End): Next {
    const entry = emptyEntry(this.journal.plan, kind, state);
    return { entry, dead: [], late: [], more: false, records: [] };
  }

  private get name(): string {
    return `${this.journal.scope.pipeline}, partition ${this.partition}`;
  }

  /** Takes note of where the journal stands. */
  private at(warm: Warm): Warm {
    this.partition = journalPartition(this.stream, warm.epoch);
    this.committed = warm.state.next;
    return warm;
  }

  /** The records to fold now, those that were skipped before the batch first. */
  private async due(
    state: PartitionState,
    batch: readonly StreamRecord[],
  ): Promise<[readonly StreamRecord[], FoldContext]> {
    const references = await retry(this.budget, () => this.references.current());
    const { entryBytesMax } = this;
    const context = { ...this.journal, entryBytesMax, lost: 0, references };
    const left = this.skipped.findIndex(({ position }) => position === state.next.position);
    if (left >= 0) return [this.skipped.slice(left), context];
    const { records, lost } = await retry(this.budget, () =>
      dueRecords(this.parts.stream, this.stream, state, batch),
    );
    if (records !== batch) {
      this.skipped = records;
      this.count('process_gap_records', records.length);
    }
    return [records, { ...context, lost }];
  }

  private count(name: string, by: number, labels: Labels = {}): void {
    const { pipeline } = this.journal.scope;
    this.parts.telemetry.count(name, by, { pipeline, partition: this.partition, ...labels });
  }

  /** The entry as committed, or null if another writer has put one at its number. */
  private async commit({ entry: draft, dead, late, records }: Next): Promise<Entry | null> {
    const { store, tally } = this.journal;
    const { partition } = this;
    const { index, from, next } = draft;
    const kept = {
      dead: await keep(this.journal, { partition, view: '_dead', index, kept: dead }, this.call),
      late: await keep(this.journal, { partition, view: '_late', index, kept: late }, this.call),
    };
    const key = {
      partition: partitionKeyOf(this.journal.scope, partition),
      sort: entrySort(index),
    };
    let entry = { ...draft, ...kept };
    let size = 0;
    const won = await carried(tally, (before) => {
      const used = addUsage(before, tally?.recordsIn(records, from, next) ?? {});
      entry = { ...entry, used };
      const bytes = this.encoded(key, entry);
      size = bytes.length;
      const life = entryLifeSeconds(this.parts.retentionSeconds);
      const expiresAt = Math.ceil(this.parts.clock.now() / 1000) + life;
      return this.call(() => store.create(key, bytes, expiresAt));
    });
    if (!won) return null;
    this.tell(entry, size);
    return entry;
  }

  private encoded(key: ItemKey, entry: Entry): Uint8Array {
    const bytes = encodeEntry(key, entry, this.journal);
    if (bytes.length <= this.entryBytesMax) return bytes;
    const text = `entry ${key.sort} has ${bytes.length} bytes, over ${this.entryBytesMax}`;
    throw new MillraceError('bug', text);
  }

  /** What is told of a committed entry. */
  private tell({ counts }: Entry, bytes: number): void {
    this.count('process_entries', 1);
    this.count('process_entry_bytes', bytes);
    this.count('process_events', counts.received);
    if (counts.lost > 0) this.count('process_lost_records', counts.lost);
    for (const [i, { overflowed = 0 }] of counts.views.entries()) {
      const view = this.journal.plan.views[i]?.name as string;
      if (overflowed > 0) this.count('process_overflowed_events', overflowed, { view });
    }
  }

  /** The state after what other writers put there; asks again while a stale read shows nothing. */
  private async reload(state: PartitionState, conflicts: number): Promise<PartitionState> {
    const next = await catchUp(this.journal, this.partition, state, this.call);
    if (next.index > state.index) return next;
    assertTime(this.budget, this.name);
    await pause(this.budget, conflicts);
    return next;
  }

  /** The newest state of an epoch, the last that is listed by default; begins the journal where there is none. */
  private async load(from = 0): Promise<Warm> {
    for (let attempt = 0; ; attempt += 1) {
      const partitions = await retry(this.budget, () => readPartitions(this.journal));
      const epoch = Math.max(from, epochOf(partitions, this.stream));
      this.partition = journalPartition(this.stream, epoch);
      const loaded = await load(this.journal, this.partition, this.call);
      const verifiedAt = this.parts.clock.now();
      if (loaded.state.index >= 0) return { ...loaded, partition: this.stream, epoch, verifiedAt };
      await begin(this.beginning, this.stream, epoch);
      if (attempt > 0) await pause(this.budget, attempt);
      assertTime(this.budget, this.name);
    }
  }

  private get beginning(): Beginning {
    const { parts, journal, references, budget } = this;
    const drain = (partition: string, isListed: boolean): Promise<Warm> =>
      new Commit(parts, journal, references, partition, budget).drain(isListed);
    return { stream: parts.stream, journal, budget, drain };
  }

  /** Sends the notice of an entry's dead letters. It is only a notice: a failure costs nothing but a count. */
  private async notify(entry: Entry): Promise<void> {
    if (entry.dead === null) return;
    const { scope } = this.journal;
    const notice = noticeText(scope, this.partition, entry.index, entry.dead);
    try {
      await this.parts.notices.send(notice);
    } catch {
      this.count('process_notice_failures', 1);
    }
  }

  /** Compacts every `compactEntries` entries. It never fails the batch: what is left is done next time. */
  private async compactIfDue(warm: Warm): Promise<Warm> {
    const { compactEntries } = this.journal.limits;
    if (warm.state.index - warm.upTo < compactEntries) return warm;
    if (this.parts.clock.now() >= this.budget.deadline) return warm;
    try {
      const { upTo, pages } = await compact(this.journal, this.partition, 4 * compactEntries);
      this.count('compaction_pages', pages);
      return { ...warm, upTo: Math.max(warm.upTo, upTo) };
    } catch (error) {
      this.count(isTransient(error) ? 'compaction_retries' : 'compaction_failures', 1);
      return warm;
    }
  }
}
