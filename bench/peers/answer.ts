/** What was counted of a page in a minute. */
export interface Row {
  readonly page: string;
  /** Where the minute begins, epoch milliseconds. */
  readonly minute: number;
  readonly clicks: number;
  readonly cents: number;
}

/** All rows of a design's store, in any order, and how many events it could not count. */
export interface Answer {
  readonly rows: readonly Row[];
  readonly bad: number;
}

const shownMax = 5;

/** Clicks and cents by page and minute, summed up. */
export class Totals {
  private readonly all = new Map<string, { page: string; minute: number } & Sum>();

  add(page: string, minute: number, clicks: number, cents: number): void {
    const key = `${page} ${minute}`;
    const sum = this.all.get(key);
    if (sum === undefined) this.all.set(key, { page, minute, clicks, cents });
    else {
      sum.clicks += clicks;
      sum.cents += cents;
    }
  }

  rows(): Row[] {
    return [...this.all.values()];
  }
}

interface Sum {
  clicks: number;
  cents: number;
}

/** How an answer differs from the expected one, in words: the first few differences; empty if it is the same. */
export function differences(expected: Answer, found: Answer): string[] {
  const wanted = byKey(expected.rows);
  const given = byKey(found.rows);
  const all: string[] = [];
  if (expected.bad !== found.bad) all.push(`${found.bad} bad events in place of ${expected.bad}`);
  if (given.size !== found.rows.length) all.push('a row is there twice');
  for (const [key, row] of wanted) {
    const shown = `${shownOf(given.get(key))} in place of ${shownOf(row)}`;
    if (shownOf(given.get(key)) !== shownOf(row)) all.push(`${key}: ${shown}`);
  }
  for (const [key, row] of given) {
    if (!wanted.has(key)) all.push(`${key}: ${shownOf(row)} in place of nothing`);
  }
  const more = all.length - shownMax;
  return more > 0 ? [...all.slice(0, shownMax), `and ${more} more`] : all;
}

function byKey(rows: readonly Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [`${row.page} ${new Date(row.minute).toISOString()}`, row]));
}

function shownOf(row: Row | undefined): string {
  return row === undefined ? 'nothing' : `${row.clicks} clicks and ${row.cents} cents`;
}
