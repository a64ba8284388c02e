import { entryLifeSeconds } from './entry-life.ts';
import { isTransient } from './errors.ts';
import type { Batch } from './event.ts';
import { type Look, settle } from './finality.ts';
import type { Sinks } from './finals/publishing.ts';
import { type Care, isSameCare, noCare, readCare, writeCare } from './journal/care.ts';
import { streamPartition } from './journal/keys.ts';
import { renewDue } from './journal/renew.ts';
import { noticeText } from './notice.ts';
import type { Idle } from './plan.ts';
import { isIndexed } from './poison.ts';
import type { Processor, ProcessorParts } from './process.ts';
import { keptRefs } from './query/kept.ts';
import type { PartitionStatus, Reader } from './query/reader.ts';
import { reportStatus } from './report-status.ts';
import { compact } from './view/compact.ts';
import { removeExpired } from './view/expire.ts';
import type { PageContext } from './view/page.ts';

/** All that maintenance needs beside what processing does. */
export interface MaintenanceParts extends ProcessorParts {
  /** The reader of each journal, in the same order. */
  readonly readers: readonly Reader[];
  readonly processor: Processor;
  /** What becomes of time when all partitions are idle, where the definition leaves it to the host. */
  readonly idle: Idle;
  /** Where views are published, by name. */
  readonly sinks: Sinks;
}

/** What one round found and did, over all pipelines. */
export interface Maintained {
  /** Records that stood still in the stream and were processed. */
  readonly recovered: number;
  readonly compacted: number;
  readonly renewed: number;
  /** Notices of dead letters that were sent again. */
  readonly notices: number;
  /** Idle partitions whose watermark was raised. */
  readonly ticks: number;
  /** Rows that were published. */
  readonly published: number;
  /** What failed, a sentence each: the rest was done all the same, and the next round tries again. */
  readonly failures: readonly { readonly what: string; readonly error: unknown }[];
}

/** What a round adds up. */
type Done = { -readonly [K in Exclude<keyof Maintained, 'failures'>]: number } & {
  readonly failures: { readonly what: string; readonly error: unknown }[];
};

/** One thing to do in a round. */
export interface Task {
  readonly what: string;
  readonly act: () => Promise<void>;
}

const recoverRecordsMax = 1_000;
const quietMs = 60_000;
/** One round of maintenance. */
export class Round {
  readonly done: Done = {
    ...{ recovered: 0, compacted: 0, renewed: 0, notices: 0, ticks: 0, published: 0 },
    failures: [],
  };
  private readonly parts: MaintenanceParts;
  private readonly deadline: number;
  private readonly looks: Map<PageContext, Map<string, Look>>;

