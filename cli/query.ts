import { addressedViews } from '../adapters/http/views.ts';
import { MillraceError } from '../core/errors.ts';
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
    order: {
      type: 'string',
      placeholder: '<measure>',
      description: 'Order by a measure; -flights: the largest first',
    },
    limit: { type: 'string', placeholder: '<n>', default: '20', description: 'The most rows' },
    cursor: {
      type: 'string',
      placeholder: '<cursor>',
      description: 'The rows that follow those of the answer before',
    },
    url: urlOption,
    ...folderOptions,
  },
  notes: `Where several pipelines have a view of the same name, it is <pipeline>.<view>.

Examples:
  millrace query byOrigin --from 2001-01-01 --to 2001-01-02 --order -flights --limit 5
  millrace query byRoute --key origin=SFO --url http://127.0.0.1:7400`,
  async run(values, [view = '']) {
    const key = keyOf(values.key ?? []);
    const { from, to, grain, order, cursor, url } = values;
    const limit = wholeNumber('--limit', values.limit);
    const given = Object.entries({ from, to, grain, order, cursor }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    );
    let text: string;
    if (url !== undefined) {
      const keys = Object.entries(key).map(([part, value]) => [`key.${part}`, value] as const);
      const path = `/v1/views/${encodeURIComponent(view)}`;
      text = await ask(url, path, [...given, ...keys, ['limit', String(limit)]]);
    } else {
      const { order: orderBy, ...rest } = Object.fromEntries(given);
      const ordered = orderBy === undefined ? {} : { orderBy };
      const query = { ...rest, ...ordered, key, limit } as AnyQuery;
      text = await withFolder(values, (app) => answer(app, view, query));
    }
    await print(values.json ? text : forPeople(text));
    return 0;
  },
});

/** `origin=SFO` and so on; a value may hold `=` itself. */
function keyOf(texts: readonly string[]): Record<string, string> {
  const parts = texts.map((text): [string, string] => {
    const at = text.indexOf('=');
    if (at < 1) throw new UsageError(`--key ${text} is not like origin=SFO`);
    return [text.slice(0, at), text.slice(at + 1)];
  });
  return Object.fromEntries(parts);
}

async function answer(app: App, name: string, query: AnyQuery): Promise<string> {
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
    return only.pipeline.reader.queryJson(only.view.name, query);
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
