import { entryLifeSeconds } from './commit.ts';
import { isTransient, MillraceError } from './errors.ts';
import { type Batch, timeMin } from './event.ts';
import { type Care, readCare, writeCare } from './journal/care.ts';
import { streamPartition } from './journal/keys.ts';
import { renewNeeded } from './journal/renew.ts';
import { noticeText } from './notice.ts';
import { isIndexed } from './poison.ts';
import type { PartitionInfo } from './ports/stream-reader.ts';
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

/** One thing to do in a round. */
interface Task {
  readonly what: string;
  readonly act: () => Promise<void>;
}

const recoverRecordsMax = 1_000;
const quietMs = 60_000;
const nothingYet: Care = {
  ...{ renewedAt: 0, noticedTo: -1, noticedArrival: 0, dead: 0, lost: 0, stood: null },
};

/**
 * What needs a clock: every partition's lag, records that nobody processes, pages that fell behind, entries that
 * would expire while they are needed, notices that were cut off. Runs every minute or so, and two at once do no harm.
 */
export class Maintenance {
  private readonly parts: MaintenanceParts;
  /** Where the next round begins, so that a slow store keeps no partition from its turn. */
  private first = 0;

  constructor(parts: MaintenanceParts) {
    this.parts = parts;
  }

  /** One round; never throws. `deadline`: epoch milliseconds after which nothing further begins. */
  async run(deadline: number): Promise<Maintained> {
    const { clock, telemetry } = this.parts;
    const round = new Round(this.parts, deadline);
    const tasks = await round.tasks();
    const first = tasks.length === 0 ? 0 : this.first % tasks.length;
    let done = 0;
    for (const { what, act } of [...tasks.slice(first), ...tasks.slice(0, first)]) {
      if (clock.now() >= deadline) break;
      await round.attempt(what, act);
      done += 1;
    }
    this.first = done === tasks.length ? 0 : first + done;
    if (done < tasks.length) {
      const left = `${tasks.length - done} of ${tasks.length} partitions had no turn`;
      round.done.failures.push({ what: left, error: new MillraceError('timeout', left) });
      telemetry.count('maintain_unreached', tasks.length - done, {});
    }
    return round.done;
  }
}

/** One round of maintenance. */
class Round {
  readonly done = {
    ...{ recovered: 0, compacted: 0, renewed: 0, notices: 0 },
    failures: [] as { what: string; error: unknown }[],
  };
  private readonly parts: MaintenanceParts;
  private readonly deadline: number;

  constructor(parts: MaintenanceParts, deadline: number) {
    this.parts = parts;
    this.deadline = deadline;
  }

  /** A task for each partition of each journal, and for those of the stream that no journal has begun. */
  async tasks(): Promise<Task[]> {
    const { journals, readers, stream } = this.parts;
    const tasks: Task[] = [];
    const begun: Set<string>[] = [];
    for (const [i, reader] of readers.entries()) {
      const journal = journals[i] as PageContext;
      const { pipeline } = journal.scope;
      await this.attempt(pipeline, async () => {
        const listed = await reader.listed();
        begun.push(new Set(listed.map((one) => streamPartition(one.partition).partition)));
        for (const one of listed) {
          const act = async () => this.care(journal, await reader.partition(one));
          tasks.push({ what: `${pipeline}, partition ${one.partition}`, act });
        }
      });
    }
    await this.attempt('the partitions of the stream', async () => {
      for (const info of await stream.partitions()) {
        if (begun.every((names) => names.has(info.id))) continue;
        tasks.push({ what: `partition ${info.id}`, act: () => this.begin(info) });
      }
    });
    return tasks;
  }

