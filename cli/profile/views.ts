import { hashBytes } from '../../core/hash.ts';
import { decodeEntry } from '../../core/journal/entry-codec.ts';
import type { Pipeline } from '../../core/pipeline.ts';
import { grainsOf, type ViewPlan } from '../../core/plan.ts';
import { rowJson } from '../../core/query/answer.ts';
import { parseRfc3339 } from '../../core/schema/rfc3339.ts';
import { encodePage } from '../../core/view/page.ts';
import { mergeInto } from '../../core/view/rollup.ts';
import { Rows } from '../../core/view/rows.ts';
import { onCurve, type Point } from '../../cost/curve.ts';
import { popularityOf } from '../../cost/keys.ts';
import type { MeasuredDelay, MeasuredPage, MeasuredView } from '../../cost/profile.ts';
import { type FedSizes, neverFalling, round } from './batches.ts';
import { type Fed, feed } from './feed.ts';

/** Batches of so many events and more may take several entries. */
const split = 5_000;
/** At how many events it is looked how many keys and rows there are. */
const decades = [1, 2, 5].flatMap((n) => [n * 1e2, n * 1e3, n * 1e4, n * 1e5, n * 1e6]);
const delays = [
  ...[0, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800],
  ...[1, 2, 6, 12, 24, 48].map((hours) => hours * 3_600),
];

/** What a batch brought to one view. */
interface Run {
  readonly rows: Rows;
  readonly accepted: number;
}

function runsOf({ world: { journal, store } }: Fed, index: number): Run[] {
  return store.entries.flatMap(({ key, body }) => {
    const entry = decodeEntry(key, body, journal);
    if (entry.kind !== 'run') return [];
    return [{ rows: entry.views[index] as Rows, accepted: entry.counts.accepted }];
  });
}

type Feed = FedSizes['all'][number];

const total = ({ events, fed }: Feed): number => events * fed.batches;

function longestOf({ all }: FedSizes): Feed {
  return all.filter((one) => one.events < split).reduce((a, b) => (total(b) > total(a) ? b : a));
}

/** How many keys so many events have, from the entries in their order: means of batches, then running totals. */
function keysOf(fed: FedSizes, index: number): MeasuredView['keys'] {
  const points: { events: number; keys: number }[] = [];
  for (const one of fed.all.filter(({ events }) => events < split)) {
    const runs = runsOf(one.fed, index);
    const keys = runs.reduce((sum, { rows }) => sum + new Set(keysIn(rows)).size, 0);
    points.push({ events: one.events, keys: round(keys / Math.max(1, runs.length)) });
  }
  const longest = longestOf(fed);
  const seen = new Set<string>();
  let events = 0;
  for (const { rows } of runsOf(longest.fed, index)) {
    for (const key of keysIn(rows)) seen.add(key);
    events += longest.events;
    const isLast = events === total(longest);
    if (decades.includes(events) || isLast) points.push({ events, keys: seen.size });
  }
  const sorted = points
    .sort((a, b) => a.events - b.events)
    .filter(({ events: at }, i) => i === 0 || at > (points[i - 1]?.events ?? 0));
  return neverFalling(sorted, 'keys');
}

function keysIn(rows: Rows): string[] {
  return rows.starts.map((_, row) => JSON.stringify(rows.keys.map((part) => part[row])));
}

/** The page of a grain that gets most events, as it fills; and its rows. */
async function fillingPage(
  feeds: readonly Feed[],
  index: number,
  grain: ViewPlan,
): Promise<{ readonly pages: MeasuredPage[]; readonly rows: Rows }> {
  const pages: MeasuredPage[] = [];
  let last = new Rows(grain);
  for (const { fed } of feeds) {
    const { journal } = fed.world;
    const runs = runsOf(fed, index);
    const bucket = fullestOf(runs, grain);
    const rows = new Rows(grain);
    const key = { partition: 'profile', sort: 'p/page' };
    const take = async (events: number): Promise<void> => {
      // Another page may have had more rows by then.
      if (rows.size < (pages.at(-1)?.rows ?? 0)) return;
      const { body } = await encodePage(journal, key, { upTo: runs.length, rows });
      const empty = pages[0]?.bytes ?? 0;
      pages.push({ events: round(events), rows: rows.size, bytes: body.length - empty });
    };
    if (pages.length === 0) await take(0);
    let [events, next] = [0, Math.max(1, 1.5 * (pages.at(-1)?.events ?? 0))];
    for (const run of runs) {
      const own = numbersIn(run.rows, grain, bucket);
      if (own.length === 0) continue;
      mergeInto(rows, run.rows, own);
      events += (run.accepted * own.length) / run.rows.size;
      if (events < next) continue;
      await take(events);
      next = 2 * events;
    }
    if (events > 1.2 * (pages.at(-1)?.events ?? 0)) await take(events);
    last = rows;
  }
  return { pages, rows: last };
}

function numbersIn({ starts }: Rows, { window }: ViewPlan, bucket: number): number[] {
  return [...starts.keys()].filter((row) => window.pageStart(starts[row] as number) === bucket);
}

