import { openParquet } from '../local-app/parquet-columns.ts';
import { formatOf } from './input/rows.ts';

const intervalMs = 200;

/** A line about the rows processed so far, written over itself. Only on a terminal: in a pipe it says nothing. */
export interface Progress {
  rows(count: number): void;
  end(): void;
}

/** The progress of a run on the standard error. `total` is null where the rows can't be counted beforehand. */
export function progress(
  total: number | null,
  stream: NodeJS.WriteStream = process.stderr,
): Progress {
  if (!stream.isTTY) return { rows: () => {}, end: () => {} };
  const started = performance.now();
  let shownAt = 0;
  return {
    rows(count) {
      const now = performance.now();
      if (now - shownAt < intervalMs) return;
      shownAt = now;
      const perSecond = Math.round((count * 1000) / Math.max(1, now - started));
      const share = total ? `, ${Math.floor((100 * count) / total)} %` : '';
      stream.write(`\r${count} rows${share}, ${perSecond} rows/s\x1b[K`);
    },
    end: () => {
      if (shownAt > 0) stream.write('\r\x1b[K');
    },
  };
}

/** How many rows an input has where its footer says so; else null. */
export async function rowsIn(path: string, format: string | undefined): Promise<number | null> {
  if (path === '-' || (format ?? formatOf(path)) !== 'parquet') return null;
  return Number((await openParquet(path)).metadata.num_rows);
}
