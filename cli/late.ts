import { MillraceError } from '../core/errors.ts';
import { parseRfc3339 } from '../core/schema/rfc3339.ts';
import { UsageError } from './arguments.ts';
import { defineCommand } from './command.ts';
import { type FolderValues, withFolder } from './folder.ts';
import {
  harmless,
  keptNotes,
  keptOptions,
  type Numbered,
  runKept,
  type Shown,
  shortened,
} from './kept-events.ts';
import { numberColumn, timeColumn } from './table.ts';

/** `millrace late`: what came too late to be counted. */
export const command = defineCommand({
  name: 'late',
  summary: 'List the events that came too late for a view, or show one',
  usage: 'late list | late show <n or ref> [options]',
  positionals: [1, 2],
  options: {
    view: { type: 'string', placeholder: '<name>', description: 'Only those of this view' },
    from: {
      type: 'string',
      placeholder: '<time>',
      description: 'Event times from it on: 2001-01-01 or 2001-01-01T08:00:00Z',
    },
    to: { type: 'string', placeholder: '<time>', description: 'Event times before it' },
    ...keptOptions,
  },
  notes: `${keptNotes}

Examples:
  millrace late list --data clicks --view byWho
  millrace late show 1 --data clicks`,
  async run(values, positionals) {
    const { view } = values;
    const from = timeOf('from', values.from, Number.NEGATIVE_INFINITY);
    const to = timeOf('to', values.to, Number.POSITIVE_INFINITY);
    const isWanted = ({ json }: Numbered<'_late'>): boolean => {
      const time = Date.parse(json.time);
      return (view === undefined || json.view === view) && time >= from && time < to;
    };
    if (view !== undefined) await checkView(values, view);
    return runKept('late', lateEvents, values, positionals, isWanted);
  },
});

/** @throws MillraceError `request` for a view that no pipeline of the folder has, with those that there are. */
function checkView(values: FolderValues, view: string): Promise<void> {
  return withFolder(values, async ({ config }) => {
    const names = config.pipelines.flatMap(({ plan }) => plan.views.map(({ name }) => name));
    if (names.includes(view)) return;
    throw new MillraceError('request', `there is no view '${view}'; there are ${names.join(', ')}`);
  });
}

const lateEvents: Shown<'_late'> = {
  view: '_late',
  one: 'late event',
  several: 'late events',
  columns: (found) => [
    { head: 'view', cells: found.map(({ json }) => json.view) },
    timeColumn(
      'window',
      found.map(({ json }) => json.start),
    ),
    timeColumn(
      'time',
      found.map(({ json }) => json.time),
    ),
    numberColumn(
      'late by (s)',
      found.map(({ json }) => String(json.lateMs / 1000)),
    ),
    { head: 'event', cells: found.map(({ json }) => shortened(JSON.stringify(json.event))) },
  ],
  detail({ number, ref, partition, entry, json }) {
    const { view, start, end, time, lateMs, position, line, event } = json;
    return [
      `late event ${number} (${ref}): ${lateMs / 1000} s too late for view '${view}'`,
      '',
      `  time ${time}, window ${start} to ${end}`,
      `  partition ${partition}, position ${position}, line ${line}, in entry ${entry}`,
      '',
      'event, as the transform gave it:',
      harmless(JSON.stringify(event), true),
    ];
  },
};

function timeOf(option: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const time = parseRfc3339(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (!Number.isNaN(time)) return time;
  throw new UsageError(`--${option}: '${text}' is no RFC 3339 time such as 2001-01-01T00:00:00Z`);
}
