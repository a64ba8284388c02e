import { pipeline } from './definition.ts';
import type { Line, Log, SimEvent } from './log.ts';
import { type Cut, windowsOf } from './model-windows.ts';

/** What becomes of one line of the log, by a plain loop over it (architecture, section 3) that knows no batches. */
export interface Fate {
  readonly verdict: 'accepted' | 'duplicate' | 'filtered' | 'dead';
  /** Why it is dead, else ''. */
  readonly reason: string;
  readonly offers: readonly Offer[];
  /** The watermark after it. */
  readonly watermark: number;
  /** Whether its id was seen before, too long ago to be remembered. */
  readonly forgotten: boolean;
}

/** One output of the transform, as one view takes it. */
export interface Offer {
  readonly view: number;
  readonly key: readonly (string | number)[];
  readonly late: boolean;
  readonly event: SimEvent;
  /** Which of the outputs of its event it is. */
  readonly part: number;
}

/** A row of a view: its values in the order of the measures. */
export interface ModelRow {
  readonly start: number;
  readonly end: number;
  readonly key: readonly (string | number)[];
  readonly values: readonly (number | string | null)[];
}

/** Counts as the conservation law has them; per view offered, counted and late. */
export interface Tally {
  readonly received: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly filtered: number;
  readonly deadLettered: number;
  readonly lost: number;
  readonly views: readonly { offered: number; counted: number; late: number }[];
}

/** The views of the definition, said again; a session has no pane that an event could be late for. */
export const views = [
  { name: 'byKind', pane: 10_000, lateness: 5_000 },
  { name: 'byUser', pane: 60_000, lateness: 20_000 },
  { name: 'hops', pane: 10_000, lateness: 2_000 },
  { name: 'stays', pane: 0, lateness: 8_000 },
] as const;
/** The name of a view. */
export type ViewName = (typeof views)[number]['name'];
/** The names of the views. */
export const viewNames: readonly ViewName[] = views.map(({ name }) => name);
const outOfOrder = 4_000;
const horizon = 30_000;
/** How finely the fold groups ids by event time is a setting of the plan, not a part of the rules. */
const { bucketSize } = pipeline.plan;
export const timeMin = -8_640_000_000_000_000;

/** Where a partition stands at its end: what its children begin with. */
export interface Ending {
  readonly watermark: number;
  /** The bucket of each id that left its mark. */
  readonly buckets: ReadonlyMap<string, number>;
}

/** Where a partition begins: at the latest watermark of its parents, with the ids of all. */
export function beginningOf(parents: readonly Ending[]): Ending {
  return {
    watermark: Math.max(timeMin, ...parents.map((one) => one.watermark)),
    buckets: new Map(parents.flatMap((one) => [...one.buckets])),
  };
}

/** The fate of every line of a log; `ticks` are watermarks by the number of lines before them. */
export function judgeLog(
  log: Log,
  before: Ending,
  ticks: ReadonlyMap<number, number>,
): { fates: Fate[]; ending: Ending } {
  const buckets = new Map(before.buckets);
  let { watermark } = before;
  const isLive = (bucket: number): boolean => (bucket + 1) * bucketSize + horizon > watermark;
  const fates = log.lines.map(({ event, poison, arrival }: Line, line): Fate => {
    watermark = Math.max(watermark, ticks.get(line) ?? timeMin);
    if (poison !== null || event === null) return fate('dead', watermark, poison ?? '');
    const after = Math.max(watermark, Math.min(event.at, arrival) - outOfOrder);
    const held = buckets.get(event.id);
    let result: Fate;
    if (held !== undefined && isLive(held)) result = fate('duplicate', after);
    else if (event.kind === 'boom') result = fate('dead', after, 'function-failed');
    else if (event.kind === 'skip' || event.parts === 0) result = fate('filtered', after);
    else {
      const bucket = Math.floor(event.at / bucketSize);
      if (isLive(bucket)) buckets.set(event.id, bucket);
      const offers = offersOf(event, watermark);
      result = { ...fate('accepted', after), offers, forgotten: held !== undefined };
    }
    watermark = after;
    return result;
  });
  watermark = Math.max(watermark, ticks.get(log.lines.length) ?? timeMin);
  return { fates, ending: { watermark, buckets } };
}

function fate(verdict: Fate['verdict'], watermark: number, reason = ''): Fate {
  return { verdict, reason, offers: [], watermark, forgotten: false };
}

function offersOf(event: SimEvent, watermark: number): Offer[] {
  const offers: Offer[] = [];
  for (let part = 0; part < event.parts; part += 1) {
    for (const [view, { name, pane, lateness }] of views.entries()) {
      const end = pane === 0 ? event.at : event.at - (event.at % pane) + pane;
      const late = end + lateness <= watermark;
      const key = name === 'byUser' ? [event.user, part] : [event.kind];
      offers.push({ view, key, late, event, part });
    }
  }
  return offers;
}

/** The tally of some fates. */
export function tallyOf(fates: readonly Fate[]): Tally {
  const of = (verdict: Fate['verdict']): number =>
    fates.filter((one) => one.verdict === verdict).length;
  const offers = fates.flatMap((one) => one.offers);
  return {
    received: fates.length,
    accepted: of('accepted'),
    duplicates: of('duplicate'),
    filtered: of('filtered'),
    deadLettered: of('dead'),
    lost: 0,
    views: views.map((_, view) => {
      const mine = offers.filter((offer) => offer.view === view);
      const late = mine.filter((offer) => offer.late).length;
      return { offered: mine.length, counted: mine.length - late, late };
    }),
  };
}

