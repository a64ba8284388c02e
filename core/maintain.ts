import { entryLifeSeconds, noticeText } from './commit.ts';
import { isTransient } from './errors.ts';
import { timeMin } from './event.ts';
import { type Care, readCare, writeCare } from './journal/care.ts';
import { streamPartition } from './journal/keys.ts';
import { renewNeeded } from './journal/renew.ts';
import type { Processor, ProcessorParts } from './process.ts';
import { keptRefs } from './query/kept.ts';
import type { PartitionStatus, Reader } from './query/reader.ts';
import { compact } from './view/compact.ts';
import type { PageContext } from './view/page.ts';

/** All that maintenance needs beside what processing does. */
export interface MaintenanceParts extends ProcessorParts {
  /** The reader of each journal, in the same order. */
  readonly readers: readonly Reader[];
  readonly processor: Processor;
}

/** What one round found and did, over all pipelines. */
export interface Maintained {
  /** Records that stood still in the stream and were processed. */
  readonly recovered: number;
  readonly compacted: number;
  readonly renewed: number;
  /** Notices of dead letters that were sent again. */
  readonly notices: number;
  /** What failed, a sentence each: the rest was done all the same, and the next round tries again. */
  readonly failures: readonly { readonly what: string; readonly error: unknown }[];
}

const recoverRecordsMax = 1_000;
const quietMs = 60_000;

/**
 * What needs a clock: every partition's lag, records that nobody processes, pages that fell behind, entries that
 * would expire while they are needed, notices that were cut off. Runs every minute or so, and two at once do no harm.
 */
export class Maintenance {
  private readonly parts: MaintenanceParts;
  /** Where each journal stood in the round before, by pipeline and partition. */
  private readonly stood = new Map<string, bigint>();

  constructor(parts: MaintenanceParts) {
    this.parts = parts;
  }

  /** One round; never throws. `deadline`: epoch milliseconds after which nothing further begins. */
  async run(deadline: number): Promise<Maintained> {
    const round = new Round(this.parts, this.stood, deadline);
    await round.run();
    return round.done;
  }
}

/** The partition of the stream as the journal holds it now: under the name of its last epoch. */
function newest(statuses: readonly PartitionStatus[], id: string): PartitionStatus | null {
  let found: PartitionStatus | null = null;
  let last = -1;
  for (const status of statuses) {
    const { partition, epoch } = streamPartition(status.partition);
    if (partition === id && epoch > last) [found, last] = [status, epoch];
  }
  return found;
}

/** One round of maintenance. */
class Round {
  readonly done = {
    ...{ recovered: 0, compacted: 0, renewed: 0, notices: 0 },
    failures: [] as { what: string; error: unknown }[],
  };
  private readonly parts: MaintenanceParts;
  private readonly stood: Map<string, bigint>;
  private readonly deadline: number;

  constructor(parts: MaintenanceParts, stood: Map<string, bigint>, deadline: number) {
    this.parts = parts;
    this.stood = stood;
    this.deadline = deadline;
  }

  async run(): Promise<void> {
    const { journals, readers, stream } = this.parts;
    const all: PartitionStatus[][] = [];
    for (const [i, reader] of readers.entries()) {
      const journal = journals[i] as PageContext;
      const { pipeline } = journal.scope;
      await this.attempt(pipeline, async () => {
        const statuses = [...(await reader.partitions())];
        all.push(statuses);
        for (const status of statuses) {
          const what = `${pipeline}, partition ${status.partition}`;
          await this.attempt(what, () => this.care(journal, status));
        }
      });
    }
    // Where a journal can't be read, what stands still in it is not known.
    if (all.length < readers.length) return;
    await this.attempt('the partitions of the stream', async () => {
      for (const { id } of await stream.partitions()) {
        const positions = all.map((statuses) => newest(statuses, id)?.next.position ?? null);
        await this.attempt(`partition ${id}`, () => this.recover(id, positions));
      }
    });
  }

  /** Does one thing; what it throws holds up nothing else. */
  private async attempt(what: string, act: () => Promise<void>): Promise<void> {
    if (this.parts.clock.now() >= this.deadline) return;
    try {
      await act();
    } catch (error) {
      this.done.failures.push({ what, error });
      const name = isTransient(error) ? 'maintain_retries' : 'maintain_failures';
      this.parts.telemetry.count(name, 1, {});
    }
  }