  /** Does one thing; what it throws holds up nothing else. */
  async attempt(what: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.done.failures.push({ what, error });
      const name = isTransient(error) ? 'maintain_retries' : 'maintain_failures';
      this.parts.telemetry.count(name, 1, {});
    }
  }

  private async care(journal: PageContext, status: PartitionStatus): Promise<void> {
    const { partition } = status;
    this.report(journal, status);
    const stored = await readCare(journal, partition);
    let care = stored?.care ?? nothingYet;
    const { stood } = care;
    if (status.active) {
      care = { ...care, stood: await this.behind(status) };
      care = await this.renew(journal, status, care);
    }
    care = this.count(journal, status, care);
    // Before the rest, which may fail: what is done is done.
    if (stored === null || !isSame(care, stored.care)) {
      await writeCare(journal, partition, care, stored);
    }
    if (care.stood !== null && care.stood === stood) await this.recover(partition, care.stood);
    await this.compact(journal, status);
    await this.notify(journal, status, care);
  }

  private report(journal: PageContext, status: PartitionStatus): void {
    const { clock, telemetry } = this.parts;
    const { partition, active, lagSeconds, watermark, index, upTo } = status;
    const labels = { pipeline: journal.scope.pipeline, partition };
    telemetry.gauge('compaction_backlog_entries', index - upTo, labels);
    if (!active) return;
    if (lagSeconds !== null) telemetry.gauge('lag_seconds', lagSeconds, labels);
    if (watermark > timeMin) {
      const watermarkLag = Math.max(0, clock.now() - watermark) / 1000;
      telemetry.gauge('watermark_lag_seconds', watermarkLag, labels);
    }
  }

  /** Counts from the journal what an instance that ended too soon may not have told. */
  private count(journal: PageContext, { partition, counts }: PartitionStatus, care: Care): Care {
    const labels = { pipeline: journal.scope.pipeline, partition };
    const lost = counts.lost - care.lost;
    if (lost > 0) this.parts.telemetry.count('lost_records', lost, labels);
    return { ...care, lost: counts.lost };
  }

  /** Where a journal stands while the stream has more; null if it has not. */
  private async behind({ partition: name, next }: PartitionStatus): Promise<bigint | null> {
    const { stream } = this.parts;
    const { partition } = streamPartition(name);
    const latest = stream.contiguous ? (await stream.bounds(partition)).latest : null;
    if (latest === null) {
      const { records } = await stream.read(partition, next.position, 1);
      return records.length > 0 ? next.position : null;
    }
    // Positions that start over are for `recover` too: the first records show that the stream was made anew.
    const isAnew = stream.contiguous && latest + 1n < next.position;
    return latest >= next.position || isAnew ? next.position : null;
  }

  /**
   * Processes what stands still: a host that moves on after a failure leaves records that no later batch reveals
   * while the stream is silent. Nothing moved since the last round, and the stream has more.
   */
  private async recover(name: string, from: bigint): Promise<void> {
    const { stream } = this.parts;
    const { partition } = streamPartition(name);
    const { latest, earliest } = await stream.bounds(partition);
    await this.process(partition, latest !== null && latest < from ? earliest : from);
  }

  /**
   * A partition that no batch has come from: its records are left to the host for as long as they are young. One
   * that others were split or merged into begins at once, since they hold back the watermark until they are sealed.
   */
  private async begin({ id, parents }: PartitionInfo): Promise<void> {
    const { stream, clock } = this.parts;
    if (parents.length > 0) return this.fold({ partition: id, records: [] });
    const { earliest } = await stream.bounds(id);
    const { records } = await stream.read(id, earliest, 1);
    const first = records[0];
    if (first === undefined || clock.now() - first.arrival < quietMs) return;
    await this.process(id, earliest);
  }

  private async process(partition: string, from: bigint): Promise<void> {
    const { stream, clock, telemetry } = this.parts;
    for (let position = from; clock.now() < this.deadline; ) {
      const { records, caughtUp } = await stream.read(partition, position, recoverRecordsMax);
      const last = records.at(-1);
      if (last === undefined) return;
      await this.fold({ partition, records });
      this.done.recovered += records.length;
      telemetry.count('maintain_recovered_records', records.length, { partition });
      if (caughtUp) return;
      position = last.position + 1n;
    }
  }

  private async fold(batch: Batch): Promise<void> {
    const { failures } = await this.parts.processor.process(batch, this.deadline);
    if (failures[0] !== undefined) throw failures[0].error;
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

  /** Once in a quarter of a life, lets needed entries of more than an eighth of it live on. */
  private async renew(journal: PageContext, status: PartitionStatus, care: Care): Promise<Care> {
    const now = this.parts.clock.now();
    const lifeMs = entryLifeSeconds(this.parts.retentionSeconds) * 1000;
    if (now - care.renewedAt < lifeMs / 4) return care;
    const expiresAt = Math.ceil((now + lifeMs) / 1000);
    const olderThan = now - lifeMs / 8;
    this.done.renewed += await renewNeeded(journal, status.partition, olderThan, expiresAt);
    return { ...care, renewedAt: now };
  }

  /** Sends the notices of dead letters that are not in the index: theirs may have been cut off. */
  private async notify(journal: PageContext, status: PartitionStatus, care: Care): Promise<void> {
    const { counts, partition, index, arrival } = status;
    if (counts.deadLettered === care.dead) return;
    const refs = await keptRefs(journal, partition, '_dead', care.noticedArrival);
    for (const [entry, ref] of [...refs].sort(([a], [b]) => a - b)) {
      if (entry <= care.noticedTo || entry > index) continue;
      if (await isIndexed(journal, partition, entry)) continue;
      await this.parts.notices.send(noticeText(journal.scope, partition, entry, ref));
      this.done.notices += 1;
    }
    const noticed = { noticedTo: index, noticedArrival: arrival, dead: counts.deadLettered };
    const stored = await readCare(journal, partition);
    await writeCare(journal, partition, { ...(stored?.care ?? care), ...noticed }, stored);
  }
}

function isSame(a: Care, b: Care): boolean {
  return (Object.keys(a) as (keyof Care)[]).every((name) => a[name] === b[name]);
}