  constructor(
    parts: MaintenanceParts,
    deadline: number,
    looks: Map<PageContext, Map<string, Look>>,
  ) {
    this.parts = parts;
    this.deadline = deadline;
    this.looks = looks;
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
      let isWhole = true;
      for (const { id } of await stream.partitions()) {
        if (begun.every((names) => names.has(id))) continue;
        isWhole = false;
        // One that nothing came from yet begins too: else what is final would not wait for it.
        tasks.push({
          what: `partition ${id}`,
          act: () => this.fold({ partition: id, records: [] }),
        });
      }
      if (!isWhole) return;
      for (const journal of journals as readonly PageContext[]) {
        tasks.push({ what: journal.scope.pipeline, act: () => this.settle(journal) });
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
    // It was listed, and then its beginning was cut off.
    if (status.index < 0) await this.fold({ partition, records: [] });
    reportStatus(this.parts, journal.scope.pipeline, status);
    const stored = await readCare(journal, partition);
    let care = stored?.care ?? noCare;
    const { stood } = care;
    // One that was split or merged is sealed before its children take its place: nothing may follow, no tick either.
    if (status.active && status.end === null) {
      const { from, caughtUp } = await this.behind(status);
      care = { ...care, stood: from, ...this.moved(status, care) };
      care = await this.renew(journal, status, care);
      this.look(journal, status, care, caughtUp);
    }
    care = this.count(journal, status, care);
    // Before the rest, which may fail: what is done is done.
    if (stored === null || !isSameCare(care, stored.care)) {
      await writeCare(journal, partition, care, stored);
    }
    if (care.stood !== null && care.stood === stood) await this.recover(partition, care.stood);
    await this.compact(journal, status);
    await this.notify(journal, status, care);
  }

  /** Counts from the journal what an instance that ended too soon may not have told. */
  private count(journal: PageContext, { partition, counts }: PartitionStatus, care: Care): Care {
    const labels = { pipeline: journal.scope.pipeline, partition };
    const { deadLettered, lost } = counts;
    const news = [
      ['dead_lettered_events', deadLettered - care.deadLettered],
      ['lost_records', lost - care.lost],
    ] as const;
    for (const [name, by] of news) if (by > 0) this.parts.telemetry.count(name, by, labels);
    return { ...care, deadLettered, lost };
  }

  /** What events have moved since the last look; ticks are taken note of as they are made. */
  private moved({ watermark }: PartitionStatus, care: Care): Partial<Care> {
    if (watermark === care.watermark && care.movedAt > 0) return {};
    return { watermark, moved: watermark, movedAt: this.parts.clock.now() };
  }

  private look(journal: PageContext, status: PartitionStatus, care: Care, caughtUp: boolean): void {
    const at = this.parts.clock.now();
    const still = at - care.movedAt >= journal.plan.idleAfter;
    const looks = this.looks.get(journal) ?? new Map<string, Look>();
    looks.set(status.partition, { status, idle: caughtUp && still, moved: care.moved, at });
    this.looks.set(journal, looks);
  }

  /** Lets idle partitions not hold back the others, what is complete become final, and what has expired go. */
  private async settle(journal: PageContext): Promise<void> {
    const { clock, idle, retentionSeconds, telemetry } = this.parts;
    const looks = this.looks.get(journal) ?? new Map<string, Look>();
    const settling = { journal, looks, now: clock.now(), retentionSeconds, idle };
    const { ticked, watermark } = await settle(settling);
    for (const partition of ticked) {
      this.done.ticks += 1;
      telemetry.count('maintain_ticks', 1, { pipeline: journal.scope.pipeline, partition });
      const stored = await readCare(journal, partition);
      if (stored) await writeCare(journal, partition, { ...stored.care, watermark }, stored);
    }
    // By what is final now, answers hide already what this removes.
    const pages = await removeExpired(journal);
    if (pages > 0) {
      telemetry.count('maintain_removed_pages', pages, { pipeline: journal.scope.pipeline });
    }
  }

  /** Where a journal stands while the stream has more, or null if it has not; nobody knows before it is caught up. */
  private async behind({
    partition: name,
    next,
  }: PartitionStatus): Promise<{ readonly from: bigint | null; readonly caughtUp: boolean }> {
    const { stream } = this.parts;
    const { partition } = streamPartition(name);
    const latest = stream.contiguous ? (await stream.bounds(partition)).latest : null;
    if (latest === null) {
      const { records, caughtUp } = await stream.read(partition, next.position, 1);
      return records.length > 0
        ? { from: next.position, caughtUp: false }
        : { from: null, caughtUp };
    }
    // Positions that start over are for `recover` too: the first records show that the stream was made anew.
    const isAnew = latest + 1n < next.position;
    const hasMore = latest >= next.position || isAnew;
    return { from: hasMore ? next.position : null, caughtUp: !hasMore };
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
      const { entries } = await compact(journal, status.partition, 4 * compactEntries);
      if (entries === 0) return;
      left -= entries;
      this.done.compacted += entries;
    }
  }

  private async renew(journal: PageContext, { partition }: PartitionStatus, care: Care) {
    const { clock, retentionSeconds } = this.parts;
    const { renewed, ...rest } = await renewDue(journal, partition, care, {
      now: clock.now(),
      lifeMs: entryLifeSeconds(retentionSeconds) * 1000,
      hasTime: () => clock.now() < this.deadline,
    });
    this.done.renewed += renewed;
    return { ...care, ...rest };
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
