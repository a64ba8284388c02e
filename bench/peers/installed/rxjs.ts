import type { KinesisStreamRecord } from 'aws-lambda';
import { distinct, filter, groupBy, map, mergeMap, reduce, Subject, tap } from 'rxjs';
import type { Row } from '../answer.ts';
import { type Click, centsOf, clickOf, minuteOf, textsOf } from '../click.ts';
import type { Start } from '../design.ts';

/** One stream in memory: distinct ids, a group by page and minute, a running sum in each. */
export const start: Start = async ({ pack }) => {
  const bad = new Set<string>();
  const rows: Row[] = [];
  const records = new Subject<KinesisStreamRecord>();
  records
    .pipe(
      mergeMap(({ kinesis }) =>
        textsOf(kinesis.data, pack).map((text) => ({ text, number: kinesis.sequenceNumber })),
      ),
      map(({ text, number }) => ({ text, number, click: clickOf(text) })),
      tap(({ click, text, number }) => {
        if (click === null) bad.add(`${number} ${text}`);
      }),
      map(({ click }) => click),
      filter((click): click is Click => click !== null),
      distinct(({ id }) => id),
      groupBy((click) => `${click.page} ${minuteOf(click)}`),
      mergeMap((group) =>
        group.pipe(
          reduce((sum: Row | null, click) => added(sum, click), null),
          filter((row) => row !== null),
        ),
      ),
    )
    .subscribe((row) => rows.push(row));
  return {
    handler: async ({ Records }) => {
      for (const record of Records) records.next(record);
      return undefined;
    },
    answer: async () => {
      records.complete();
      return { rows, bad: bad.size };
    },
  };
};

function added(sum: Row | null, click: Click): Row {
  return {
    page: click.page,
    minute: minuteOf(click),
    clicks: (sum?.clicks ?? 0) + 1,
    cents: (sum?.cents ?? 0) + centsOf(click),
  };
}
