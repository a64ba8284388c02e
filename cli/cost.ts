import { fileURLToPath } from 'node:url';
import { estimateOf } from '../cost/estimate.ts';
import type { Cloud, PriceBook } from '../cost/price-book.ts';
import { type Profile, profileOf } from '../cost/profile.ts';
import { ageDays, oldestDate } from '../cost/refresh.ts';
import { type Workload, workloadOf } from '../cost/workload.ts';
import { UsageError } from './arguments.ts';
import { defineCommand } from './command.ts';
import { billsCsv } from './cost/csv.ts';
import { publicApis } from './cost/price-apis.ts';
import { readJson, readPrices, refreshPrices, shippedPrices } from './cost/refresh.ts';
import { estimateText } from './cost/tables.ts';
import { print } from './output.ts';

const shippedProfile = fileURLToPath(new URL('../cost/default-profile.json', import.meta.url));

/** A number of the workload that has an option. */
const field = (description: string) =>
  ({ type: 'string', placeholder: '<n>', description }) as const;

/** The options that are fields of the workload, by name. */
const fields = {
  'events-per-second': field('The mean rate of events (default: 1000)'),
  shape: {
    type: 'string',
    placeholder: '<shape>',
    description: 'flat, daily or bursty (default: flat)',
  },
  'peak-factor': field('The highest rate over the mean'),
  'event-bytes': field('Bytes of an event as JSON (default: 198)'),
  'record-events': field('Events that are packed into one record (default: 100)'),
  keys: field('Different keys (default: those of the profile)'),
  partitions: field('Partitions or shards of the stream (default: 4)'),
  'batch-window-seconds': field('How long records wait for their batch (default: 1)'),
  'retention-hours': field("How long the stream keeps records (default: the template's)"),
  'row-days': field('How long rows of views are kept (default: 30)'),
  'queries-per-second': field('Queries (default: 0)'),
  'query-rows': field('Rows of one answer (default: 20)'),
  'query-seconds': field('Event time that a query asks for (default: 3600)'),
  archive: { type: 'boolean', description: 'Keep all records in object storage for a month too' },
} as const;

/** `millrace cost`: what a workload costs a month on both clouds. */
export const command = defineCommand({
  name: 'cost',
  summary: 'Show what a workload costs a month on AWS and Azure, and what would cost less',
  usage: 'cost [refresh] [options]',
  positionals: [0, 1],
  options: {
    cloud: { type: 'string', placeholder: '<cloud>', description: 'aws or azure; both by default' },
    workload: {
      type: 'string',
      placeholder: '<file>',
      description: 'A workload as JSON, {"eventsPerSecond":1000}; options below go before it',
    },
    ...fields,
    profile: {
      type: 'string',
      placeholder: '<file>',
      description: 'What millrace profile measured; by default that of a click stream',
    },
    prices: {
      type: 'string',
      placeholder: '<file>',
      description: 'Another price book than the one that is shipped',
    },
    json: { type: 'boolean', description: 'All answers as one JSON object' },
    csv: { type: 'boolean', description: 'The bills as CSV' },
    'dry-run': { type: 'boolean', description: 'refresh: show what changes, and write nothing' },
    'aws-url': {
      type: 'string',
      placeholder: '<url>',
      default: publicApis.aws,
      description: "refresh: AWS's price list",
    },
    'azure-url': {
      type: 'string',
      placeholder: '<url>',
      default: publicApis.azure,
      description: "refresh: Azure's price list",
    },
  },
  notes: `List prices in dollars, us-east-1 and East US. What is measured, computed and assumed, and
how sure each price is: docs/cost.md.

Examples:
  millrace cost --events-per-second 200 --record-events 1 --cloud azure
  millrace cost --workload workload.json --profile profile.json --json
  millrace cost refresh --dry-run`,
  async run(values, [action]) {
    const path = values.prices ?? shippedPrices;
    if (action === 'refresh') {
      const apis = { aws: values['aws-url'], azure: values['azure-url'] };
      return refreshPrices(path, apis, values['dry-run'] ?? false);
    }
    if (action !== undefined) throw new UsageError(`cost has no ${action}; there is refresh`);
    if (values.json && values.csv) throw new UsageError('--json or --csv, not both');
    const book = readPrices(path);
    const profile = profileOf(readJson(values.profile ?? shippedProfile));
    const workload = workloadFrom(values);
    const estimates = cloudsOf(values.cloud).map((cloud) =>
      estimateOf(cloud, workload, profile, book),
    );
    if (values.json) {
      const { views: _, ...measured } = profile;
      const dates = { prices: book.readOn, oldestPrice: oldestDate(book) };
      await print(JSON.stringify({ ...dates, profile: measured, estimates }));
    } else if (values.csv) await print(billsCsv(estimates));
    else await print([...estimates.map(estimateText), sources(book, profile)].join('\n\n'));
    return 0;
  },
});

function cloudsOf(name: string | undefined): readonly Cloud[] {
  if (name === undefined) return ['aws', 'azure'];
  if (name === 'aws' || name === 'azure') return [name];
  throw new UsageError(`--cloud is aws or azure, not ${name}`);
}

/** The file, and over it what the options say; what is no number is left to the check, which lists all problems. */
function workloadFrom(values: Readonly<Record<string, unknown>>): Workload {
  const file = values['workload'];
  const base = typeof file === 'string' ? readJson(file) : {};
  if (typeof base !== 'object' || base === null || Array.isArray(base)) return workloadOf(base);
  const given = Object.keys(fields).flatMap((name) => {
    const value = values[name];
    if (value === undefined) return [];
    const number = Number(value);
    const isNumber = typeof value === 'string' && value.trim() !== '' && !Number.isNaN(number);
    return [[camelCase(name), isNumber ? number : value] as const];
  });
  return workloadOf({ ...base, ...Object.fromEntries(given) });
}

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function sources(book: PriceBook, profile: Profile): string {
  const age = ageDays(book, new Date().toISOString().slice(0, 10));
  const { pipeline, input, measuredOn, machine } = profile;
  return (
    `Prices: the newest read on ${book.readOn}, ${age} days ago, the oldest in ${oldestDate(book)}. ` +
    'Confidence: A several sources, B one, C texts of others, M memory.\n' +
    `Profile: ${pipeline} on ${profile.events} events of ${input}, ${measuredOn}, ${machine}.`
  );
}
