import { addressedViews } from '../adapters/http/views.ts';
import { MillraceError } from '../core/errors.ts';
import type { Format } from '../core/query/format.ts';
import type { AnyQuery } from '../core/query/query.ts';
import type { App } from '../local-app/composition.ts';
import { UsageError } from './arguments.ts';
import { defineCommand } from './command.ts';
import { folderOptions, withFolder } from './folder.ts';
import { print } from './output.ts';
import { ask, urlOption } from './server.ts';
import { parseDigits, type ShownRow, viewTable } from './view-table.ts';
import { wholeNumber } from './whole-number.ts';

/** `millrace query`: rows of a view. */
export const command = defineCommand({
  name: 'query',
  summary: 'Print rows of a view, from a data folder or a running server',
  usage: 'query <view> [options]',
  positionals: [1, 1],
  options: {
    from: {
      type: 'string',
      placeholder: '<time>',
      description: 'Windows that start at or after it: 2001-01-01 or 2001-01-01T08:00:00Z',
    },
    to: { type: 'string', placeholder: '<time>', description: 'Windows that start before it' },
    grain: {
      type: 'string',
      placeholder: '<length>',
      description: 'Rows of longer windows, 1h, or one per key of the whole range, all',
    },
    key: {
      type: 'string',
      placeholder: '<part=value>',
      multiple: true,
      description: 'A part of the key must have this value: origin=SFO',
    },
    prefix: {
      type: 'string',
      placeholder: '<part=start>',
      multiple: true,
      description: 'A part of the key must begin so: origin=SF',
    },
    group: {
      type: 'string',
      placeholder: '<part>',
      multiple: true,
      description: "Merge rows by this part of the key alone; '' for one row per window",
    },
    order: {
      type: 'string',
      placeholder: '<measure>',
      description: 'Order by a measure; -flights: the largest first',
    },
    top: {
      type: 'string',
      placeholder: '<n>',
      description: 'The first so many rows of each window, in that order',
    },
    limit: { type: 'string', placeholder: '<n>', default: '20', description: 'The most rows' },
    cursor: {
      type: 'string',
      placeholder: '<cursor>',
      description: 'The rows that follow those of the answer before',
    },
    csv: { type: 'boolean', description: 'Print the rows as CSV' },
    url: urlOption,
    ...folderOptions,
  },
  notes: `Where several pipelines have a view of the same name, it is <pipeline>.<view>.

Examples:
  millrace query byOrigin --from 2001-01-01 --to 2001-01-02 --order -flights --limit 5
  millrace query byRoute --group origin --prefix origin=S --order -flights --top 3
  millrace query byRoute --key origin=SFO --url http://127.0.0.1:7400`,
  async run(values, [view = '']) {
    const { url, csv = false, json = false } = values;
    if (csv && json) throw new UsageError('--csv and --json: give only one of them');
    const format: Format = csv ? 'csv' : 'rows';
    const query = queryOf(values);
    const text =
      url === undefined
        ? await withFolder(values, (app) => answer(app, view, query, format))
        : await ask(url, `/v1/views/${encodeURIComponent(view)}`, parametersOf(query, format));
    await print(csv ? text.slice(0, -1) : json ? text : forPeople(text));
    return 0;
  },
});

function queryOf(values: {
  readonly key?: readonly string[] | undefined;
  readonly prefix?: readonly string[] | undefined;
  readonly group?: readonly string[] | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly grain?: string | undefined;
  readonly order?: string | undefined;
  readonly top?: string | undefined;
  readonly limit: string;
  readonly cursor?: string | undefined;
}): AnyQuery {
  const { from, to, grain, order: orderBy, top, cursor, group } = values;
  const given = {
    ...{ from, to, grain, orderBy, cursor },
    top: top === undefined ? undefined : wholeNumber('--top', top),
    group: group?.length === 1 && group[0] === '' ? [] : group,
  };
  const isGiven = ([, value]: readonly [string, unknown]): boolean => value !== undefined;
  return {
    ...Object.fromEntries(Object.entries(given).filter(isGiven)),
    key: partsOf('--key', values.key ?? []),
    prefix: partsOf('--prefix', values.prefix ?? []),
    limit: wholeNumber('--limit', values.limit),
  } as AnyQuery;
}

/** A query as the parameters of a URL. */
function parametersOf(query: AnyQuery, format: Format): [name: string, value: string][] {
  const { key = {}, prefix = {}, group, orderBy, ...rest } = query;
  const order: [string, string][] = orderBy === undefined ? [] : [['order', orderBy]];
  const groups = group?.length === 0 ? [''] : (group ?? []);
  return [
    ...Object.entries(rest).map(([name, value]): [string, string] => [name, String(value)]),
    ...order,
    ...groups.map((part): [string, string] => ['group', part]),
    ...Object.entries(key).map(([part, text]): [string, string] => [`key.${part}`, String(text)]),
    ...Object.entries(prefix).map(([part, text]): [string, string] => [
      `prefix.${part}`,
      String(text),
    ]),
    ['format', format],
  ];
}

/** `origin=SFO` and so on; a value may hold `=` itself. */
function partsOf(option: string, texts: readonly string[]): Record<string, string> {
  const parts = texts.map((text): [string, string] => {
    const at = text.indexOf('=');
    if (at < 1) throw new UsageError(`${option} ${text} is not like origin=SFO`);
    return [text.slice(0, at), text.slice(at + 1)];
  });
  return Object.fromEntries(parts);
}

async function answer(app: App, name: string, query: AnyQuery, format: Format): Promise<string> {
  const pipelines = [...app.served.values()].map(({ journal, reader }) => ({
    plan: journal.plan,
    reader,
  }));
  const views = addressedViews(pipelines);
  const found = views.filter(
    ({ pipeline, view }) => name === view.name || name === `${pipeline.plan.name}.${view.name}`,
  );
  const [only] = found;
  if (only !== undefined && found.length === 1) {
    return (await only.pipeline.reader.text(only.view.name, query, format)).text;
  }
  const list = (of: typeof views) => of.map(({ address }) => address).join(', ');
  const text =
    found.length > 1
      ? `several pipelines have a view '${name}': ask for one of ${list(found)}`
      : `there is no view '${name}'; there are ${list(views)}`;
  throw new MillraceError('request', text);
}

function forPeople(text: string): string {
  const answer = parseDigits(text) as {
    readonly rows: readonly ShownRow[];
    readonly next: string | null;
    readonly watermark: string | null;
    readonly [name: string]: unknown;
  };
  const { watermark, rows, next } = answer;
  const lines = [
    viewTable(rows),
    '',
    `watermark ${watermark ?? 'none yet'}, ${answer['late']} late, ` +
      `${answer['deadLettered']} dead letters, lag ${answer['lagSeconds']} s`,
  ];
  if (next !== null) lines.push(`more rows: --cursor ${next}`);
  return lines.join('\n');
}
