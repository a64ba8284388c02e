import { eventTimeMin, timeMax } from '../../core/event.ts';
import type { ViewPlan } from '../../core/plan.ts';
import type { Read } from '../../core/query/reader.ts';
import type { Snapshot } from '../../core/query/snapshot.ts';
import { windowsOf } from '../../core/query/windows.ts';
import type { Rows } from '../../core/view/rows.ts';
import { Rows as Table } from '../../core/view/rows.ts';
import type { Question } from './actors.ts';
import { KeptCheck } from './kept-check.ts';
import { type Log, linesBefore } from './log.ts';
import { type Model, type ModelRow, timeMin, views } from './model.ts';
import type { World } from './world.ts';

/** A partition that a reader has not yet found in the list. */
const unlisted = -2;

/** What one reader may see: at each read exactly the rows of some prefix of the log, and never an older one. */
export class ReadCheck {
  private readonly world: World;
  private readonly name: string;
  private readonly kept: KeptCheck;
  /** The last entry seen, by partition; where an answer leaves it open, the least ones of all that explain it. */
  private seen: readonly (readonly number[])[];

  constructor(world: World, name: string) {
    this.world = world;
    this.name = name;
    this.kept = new KeptCheck(world, (what) => this.fail(what));
    this.seen = [world.setup.logs.map(() => unlisted)];
  }

  private fail(what: string): void {
    this.world.fail(`${this.name}: ${what}`);
  }

  /** A question was refused, since what it asks for has expired. */
  refused(question: Question): void {
    this.kept.refused(question);
  }

  /** From now on only the whole will do. */
  atTheEnd(): void {
    this.seen = [this.world.truth.journals.map((journal) => journal.length - 1)];
  }

  /** A snapshot says where it stands, and holds exactly what stands before. */
  snapshot(partition: number, question: Question, view: ViewPlan, found: Snapshot): void {
    const { truth, model, setup } = this.world;
    const journal = truth.journals[partition] ?? [];
    const lines = linesBefore(setup.logs[partition] as Log, found.next);
    const { index } = found;
    this.world.count('reads checked');
    if (index >= journal.length || lines !== (index < 0 ? 0 : journal[index]?.lines)) {
      this.fail(`a snapshot at entry ${index} claims ${lines} lines`);
    }
    const before = this.seen[0] as readonly number[];
    if (index < (before[partition] as number)) this.fail(`went back to entry ${index}`);
    this.seen = [before.with(partition, index)];
    const watermark = journal[index]?.watermark ?? timeMin;
    if (found.watermark !== watermark) this.fail(`entry ${index}: watermark ${found.watermark}`);
    const counts = JSON.stringify(found.counts);
    if (counts !== JSON.stringify(model.tallyAt(partition, 0, lines))) {
      this.fail(`entry ${index}: counts ${counts}`);
    }
    this.kept.snapshot(question, found.removed);
    // Windows may lack panes that are gone.
    const whole = found.removed <= timeMin ? timeMin : found.removed + view.window.before;
    const from = Math.max(question.from, whole);
    const panes = new Table(view);
    if (found.rows) panes.merge(found.rows);
    const rows = windowsOf(panes, from, question.to, Number.POSITIVE_INFINITY);
    const prefix = setup.logs.map((_, i) => (i === partition ? lines : 0));
    const order = [...rows.starts.keys()].sort((a, b) => compareRows(rows, a, b));
    const asked = { ...question, from };
    const wrong = difference(rows, order, this.expected(asked, prefix, timeMin), asked);
    if (wrong !== null) this.fail(`rows at entry ${index} (${lines} lines): ${wrong}`);
  }

  /** An answer does not say where it stands: some entry per partition, none behind the last one, must explain it. */
  answer(question: Question, read: Read): void {
    this.world.count('reads checked');
    const { keptFrom } = read.answer;
    const kept = keptFrom === null ? timeMin : Date.parse(keptFrom);
    this.kept.answer(question, kept, read.finalTo);
    let nearest = 'nothing fits';
    const found: number[][] = [];
    for (const indexes of this.candidates()) {
      if (found.some((one) => isBefore(one, indexes))) continue;
      if (!this.fits(indexes, question, read)) continue;
      const lines = indexes.map((index, i) => this.linesAt(i, index));
      const expected = this.expected(question, lines, kept);
      // A session that begins before what is kept, and ends later, is there until its first page goes.
      const whole = expected.filter(({ start }) => start >= kept);
      const wrong = difference(read.rows, read.selected, expected, question);
      const without = difference(read.rows, read.selected, whole, question);
      if (wrong === null || without === null) found.push(indexes);
      else nearest = `at entries ${indexes.join(', ')} ${wrong}`;
    }
    if (found.length > 0) {
      this.seen = found;
      this.claim(question, read, kept);
      return;
    }
    const { watermark, late, deadLettered } = read.answer;
    this.fail(
      `no prefix after entries ${this.seen.join(' or ')} explains the answer ` +
        `(watermark ${watermark}, late ${late}, dead ${deadLettered}): ${nearest}`,
    );
  }

  /** Remembers what an answer calls final: nothing of it may ever change. */
  private claim(question: Question, { rows, selected, finalTo }: Read, kept: number): void {
    if (finalTo <= timeMin || finalTo >= timeMax) return;
    const final = selected
      .map((row) => rowOf(rows, row))
      .filter(({ start }) => start >= kept)
      .filter(isFinalAt(question.view, finalTo));
    if (final.length > 0) this.world.count('final rows seen', final.length);
    this.world.claims.push({ question, finalTo, kept, rows: final });
  }