/** The rows of a view after these fates, by start and key. */
export function rowsOf(view: number, fates: Iterable<Fate>, cut?: Cut): ModelRow[] {
  const groups = new Map<string, Offer[]>();
  for (const { offers } of fates) {
    for (const offer of offers) {
      if (offer.view !== view || offer.late) continue;
      const name = offer.key.join(' ');
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [offer]);
      else group.push(offer);
    }
  }
  const { name } = views[view] as (typeof views)[number];
  const rows = [...groups.values()].flatMap((group) => {
    const { key } = group[0] as Offer;
    return windowsOf(name, group, cut).map(({ start, end, offers }): ModelRow => {
      const events = offers.map(({ event }) => event);
      return { start, end, key, values: valuesOf[name](events, offers) };
    });
  });
  return rows.sort(
    (a, b) =>
      a.start - b.start ||
      (String(a.key[0]) < String(b.key[0]) ? -1 : String(a.key[0]) > String(b.key[0]) ? 1 : 0) ||
      Number(a.key[1]) - Number(b.key[1]),
  );
}

const valuesOf = {
  byKind: kindValues,
  byUser: userValues,
  hops: (events: readonly SimEvent[]) => [events.length],
  stays: (events: readonly SimEvent[]) => [events.length],
};

function kindValues(events: readonly SimEvent[], offers: readonly Offer[]): ModelRow['values'] {
  let cents = 0;
  for (const { amount } of events) cents += Math.round(amount * 100);
  const levels = events.map(({ level }) => level).filter((level) => level !== undefined);
  const sum = levels.reduce((all, level) => all + level, 0);
  const some = levels.length > 0;
  return [
    events.length,
    cents / 100,
    some ? Math.min(...levels) : null,
    some ? Math.max(...levels) : null,
    some ? sum / levels.length + 0 : null,
    new Set(events.map(({ user }) => user)).size,
    offers.reduce((last, one) => (isAfter(one, last) ? one : last)).part,
  ];
}

/** Whether an output goes behind another: by time, then id as text, then its own number. */
function isAfter(one: Offer, other: Offer): boolean {
  const { at, id } = one.event;
  if (at !== other.event.at) return at > other.event.at;
  return id === other.event.id ? one.part > other.part : id > other.event.id;
}

function userValues(events: readonly SimEvent[]): ModelRow['values'] {
  const kinds = events.map(({ kind }) => kind).sort();
  return [
    events.length,
    kinds.at(-1) as string,
    events.filter(({ kind }) => kind === 'hot').length,
    events.reduce((first, one) => (isBefore(one, first) ? one : first)).amount + 0,
  ];
}

function isBefore(one: SimEvent, other: SimEvent): boolean {
  return one.at === other.at ? one.id < other.id : one.at < other.at;
}

/** A model of all partitions, asked for prefixes: what was asked is kept. */
export class Model {
  fates: readonly (readonly Fate[])[] = [];
  private beginnings: readonly number[] = [];
  private readonly logs: readonly Log[];
  private readonly ticks: readonly Map<number, number>[];
  private readonly rows = new Map<string, ModelRow[]>();
  private readonly tallies = new Map<string, Tally>();

  constructor(logs: readonly Log[]) {
    this.logs = logs;
    this.ticks = logs.map(() => new Map());
    this.judge();
  }

  /** Takes note of a tick behind so many lines: it changes the fate of those that follow. */
  tick(partition: number, lines: number, watermark: number): void {
    this.ticks[partition]?.set(lines, watermark);
    this.judge();
    this.rows.clear();
    this.tallies.clear();
  }

  private judge(): void {
    const endings: Ending[] = [];
    const beginnings: number[] = [];
    this.fates = this.logs.map((log, partition) => {
      const before = beginningOf(log.parents.map((parent) => endings[parent] as Ending));
      const ticks = this.ticks[partition] ?? new Map();
      const { fates, ending } = judgeLog(log, before, ticks);
      beginnings.push(before.watermark);
      endings.push(ending);
      return fates;
    });
    this.beginnings = beginnings;
  }

  /** The watermark of a partition after so many lines. */
  watermarkAt(partition: number, lines: number): number {
    return this.fates[partition]?.[lines - 1]?.watermark ?? this.beginnings[partition] ?? timeMin;
  }

  /** What became of the lines [from, to) of a partition. */
  tallyAt(partition: number, from: number, to: number): Tally {
    const name = `${partition} ${from} ${to}`;
    let tally = this.tallies.get(name);
    if (tally === undefined) {
      tally = tallyOf((this.fates[partition] ?? []).slice(from, to));
      this.tallies.set(name, tally);
    }
    return tally;
  }

  /** The rows of a view after so many lines of each partition. */
  rowsAt(view: number, lines: readonly number[], cut?: Cut): readonly ModelRow[] {
    const name = `${view} ${lines.join(' ')} ${JSON.stringify(cut) ?? ''}`;
    let rows = this.rows.get(name);
    if (rows === undefined) {
      const fates = lines.flatMap((count, partition) =>
        (this.fates[partition] ?? []).slice(0, count),
      );
      rows = rowsOf(view, fates, cut);
      this.rows.set(name, rows);
    }
    return rows;
  }
}