  /**
   * Processes what stands still: a host that moves on after a failure leaves records that no later batch reveals
   * while the stream is silent. Nothing moved since the last round, and the stream has more.
   *
   * @param positions where each journal stands; null for one that has not begun.
   */
  private async recover(partition: string, positions: readonly (bigint | null)[]): Promise<void> {
    const { processor, stream, clock, telemetry } = this.parts;
    const { earliest, latest } = await stream.bounds(partition);
    const stands = positions.reduce<bigint>((least, position) => {
      const at = position ?? earliest;
      return at < least ? at : least;
    }, positions[0] ?? earliest);
    const before = this.stood.get(partition);
    // Positions that start over: the stream was made anew, which its first records will show.
    const anew = stream.contiguous && latest !== null && latest + 1n < stands;
    if (!anew && latest !== null && latest < stands) {
      this.stood.delete(partition);
      return;
    }
    this.stood.set(partition, stands);
    if (!anew && before !== stands) return;
    let position = anew ? earliest : stands;
    while (clock.now() < this.deadline) {
      const { records, caughtUp } = await stream.read(partition, position, recoverRecordsMax);
      const last = records.at(-1);
      if (last === undefined) return;
      const { failures } = await processor.process({ partition, records }, this.deadline);
      if (failures[0] !== undefined) throw failures[0].error;
      this.done.recovered += records.length;
      telemetry.count('maintain_recovered_records', records.length, { partition });
      position = last.position + 1n;
      if (caughtUp) break;
    }
    this.stood.delete(partition);
  }

  private async care(journal: PageContext, status: PartitionStatus): Promise<void> {
    const { clock, telemetry } = this.parts;
    const { partition } = status;
    const labels = { pipeline: journal.scope.pipeline, partition };
    const now = clock.now();
    if (status.lagSeconds !== null) telemetry.gauge('lag_seconds', status.lagSeconds, labels);
    if (status.watermark > timeMin) {
      const watermarkLag = Math.max(0, now - status.watermark) / 1000;
      telemetry.gauge('watermark_lag_seconds', watermarkLag, labels);
    }
    telemetry.gauge('compaction_backlog_entries', status.index - status.upTo, labels);
    await this.compact(journal, status);
    const stored = await readCare(journal, partition);
    const before: Care = stored?.care ?? { renewedAt: 0, noticedTo: -1, noticed: 0 };
    const care = await this.notify(journal, status, await this.renew(journal, status, before));
    if (stored === null || care !== before) await writeCare(journal, partition, care, stored);
  }

  /** Compacts what the processors left, or what they won't get to since the partition is quiet. */
  private async compact(journal: PageContext, status: PartitionStatus): Promise<void> {
    const { clock } = this.parts;
    const { compactEntries } = journal.limits;
    const backlog = status.index - status.upTo;
    const quiet = clock.now() - status.arrival > quietMs;
    if (backlog === 0 || (backlog < 2 * compactEntries && !quiet)) return;
    for (let left = backlog; left > 0 && clock.now() < this.deadline; ) {
      const options = { now: clock.now(), entriesMax: 4 * compactEntries };
      const { entries } = await compact(journal, status.partition, options);
      if (entries === 0) return;
      left -= entries;
      this.done.compacted += entries;
    }
  }

  /** Once in half of a life, lets needed entries of more than a quarter of it live on. */
  private async renew(journal: PageContext, status: PartitionStatus, care: Care): Promise<Care> {
    const now = this.parts.clock.now();
    const lifeMs = entryLifeSeconds(this.parts.retentionSeconds) * 1000;
    if (now - care.renewedAt < lifeMs / 4) return care;
    const expiresAt = Math.ceil((now + lifeMs) / 1000);
    const olderThan = now - lifeMs / 8;
    this.done.renewed += await renewNeeded(journal, status.partition, olderThan, expiresAt);
    return { ...care, renewedAt: now };
  }

  /** Sends the notices of dead letters again that came since the last round: the first ones may have been cut off. */
  private async notify(journal: PageContext, status: PartitionStatus, care: Care): Promise<Care> {
    const { counts, partition, index } = status;
    if (counts.deadLettered === care.noticed) return care;
    const refs = await keptRefs(journal, partition, '_dead');
    for (const [entry, ref] of [...refs].sort(([a], [b]) => a - b)) {
      if (entry <= care.noticedTo || entry > index) continue;
      await this.parts.notices.send(noticeText(journal.scope, partition, entry, ref));
      this.done.notices += 1;
    }
    return { ...care, noticedTo: index, noticed: counts.deadLettered };
  }
}
