import { expect, vi } from 'vitest';
import { compression } from '../../adapters/compression.ts';
import type { UsedJson } from '../../cli/used-table.ts';
import { streamPartition } from '../../core/journal/keys.ts';
import { endStream } from '../../core/journal/partitions.ts';
import { defaultLimits } from '../../core/limits.ts';
import type { AppUnderTest } from './app-under-test.ts';
import { type PipelineSet, pipelinesOf } from './pipeline-sets.ts';

/** Counts as `/v1/status` has them. */
export interface StatusCounts {
  readonly received: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly filtered: number;
  readonly deadLettered: number;
  readonly lost: number;
  readonly views: Readonly<Record<string, { offered: number; counted: number; late: number }>>;
}

/** A pipeline as `/v1/status` has it, as far as tests look at it. */
export interface PipelineStatus {
  readonly pipeline: string;
  readonly conserved: boolean;
  readonly counts: StatusCounts;
  readonly deadLetters: Readonly<Record<string, number>>;
  readonly partitions: readonly {
    readonly partition: string;
    readonly position: string;
    readonly entry: number;
    readonly compactedTo: number;
    readonly counts: StatusCounts;
  }[];
  readonly used: UsedJson;
}

/** How long what must come may take, on a machine that has much else to do, milliseconds. */
const settledMs = 120_000;
const lookMs = 50;
const linesShownMax = 10;

/** The pipelines by their names. */
export async function statusOf(app: AppUnderTest): Promise<Map<string, PipelineStatus>> {
  const { pipelines } = (await json(app, '/v1/status')) as { pipelines: PipelineStatus[] };
  return new Map(pipelines.map((each) => [each.pipeline, each]));
}

/**
 * Waits until every pipeline has processed all that the stream holds, and has indexed its dead letters.
 *
 * @param look done before each look: nothing, or what the app does once a minute.
 */
export async function settled(app: AppUnderTest, look = async () => {}): Promise<void> {
  await vi.waitFor(
    async () => {
      await look();
      const status = await statusOf(app);
      for (const { id } of await app.stream.partitions()) {
        for (const each of status.values()) await assertCaughtUp(app, each, id);
      }
      for (const { deadLetters, counts } of status.values()) {
        const indexed = Object.values(deadLetters).reduce((sum, count) => sum + count, 0);
        expect(indexed).toBe(counts.deadLettered);
      }
    },
    { timeout: settledMs, interval: lookMs },
  );
}

async function assertCaughtUp(
  { stream }: AppUnderTest,
  { pipeline, partitions }: PipelineStatus,
  id: string,
): Promise<void> {
  // Of the names of a partition the last one counts: the stream may have been made anew.
  const mine = partitions
    .map(({ partition, position }) => ({ ...streamPartition(partition), position }))
    .filter(({ partition }) => partition === id)
    .sort((a, b) => a.epoch - b.epoch);
  const position = BigInt(mine.at(-1)?.position ?? 0);
  const { records, caughtUp } = await stream.read(id, position, 1);
  if (records.length === 0 && caughtUp) return;
  throw new Error(`${pipeline} stands at ${position} of partition ${id}`);
}

/** Declares that the stream has ended, so that all rows are final. */
export async function endStreams({ store }: AppUnderTest, pipelines: PipelineSet): Promise<void> {
  for (const { name, plan } of pipelinesOf(pipelines)) {
    const scope = { pipeline: name, generation: 1 };
    await endStream({ store, scope, plan, limits: defaultLimits, compression });
  }
}

/** All that a pipeline answers, to the byte: its rows as they came, then its counts. */
export async function answersOf(
  app: AppUnderTest,
  pipeline: string,
  rowsMax = 1_000,
): Promise<string> {
  const { counts, deadLetters } = (await statusOf(app)).get(pipeline)!;
  const { lost, ...summary } = counts;
  if (lost > 0) throw new Error(`${lost} records are lost`);
  const dead = Object.fromEntries(Object.entries(deadLetters).sort(([a], [b]) => (a < b ? -1 : 1)));
  const rows = await rowsOf(app, pipeline, rowsMax);
  return [...rows, JSON.stringify({ summary, dead })].join('\n').concat('\n');
}

/** Expects that answers are the same to the byte; shows the first lines that are not. */
export function expectSame(actual: string, expected: string): void {
  const [found, wanted] = [actual.split('\n'), expected.split('\n')];
  const only = (these: readonly string[], those: readonly string[]): string[] => {
    const others = new Set(those);
    return these.filter((line) => !others.has(line)).slice(0, linesShownMax);
  };
  const differences = { found: only(found, wanted), wanted: only(wanted, found) };
  expect(differences).toEqual({ found: [], wanted: [] });
  expect(actual === expected).toBe(true);
}

/** The rows of all views of a pipeline and their rollups by view, size, start and key; at most `rowsMax` of them in one answer. */
async function rowsOf(app: AppUnderTest, pipeline: string, rowsMax: number): Promise<string[]> {
  const { views } = (await json(app, '/v1/views')) as {
    views: { view: string; pipeline: string; href: string; rollups: { seconds: number }[] }[];
  };
  const mine = views.filter((each) => each.pipeline === pipeline);
  const rows: string[] = [];
  for (const { href, rollups } of mine.sort((a, b) => (a.view < b.view ? -1 : 1))) {
    for (const grain of ['', ...rollups.map(({ seconds }) => `&grain=${seconds}s`)]) {
      for (let cursor: string | null = ''; cursor !== null; ) {
        const from: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
        const text = await okText(await app.request(`${href}?limit=${rowsMax}${grain}${from}`));
        rows.push(...rowTexts(text));
        cursor = JSON.parse(text).next;
      }
    }
  }
  return rows;
}

/**
 * The rows of an answer as they stand in it: numbers may have more digits than a double holds. The state of a row that
 * is final says no more than that, and is not a part of the canonical form.
 */
function rowTexts(answer: string): string[] {
  const from = answer.indexOf('"rows":[') + '"rows":['.length;
  const rows = answer.slice(from, answer.lastIndexOf('],"next":'));
  // No text within a row holds this: its quotes would stand behind backslashes.
  const canonical = rows.replaceAll('"final":true,"state":"final"', '"final":true');
  return canonical === '' ? [] : canonical.split(/(?<=}}),(?={"view":)/);
}

async function json(app: AppUnderTest, path: string): Promise<unknown> {
  return JSON.parse(await okText(await app.request(path)));
}

async function okText(response: Response): Promise<string> {
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${text}`);
  return text;
}
