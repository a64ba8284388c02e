import type { Cursor } from '../core/event.ts';
import { timeMax, timeMin } from '../core/event.ts';
import type { Entry } from '../core/journal/entry.ts';
import type { Plan } from '../core/plan.ts';
import { rowJson } from '../core/query/answer.ts';
import { allRows, select } from '../core/query/select.ts';
import type { Rows } from '../core/view/rows.ts';
import { type Column, table, timeColumn } from './table.ts';
import { parseDigits, type ShownRow, viewTable } from './view-table.ts';

/** An entry with what is shown beside its content. */
export interface ShownEntry {
  readonly entry: Entry;
  readonly plan: Plan;
  /** Bytes as stored. */
  readonly bytes: number;
  readonly watermark: string | null;
  /** Names of the objects that it refers to. */
  readonly deadObject: string | null;
  readonly lateObject: string | null;
}

/** Entries as a table, one line each. */
export function entryTable(entries: readonly ShownEntry[]): string {
  const numbers = (head: string, of: (entry: Entry) => string | number): Column => ({
    head,
    cells: entries.map(({ entry }) => String(of(entry))),
    right: true,
  });
  const views = entries[0]?.plan.views ?? [];
  return table(
    [
      numbers('entry', ({ index }) => index),
      { head: 'kind', cells: entries.map(({ entry }) => entry.kind) },
      numbers('from', ({ from }) => place(from)),
      numbers('next', ({ next }) => place(next)),
      timeColumn(
        'arrival',
        entries.map(({ entry }) => arrivalOf(entry)),
      ),
      timeColumn(
        'watermark',
        entries.map(({ watermark }) => watermark),
      ),
      numbers('received', ({ counts }) => counts.received),
      numbers('accepted', ({ counts }) => counts.accepted),
      numbers('duplicates', ({ counts }) => counts.duplicates),
      numbers('filtered', ({ counts }) => counts.filtered),
      numbers('dead', ({ dead }) => dead?.count ?? 0),
      numbers('late', ({ late }) => late?.count ?? 0),
      numbers('ids', ({ fingerprints }) => fingerprints.size),
      ...views.map(({ name }, i) => numbers(name, (entry) => entry.views[i]?.size ?? 0)),
      { head: 'bytes', cells: entries.map(({ bytes }) => String(bytes)), right: true },
    ],
    '  ',
  );
}

/** One entry with all that it holds. */
export function entryDetail(shown: ShownEntry): string {
  const { entry, plan, bytes, watermark, deadObject, lateObject } = shown;
  const { counts } = entry;
  const lines = [
    `entry ${entry.index} (${entry.kind}), ${bytes} bytes`,
    `  positions     ${place(entry.from)} up to, not including, ${place(entry.next)}`,
    `  arrival       ${arrivalOf(entry) ?? '-'}`,
    `  watermark     ${watermark ?? '-'}`,
    `  counts        ${counts.received} received = ${counts.accepted} accepted + ` +
      `${counts.duplicates} duplicates + ${counts.filtered} filtered + ` +
      `${counts.deadLettered} dead letters`,
    `  ids           ${entry.fingerprints.size}`,
  ];
  if (deadObject !== null) lines.push(`  dead letters  ${entry.dead?.count} in ${deadObject}`);
  if (lateObject !== null) lines.push(`  late events   ${entry.late?.count} in ${lateObject}`);
  for (const [i, view] of plan.views.entries()) {
    const { counted = 0, late = 0 } = counts.views[i] ?? {};
    const rows = (entry.views[i] as Rows).size;
    lines.push('', `${view.name}: ${rows} rows of ${counted} events, ${late} late`);
    const shownRows = rowTexts(entry.views[i] as Rows).map((text) => parseDigits(text) as ShownRow);
    lines.push(viewTable(shownRows, '  '));
  }
  return lines.join('\n');
}

/** One entry as JSON; its rows as rows of an answer. */
export function entryJson(shown: ShownEntry, withRows: boolean): string {
  const { entry, plan, bytes, watermark, deadObject, lateObject } = shown;
  const { counts } = entry;
  const views = plan.views.map(({ name }, i) => [
    name,
    { rows: entry.views[i]?.size, ...counts.views[i] },
  ]);
  const head = JSON.stringify({
    entry: entry.index,
    kind: entry.kind,
    from: cursorJson(entry.from),
    next: cursorJson(entry.next),
    arrival: arrivalOf(entry),
    watermark,
    counts: { ...counts, views: Object.fromEntries(views) },
    ids: entry.fingerprints.size,
    dead: entry.dead && { count: entry.dead.count, object: deadObject },
    late: entry.late && { count: entry.late.count, object: lateObject },
    bytes,
  });
  if (!withRows) return head;
  const rows = entry.views.flatMap(rowTexts);
  return `${head.slice(0, -1)},"rows":[${rows.join(',')}]}`;
}

function rowTexts(rows: Rows): string[] {
  const { rows: sorted } = select(rows, allRows, timeMin);
  return sorted.map((row) => rowJson(rows, row, timeMax));
}

function place({ position, line }: Cursor): string {
  return line === 0 ? String(position) : `${position}:${line}`;
}

/** Positions may have more digits than a JSON number is read with. */
function cursorJson({ position, line }: Cursor): object {
  return { position: String(position), line };
}

function arrivalOf({ arrival }: Entry): string | null {
  return arrival === 0 ? null : new Date(arrival).toISOString();
}
