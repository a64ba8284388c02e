import { Reader } from '../../core/bytes.ts';
import type { Cursor } from '../../core/event.ts';
import type { EntryHead, ObjectRef } from '../../core/journal/entry.ts';
import { decodeEntryHead } from '../../core/journal/entry-codec.ts';
import { open } from '../../core/journal/envelope.ts';
import { entrySort, headSort, partitionKeyOf } from '../../core/journal/keys.ts';
import type { Usage } from '../../core/journal/usage.ts';
import { compression } from '../../testing/simulation/compression.ts';
import type { Shelf, Vault } from '../../testing/simulation/vault.ts';
import { pipeline } from './definition.ts';
import { type Log, linesBefore } from './log.ts';
import { type Model, timeMin } from './model.ts';
import type { Setup } from './setup.ts';

/** Which journal all runs write. */
export const scope = { pipeline: 'sim', generation: 1 };

/** A committed entry, as the store took it. */
export interface Committed {
  readonly lines: number;
  readonly watermark: number;
  readonly dead: ObjectRef | null;
  readonly late: ObjectRef | null;
  readonly used: Usage;
  /** The last bucket of event time it has ids of. */
  readonly bucket: number;
  /** Nothing comes after it. */
  readonly sealed: boolean;
  readonly bytes: Uint8Array;
}

/** What the journals really hold, checked as it is written: each entry follows the one before, and says no more. */
export class Truth {
  readonly journals: Committed[][];
  private readonly setup: Setup;
  private readonly model: Model;
  private readonly fail: (what: string) => void;

  constructor(setup: Setup, model: Model, fail: (what: string) => void) {
    this.setup = setup;
    this.model = model;
    this.fail = fail;
    this.journals = setup.logs.map(() => []);
  }

  /** Takes note of an entry that a store has just created. */
  committed(key: { readonly partition: string; readonly sort: string }, body: Uint8Array): void {
    const partition = this.partitionOf(key.partition);
    const { limits } = this.setup;
    const entry = decodeEntryHead(key, body, { plan: pipeline.plan, limits, compression });
    const journal = this.journals[partition] as Committed[];
    const log = this.setup.logs[partition] as Log;
    const lines = linesBefore(log, entry.next);
    if (key.sort !== entrySort(journal.length)) {
      this.fail(`${key.sort} was created where entry ${journal.length} was due`);
      return;
    }
    const before = journal.at(-1)?.lines ?? 0;
    const adds = entry.kind === 'run' ? lines > before : lines === before;
    if (entry.index > 0 && (linesBefore(log, entry.from) !== before || !adds)) {
      this.fail(
        `${key.sort} holds lines ${linesBefore(log, entry.from)} to ${lines}, not ${before}`,
      );
    }
    if (entry.kind === 'tick') this.model.tick(partition, lines, entry.watermark);
    if (entry.watermark < (journal.at(-1)?.watermark ?? timeMin)) {
      this.fail(`${key.sort} takes the watermark back to ${entry.watermark}`);
    }
    this.checkContent(partition, key.sort, entry, before, lines);
    journal.push({
      lines,
      watermark: entry.watermark,
      dead: entry.dead,
      late: entry.late,
      used: entry.used,
      bucket: Math.max(...entry.fingerprints.buckets()),
      sealed: entry.kind === 'drained',
      bytes: body,
    });
  }

  private checkContent(
    partition: number,
    sort: string,
    entry: EntryHead,
    before: number,
    lines: number,
  ): void {
    const ticked = this.journals[partition]?.at(-1)?.watermark ?? timeMin;
    const watermark = Math.max(this.model.watermarkAt(partition, lines), ticked);
    if (entry.kind !== 'tick' && entry.watermark !== watermark) {
      this.fail(
        `${sort}: watermark ${entry.watermark}, but after ${lines} lines it is ${watermark}`,
      );
    }
    const counts = JSON.stringify(entry.counts);
    const tally = JSON.stringify(this.model.tallyAt(partition, before, lines));
    if (counts !== tally) this.fail(`${sort}: counts ${counts}, but the lines give ${tally}`);
  }

  /** Whether an entry is committed at a number. */
  has({ partition, sort }: { readonly partition: string; readonly sort: string }): boolean {
    return Number(sort.slice(2)) < (this.journals[this.partitionOf(partition)]?.length ?? 0);
  }

  /** Takes note of an entry that was put over one that is there: only to let it live on. */
  replaced(key: { readonly partition: string; readonly sort: string }, body: Uint8Array): void {
    const journal = this.journals[this.partitionOf(key.partition)];
    const there = journal?.[Number(key.sort.slice(2))]?.bytes;
    const same = there?.length === body.length && there.every((byte, i) => byte === body[i]);
    if (!same) this.fail(`${key.sort} was changed`);
  }

  /** The number of a partition by its key in the store. */
  partitionOf(key: string): number {
    return Number(key.slice(key.lastIndexOf('/') + 1));
  }

  /** How many lines are committed. */
  linesOf(partition: number): number {
    return this.journals[partition]?.at(-1)?.lines ?? 0;
  }

  /** The last entry in pages, as the newest head says; -1 without one. */
  upTo(vault: Vault, partition: number): number {
    const key = { partition: partitionKeyOf(scope, String(partition)), sort: headSort };
    const head = vault.shelf(key.partition).newest(headSort);
    return head?.body ? new Reader(open('head', key, head.body), headSort).unsigned() : -1;
  }

  /** The first entry of a partition that must not vanish: it is not in pages, or has ids that may come again. */
  firstNeeded(vault: Vault, partition: number): number {
    const journal = this.journals[partition] as Committed[];
    const upTo = this.upTo(vault, partition);
    const { horizon, bucketSize } = pipeline.plan;
    const watermark = journal[upTo]?.watermark ?? timeMin;
    const live = journal.findIndex(({ bucket }) => (bucket + 1) * bucketSize + horizon > watermark);
    return live < 0 ? upTo + 1 : Math.min(upTo + 1, live);
  }

  /** The store removes what expired, as far as the rules let it. */
  sweep(vault: Vault, nowSeconds: number): number {
    let removed = 0;
    for (const partition of this.setup.logs.keys()) {
      const shelf: Shelf = vault.shelf(partitionKeyOf(scope, String(partition)));
      const needed = entrySort(this.firstNeeded(vault, partition));
      shelf.floor = shelf.seq;
      removed += shelf.sweep(nowSeconds, (sort) => sort.startsWith('e/') && sort < needed);
      shelf.floor = shelf.seq;
    }
    return removed;
  }

  /** What was acknowledged must be in the journal. */
  acknowledged(partition: number, cursor: Cursor): number {
    const log = this.setup.logs[partition] as Log;
    const lines = linesBefore(log, cursor);
    if (lines > this.linesOf(partition)) {
      this.fail(`${lines} lines acknowledged, ${this.linesOf(partition)} committed`);
    }
    const left = log.records.findIndex(({ position }) => position >= cursor.position);
    return left < 0 ? log.records.length : left;
  }
}
