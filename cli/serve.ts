import { fileURLToPath } from 'node:url';
import { profileOf } from '../cost/profile.ts';
import { localConfig } from '../local-app/config.ts';
import type { CostSources } from '../local-app/cost-page.ts';
import { start } from '../local-app/main.ts';
import { defineCommand } from './command.ts';
import { readJson } from './cost/refresh.ts';
import { partitionsGiven } from './folder.ts';
import { loadPipelines } from './pipelines.ts';
import { givenTables, referenceOption } from './reference-file.ts';
import { serverOptions, servingOptions, showProgress, troubleTeller } from './serving.ts';
import { sinkOption, sinksGiven } from './sinks.ts';
import { untilStopped } from './until-stopped.ts';

function costSources(file: string): CostSources {
  return { profile: profileOf(readJson(file)), profileFile: file };
}

/** `millrace serve`: own pipelines, fed over HTTP. */
export const command = defineCommand({
  name: 'serve',
  summary: 'Take events and answer queries over HTTP, on a data folder',
  usage: 'serve [options]',
  options: {
    pipelines: {
      type: 'string',
      placeholder: '<file.ts>',
      description: 'A file that exports one or more pipelines; by default pipelines/index.ts',
    },
    data: {
      type: 'string',
      placeholder: '<dir>',
      default: '.millrace/data',
      description: 'The data folder',
    },
    reference: referenceOption,
    ...servingOptions,
    sink: sinkOption,
    profile: {
      type: 'string',
      placeholder: '<file>',
      description: 'What millrace profile measured, for the page /cost; by default a click stream',
    },
    partitions: {
      type: 'string',
      placeholder: '<n>',
      description: 'Partitions of the stream: those of the data folder; of a new one 4',
    },
  },
  notes: `Send events with POST /v1/events: JSON, an array or NDJSON, plain, gzip or zstd.
/openapi.json describes it all; /cost in a browser shows what it costs in the clouds.
Traffic is not encrypted: put a proxy that is in front of a server that others can reach.

Examples:
  millrace serve --pipelines clicks.ts --data clicks-data
  MILLRACE_TOKEN=$(openssl rand -hex 32) millrace serve --host 0.0.0.0`,
  async run(values) {
    const { json = false, data } = values;
    const file = values.pipelines ?? fileURLToPath(import.meta.resolve('../pipelines/index.ts'));
    const config = localConfig({
      idle: 'clock',
      pipelines: await loadPipelines(file),
      data,
      partitions: partitionsGiven(values.partitions, data),
      sinks: sinksGiven(values.sink),
    });
    const server = serverOptions(values);
    const cost = values.profile === undefined ? {} : { cost: costSources(values.profile) };
    const tables = await givenTables(config.pipelines, values.reference ?? []);
    const running = await start(config, { server, tables, ...cost, onTrouble: troubleTeller() });
    const names = config.pipelines.map(({ name }) => name).join(', ');
    const { url } = running;
    const text = `Millrace listens on ${url}; pipelines: ${names}; data: ${data}. Ctrl-C stops.`;
    process.stdout.write(json ? `${JSON.stringify({ url })}\n` : `${text}\n`);
    const endProgress = showProgress(running, json);
    await untilStopped();
    endProgress();
    await running.stop();
    return 0;
  },
});