function fullestOf(runs: readonly Run[], { window }: ViewPlan): number {
  const rows = new Map<number, number>();
  for (const run of runs) {
    for (const start of run.rows.starts) {
      const bucket = window.pageStart(start);
      rows.set(bucket, (rows.get(bucket) ?? 0) + 1);
    }
  }
  return [...rows].reduce((a, b) => (b[1] > a[1] ? b : a), [0, 0])[0];
}

/** Of the events that are fed once more, so many times fewer keys come. */
const fewerKeys = 8;
/** Smaller pages say little about rows. */
const rowsMin = 50;

/** The events of some of the keys. */
function eventsOfFewerKeys({ plan }: Pipeline, events: readonly string[]): string[] {
  return events.filter((text) => {
    const key = JSON.stringify(plan.partitionKey(JSON.parse(text))) ?? '';
    return hashBytes(Buffer.from(key)) % BigInt(fewerKeys) === 0n;
  });
}

/** By how much rows grow with their events: from pages of as many rows, with more events in them. */
function rowGrowthOf(pages: readonly MeasuredPage[], denser: readonly MeasuredPage[]): number {
  const steps = pages.filter(({ rows }, i) => rows > (pages[i - 1]?.rows ?? 0));
  const last = steps.at(-1)?.rows ?? 0;
  let [sum, squares] = [0, 0];
  for (const { rows, events, bytes } of denser) {
    if (rows < rowsMin || rows > last) continue;
    const of = (read: (page: MeasuredPage) => number): number =>
      onCurve(
        steps.map((page): Point => [page.rows, read(page)]),
        rows,
        'stays',
      );
    const more = Math.log(events / of((page) => page.events));
    sum += more * Math.log(bytes / of((page) => page.bytes));
    squares += more ** 2;
  }
  return squares === 0 ? 0 : Math.min(1, Math.max(0, sum / squares));
}

/** All views and their rollups: how much event time pages and rows hold, how pages grow, how many keys there are. */
export async function measuredViews(
  pipeline: Pipeline,
  events: readonly string[],
  fed: FedSizes,
): Promise<{
  readonly views: readonly MeasuredView[];
  readonly answerRowBytes: number;
}> {
  const longest = longestOf(fed);
  // One by one for the first rows of a page, then in the largest batches.
  const feeds = fed.all.filter((one) => one === longest || one.events === 1);
  const few = eventsOfFewerKeys(pipeline, events.slice(0, total(longest)));
  const size = Math.ceil(longest.events / fewerKeys);
  const fewer = { events: size, fed: await feed(pipeline, few, size, 1) };
  const { plan } = longest.fed.world.journal;
  const views: MeasuredView[] = [];
  const answers: number[] = [];
  for (const [index, view] of plan.views.entries()) {
    const keys = keysOf(fed, index);
    const { exponent, keys: all } = popularityOf(keys.map((at) => [at.events, at.keys]));
    const popularity = { exponent: round(exponent), keys: Math.round(all) };
    for (const grain of grainsOf(view)) {
      const { pages, rows } = await fillingPage(feeds, index, grain);
      const { pages: denser } = await fillingPage([fewer], index, grain);
      const rowGrowth = round(rowGrowthOf(pages, denser));
      const rollup = grain !== view;
      const name = rollup ? `${view.name} by ${grain.window.grain / 1_000} s` : view.name;
      views.push({ name, rollup, ...spansOf(grain, rows), pages, rowGrowth, keys, popularity });
      if (!rollup && rows.size > 0) answers.push(rowJson(rows, 0, 0).length);
    }
  }
  const mean = answers.reduce((sum, one) => sum + one, 0) / Math.max(1, answers.length);
  return { views, answerRowBytes: round(mean) };
}

function spansOf(
  { window }: ViewPlan,
  rows: Rows,
): Pick<MeasuredView, 'pageSeconds' | 'rowSeconds'> {
  if (window.kind === 'global') return { pageSeconds: null, rowSeconds: null };
  const start = rows.starts[0] ?? 0;
  const from = window.pageStart(start);
  const pane = window.paneStart(start);
  return {
    pageSeconds: (window.pageEnd(from) - from) / 1_000,
    rowSeconds: (window.paneEnd(pane) - pane) / 1_000,
  };
}

/** How far events come behind the latest event time before them. */
export function measuredDelays({ plan }: Pipeline, events: readonly string[]): MeasuredDelay[] {
  const late = delays.map(() => 0);
  let [latest, count] = [Number.NEGATIVE_INFINITY, 0];
  for (const text of events) {
    const given = plan.time(JSON.parse(text));
    const time = typeof given === 'string' ? parseRfc3339(given) : Number(given);
    if (!Number.isFinite(time)) continue;
    count += 1;
    const seconds = (latest - time) / 1_000;
    for (const [i, delay] of delays.entries()) if (seconds > delay) (late[i] as number) += 1;
    latest = Math.max(latest, time);
  }
  const shares = delays.map((seconds, i) => ({
    seconds,
    share: round((late[i] as number) / Math.max(1, count)),
  }));
  const end = shares.findIndex(({ share }) => share === 0);
  return end < 0 ? shares : shares.slice(0, end + 1);
}