  /** What an answer may stand at, in an order in which none follows a greater one: nothing before what was seen. */
  private *candidates(): Generator<number[]> {
    const lengths = this.world.truth.journals.map((journal) => journal.length);
    const least = lengths.map((_, i) => Math.min(...this.seen.map((one) => one[i] as number)));
    const indexes = [...least];
    for (let i = 0; i < indexes.length; ) {
      if (this.seen.some((one) => isBefore(one, indexes))) yield [...indexes];
      for (i = 0; i < indexes.length; i += 1) {
        indexes[i] = (indexes[i] as number) + 1;
        if ((indexes[i] as number) < (lengths[i] as number)) break;
        indexes[i] = least[i] as number;
      }
    }
  }

  /** Whether the head of an answer is what the partitions give at these entries. */
  private fits(indexes: readonly number[], { view }: Question, { answer }: Read): boolean {
    const { model } = this.world;
    let late = 0;
    let dead = 0;
    let watermark = Number.POSITIVE_INFINITY;
    const { logs } = this.world.setup;
    for (const [partition, index] of indexes.entries()) {
      // All children are listed at once, in place of their parents.
      const { parents } = logs[partition] as Log;
      const siblings = indexes.filter((_, i) => String(logs[i]?.parents) === String(parents));
      if (parents.length > 0 && siblings.includes(unlisted) && index !== unlisted) return false;
      if (index === unlisted) continue;
      const lines = this.linesAt(partition, index);
      const tally = model.tallyAt(partition, 0, lines);
      late += tally.views[view]?.late ?? 0;
      dead += tally.deadLettered;
      if (this.isOver(partition, indexes)) continue;
      const at = this.world.truth.journals[partition]?.[index]?.watermark ?? timeMin;
      watermark = Math.min(watermark, at);
    }
    const none = watermark <= timeMin || watermark === Number.POSITIVE_INFINITY;
    const text = none ? null : new Date(watermark).toISOString();
    return answer.late === late && answer.deadLettered === dead && answer.watermark === text;
  }

  /** Whether a partition was replaced by its children, and seen to its end. */
  private isOver(partition: number, indexes: readonly number[]): boolean {
    const isSealed = this.world.truth.journals[partition]?.[indexes[partition] as number]?.sealed;
    const child = this.world.setup.logs.findIndex(({ parents }) => parents.includes(partition));
    return isSealed === true && child >= 0 && (indexes[child] as number) > unlisted;
  }

  private linesAt(partition: number, index: number): number {
    return this.world.truth.journals[partition]?.[index]?.lines ?? 0;
  }

  private expected(question: Question, lines: readonly number[], kept: number): ModelRow[] {
    return rowsAsked(this.world.model, question, lines, kept);
  }
}

/** The rows of a question after so many lines, without what starts before `kept`, or as sessions ends before it. */
export function rowsAsked(
  model: Model,
  { view, grain, from, to }: Question,
  lines: readonly number[],
  kept: number,
): ModelRow[] {
  const whole = { from: Math.max(from, kept, eventTimeMin), to: Math.min(to, timeMax) };
  const rows = model.rowsAt(view, lines, grain === 'all' ? whole : grain);
  if (grain === 'all') return [...rows];
  const isKept = ({ start, end }: ModelRow): boolean =>
    views[view]?.pane === 0 ? end > kept : start >= kept;
  return rows.filter((row) => row.start >= from && row.start < to && isKept(row));
}

/** What an answer called final. */
export interface Claim {
  readonly question: Question;
  readonly finalTo: number;
  /** What starts before it was left out. */
  readonly kept: number;
  readonly rows: readonly ModelRow[];
}

/** Whether a row of a view is final at a time. */
export function isFinalAt(view: number, finalTo: number): (row: ModelRow) => boolean {
  const { lateness } = views[view] as (typeof views)[number];
  return ({ end }) => end + lateness <= finalTo;
}

/** Whether no partition stands further in `a` than in `b`. */
function isBefore(a: readonly number[], b: readonly number[]): boolean {
  return a.every((index, i) => index <= (b[i] as number));
}

/** By start and key, as answers are. */
function compareRows(rows: Rows, a: number, b: number): number {
  const starts = (rows.starts[a] as number) - (rows.starts[b] as number);
  if (starts !== 0) return starts;
  for (const part of rows.keys) {
    const [left, right] = [part[a] as string | number, part[b] as string | number];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

/** What differs first between the rows of a read and those of the model; null when nothing does. */
function difference(
  rows: Rows,
  order: readonly number[],
  expected: readonly ModelRow[],
  { from, to }: Question,
): string | null {
  const found = order.filter((row) => {
    const start = rows.starts[row] as number;
    return start >= from && start < to;
  });
  for (let i = 0; i < Math.max(found.length, expected.length); i += 1) {
    const row = found[i];
    const wanted = expected[i];
    const is = row === undefined ? null : rowOf(rows, row);
    const same =
      is !== null &&
      wanted !== undefined &&
      is.start === wanted.start &&
      is.end === wanted.end &&
      is.key.every((part, at) => part === wanted.key[at]) &&
      is.values.every((value, at) => value === wanted.values[at]);
    if (!same) return `row ${i} is ${JSON.stringify(is)}, not ${JSON.stringify(wanted)}`;
  }
  return null;
}

function rowOf(rows: Rows, row: number): ModelRow {
  return {
    start: rows.starts[row] as number,
    end: rows.end(row),
    key: rows.key(row) as ModelRow['key'],
    values: rows.columns.map((column) => column.result(row) as ModelRow['values'][number]),
  };
}
