import { MillraceError } from '../core/errors.ts';
import { UsageError } from './arguments.ts';
import { defineCommand } from './command.ts';
import { untilStopped } from './until-stopped.ts';
import { wholeNumber } from './whole-number.ts';

/** A hub as the emulator takes it. */
interface HubOptions {
  readonly partitions: number;
  readonly consumerGroups: readonly string[];
  readonly retention: { readonly bytes: number };
}

/** What the command uses of the emulator. */
interface Emulator {
  readonly port: number;
  connectionString(hub?: string): string;
  stop(): Promise<void>;
}

type Start = (options: {
  readonly hubs: Readonly<Record<string, HubOptions>>;
  readonly port: number;
  readonly file?: string;
}) => Promise<Emulator>;

const partitionsMax = 1_024;
const megabyte = 1_000_000;

/** `millrace emulator event-hubs`. */
export const command = defineCommand({
  name: 'emulator',
  summary: 'Run an Event Hubs for local work, which the official clients can use',
  usage: 'emulator event-hubs [options]',
  positionals: [1, 1],
  options: {
    port: {
      type: 'string',
      placeholder: '<n>',
      default: '5672',
      description: 'The port to listen on, at 127.0.0.1; 0 takes a free one',
    },
    hub: {
      type: 'string',
      placeholder: '<name=partitions>',
      multiple: true,
      default: 'events=4',
      description: 'A hub',
    },
    'consumer-group': {
      type: 'string',
      placeholder: '<name>',
      multiple: true,
      description: 'A consumer group that every hub has besides $Default',
    },
    data: {
      type: 'string',
      placeholder: '<file>',
      description: 'Keep the events in this file; without it they end with the emulator',
    },
    'retention-mb': {
      type: 'string',
      placeholder: '<n>',
      default: '256',
      description: 'Megabytes of events that a hub keeps; the oldest ones go first',
    },
    json: { type: 'boolean', description: 'One JSON object that says where it listens' },
  },
  notes: `Ctrl-C stops it. That there is no TLS the Azure clients read from
UseDevelopmentEmulator=true in the connection string.

Examples:
  millrace emulator event-hubs --hub clicks=4 --consumer-group readers
  millrace emulator event-hubs --port 0 --data events.db --json`,
  async run(values, [service]) {
    if (service !== 'event-hubs') {
      throw new UsageError(`there is an emulator of event-hubs, and none of ${service}`);
    }
    const { json = false, data } = values;
    const port = wholeNumber('--port', values.port, 65_535);
    const groups = values['consumer-group'] ?? [];
    const megabytes = wholeNumber('--retention-mb', values['retention-mb'], 1_000_000);
    const hubs = hubsOf(values.hub, groups, megabytes * megabyte);
    const emulator = await start({ hubs, port, ...(data === undefined ? {} : { file: data }) });
    const stopped = untilStopped();
    try {
      process.stdout.write(
        json
          ? `${JSON.stringify(listening(emulator, hubs))}\n`
          : welcome(emulator, hubs, data ?? null),
      );
      await stopped;
    } finally {
      await emulator.stop();
    }
    if (!json) process.stdout.write('Stopped.\n');
    return 0;
  },
});

function hubsOf(
  given: readonly string[],
  consumerGroups: readonly string[],
  bytes: number,
): Record<string, HubOptions> {
  const hubs: Record<string, HubOptions> = {};
  for (const text of given) {
    const [, name, count = ''] = /^([A-Za-z0-9][\w.-]*)=(\d+)$/.exec(text) ?? [];
    if (name === undefined) throw new UsageError(`--hub ${text} is not like clicks=4`);
    const partitions = wholeNumber(`the partitions of --hub ${text}`, count, partitionsMax);
    if (partitions === 0) throw new UsageError(`--hub ${text} has no partition`);
    hubs[name] = { partitions, consumerGroups, retention: { bytes: bytes / partitions } };
  }
  return hubs;
}

async function start(options: Parameters<Start>[0]): Promise<Emulator> {
  const startEventHubs = await load();
  try {
    return await startEventHubs(options);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const text =
      code === 'EADDRINUSE'
        ? `port ${options.port} is taken: choose another with --port, or a free one with --port 0`
        : `can't start the emulator: ${message}`;
    throw new MillraceError('unavailable', text, { cause });
  }
}

/** By its address: it lies with the tests, and what it needs is installed for development only. */
async function load(): Promise<Start> {
  const file = new URL('../test/emulators/event-hubs.ts', import.meta.url);
  try {
    return (await import(file.href)).startEventHubs;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    const text =
      'the emulator needs a clone of Millrace with all of its packages: run `npm ci` there';
    throw new MillraceError('unavailable', text, { cause });
  }
}

function listening(emulator: Emulator, hubs: Readonly<Record<string, HubOptions>>): object {
  return {
    port: emulator.port,
    connectionString: emulator.connectionString(),
    hubs: Object.entries(hubs).map(([name, { partitions, consumerGroups }]) => ({
      name,
      partitions,
      consumerGroups: ['$Default', ...consumerGroups],
      connectionString: emulator.connectionString(name),
    })),
  };
}

function welcome(
  emulator: Emulator,
  hubs: Readonly<Record<string, HubOptions>>,
  file: string | null,
): string {
  const list = Object.entries(hubs).map(
    ([name, { partitions, consumerGroups }]) =>
      `  ${name}: ${partitions} partitions, consumer groups ${['$Default', ...consumerGroups].join(', ')}\n`,
  );
  return `An Event Hubs listens on 127.0.0.1:${emulator.port} with these hubs:

${list.join('')}
The official clients take this connection string, and the name of a hub:

  ${emulator.connectionString()}

Events: ${file === null ? 'in memory, gone when this ends' : `in ${file}`}. Ctrl-C stops.
`;
}
