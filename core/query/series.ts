import { MillraceError } from '../errors.ts';
import type { KeyPart } from '../event.ts';
import { compareScalars } from '../scalars.ts';
import type { Rows } from '../view/rows.ts';
import { stateOf } from './answer.ts';
import type { Read } from './reader.ts';
import { valueColumns } from './value-columns.ts';

/** The rows of one key. */
interface Series {
  readonly key: readonly KeyPart[];
  /** By the start of the window. */
  readonly rows: Map<number, number>;
}

/**
 * Rows as JSON shaped for charts: the starts of all windows in epoch seconds, ascending, and for each key, by key, one
 * array per value that is as long, and one of states, null where the key has no row. Lists, such as the most frequent
 * values, are left out.
 *
 * @throws MillraceError `request` for more than `pointsMax` places in one of the values.
 */
export function seriesJson(read: Read, pointsMax: number): string {
  const { rows, selected, answer } = read;
  const all = seriesOf(rows, selected);
  const starts = [...new Set(selected.map((row) => rows.starts[row] as number))];
  starts.sort((a, b) => a - b);
  const points = starts.length * all.length;
  if (points > pointsMax) {
    const text =
      `the series would have ${points} points, ${starts.length} windows of ${all.length} keys, over ` +
      `${pointsMax}: ask for a narrower range or fewer keys`;
    throw new MillraceError('request', text, { problems: [text] });
  }
  const values = valueColumns(rows).filter(({ isList }) => !isList);
  const texts = all.map((one) => {
    const key = Object.fromEntries(rows.view.key.map((part, i) => [part, one.key[i] as KeyPart]));
    const array = (of: (row: number) => string): string => {
      const cells = starts.map((start) => {
        const row = one.rows.get(start);
        return row === undefined ? 'null' : of(row);
      });
      return `[${cells.join(',')}]`;
    };
    const state = array((row) => `"${stateOf(rows.end(row), rows.view.lateness, read)}"`);
    const arrays = values.map(({ name, json }) => `${JSON.stringify(name)}:${array(json)}`);
    return `{"key":${JSON.stringify(key)},"state":${state},"measures":{${arrays.join(',')}}}`;
  });
  const { next, ...head } = answer;
  const start = JSON.stringify(starts.map((ms) => ms / 1000));
  const opening = JSON.stringify(head).slice(0, -1);
  const series = `"start":${start},"series":[${texts.join(',')}]`;
  return `${opening},${series},"next":${JSON.stringify(next)}}`;
}

function seriesOf(rows: Rows, selected: readonly number[]): Series[] {
  const byKey = new Map<string, Series>();
  for (const row of selected) {
    const key = rows.key(row);
    const name = JSON.stringify(key);
    const series = byKey.get(name) ?? { key, rows: new Map() };
    byKey.set(name, series);
    series.rows.set(rows.starts[row] as number, row);
  }
  return [...byKey.values()].sort((a, b) => compareKeys(a.key, b.key));
}

function compareKeys(a: readonly KeyPart[], b: readonly KeyPart[]): number {
  for (const [i, part] of a.entries()) {
    const order = compareScalars(part, b[i] as KeyPart);
    if (order !== 0) return order;
  }
  return 0;
}
