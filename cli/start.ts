import { parseDuration } from '../core/duration.ts';
import { localConfig } from '../local-app/config.ts';
import { FlightsDemo } from '../local-app/flights-demo.ts';
import { type Running, start } from '../local-app/main.ts';
import { flights } from '../pipelines/flights.ts';
import { UsageError } from './arguments.ts';
import { defineCommand } from './command.ts';
import { serverOptions, servingOptions, showProgress, troubleTeller } from './serving.ts';
import { untilStopped } from './until-stopped.ts';

/** `millrace start`: the demo. */
export const command = defineCommand({
  name: 'start',
  summary: 'Stream three million real flights through a pipeline and serve the answers',
  usage: 'start [options]',
  options: {
    ...servingOptions,
    pace: {
      type: 'string',
      placeholder: '<duration>',
      default: '1h',
      description: 'How much of 2001 passes in a second; max: as fast as it goes',
    },
    fresh: { type: 'boolean', description: 'Forget what the data folder holds and start over' },
    data: {
      type: 'string',
      placeholder: '<dir>',
      default: '.millrace/demo',
      description: 'The data folder; the next start goes on where this one stopped',
    },
  },
  notes: `Ctrl-C stops it cleanly; once more stops it at once.

Examples:
  millrace start --pace 10h
  millrace start --fresh --port 7401`,
  async run(values) {
    const { json = false, fresh = false, data } = values;
    const pace = paceOf(values.pace);
    const config = localConfig({ pipelines: [flights], data, batchWindowMs: 100 });
    const onTrouble = troubleTeller();
    const running = await start(config, { server: serverOptions(values), fresh, onTrouble });
    const demo = new FlightsDemo(running.app, pace);
    process.stdout.write(json ? `${JSON.stringify({ url: running.url })}\n` : welcome(running));
    return follow(running, demo, json);
  },
});

/** Until someone stops it. Stays up after the last flight. */
async function follow(running: Running, demo: FlightsDemo, json: boolean): Promise<number> {
  const endProgress = showProgress(running, json, () => ({ sent: demo.sent, done: demo.done }));
  const stopped = untilStopped();
  const sent = demo.run();
  try {
    const ended = await Promise.race([stopped.then(() => false), sent.then(() => true)]);
    if (ended) {
      if (!json) process.stdout.write('\nAll flights are sent. Ctrl-C stops the server.\n');
      await stopped;
    }
    demo.stop();
    await sent;
  } finally {
    demo.stop();
    endProgress();
    await running.stop();
  }
  if (!json) process.stdout.write('Stopped. The next start goes on from here.\n');
  return 0;
}

function paceOf(text: string): number {
  if (text === 'max') return Number.POSITIVE_INFINITY;
  const ms = parseDuration(text);
  if (ms !== null && ms > 0) return ms / 1000;
  throw new UsageError(`--pace must be a duration such as 1h, or max, not ${text}`);
}

function welcome({ url, app }: Running): string {
  const range = 'from=2001-01-01&to=2001-01-08';
  return `Millrace listens on ${url} and streams the flights of 2001. Try:

  curl '${url}/v1/views/byOrigin?${range}&order=-flights&limit=5'
  curl '${url}/v1/views/byRoute?${range}&key.origin=SFO&limit=5'
  curl '${url}/v1/status'

${url}/cost shows what it would cost on AWS and Azure.

Data: ${app.config.data}. Ctrl-C stops.

`;
}
