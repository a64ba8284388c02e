import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle } from '../infra/bundle.ts';
import { atMost, type Figure, quantile, reported } from './figure.ts';

/** A cloud's app, and the module that imports only what is not ours of it. */
interface Start {
  readonly cloud: string;
  readonly app: string;
  readonly sdks: string;
  /** What the host brings. */
  readonly external: readonly string[];
  /** The settings that the app starts with. */
  readonly settings: Readonly<Record<string, string>>;
}

const root = join(import.meta.dirname, '..');
const starts: readonly Start[] = [
  {
    cloud: 'azure',
    app: 'azure-app/main.ts',
    sdks: 'bench/azure-sdks.ts',
    external: ['@azure/functions-core'],
    settings: JSON.parse(readFileSync(join(root, 'azure-app/local.settings.template.json'), 'utf8'))
      .Values,
  },
  {
    cloud: 'aws',
    app: 'aws-app/main.ts',
    sdks: 'bench/aws-sdks.ts',
    external: [],
    settings: {
      ...{ STREAM: 's', STATE_TABLE: 't', OBJECTS_BUCKET: 'o', NOTICES_QUEUE: 'https://q/1/n' },
      ...{ AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any' },
    },
  },
];
const rounds = 15;

/** Loads a module, lets what it has begun go on once, and prints how long that took. */
const timed = `
// The runtime of Lambda has it before the app is loaded.
globalThis.awslambda = { streamifyResponse: (handler) => handler };
const from = performance.now();
await import(process.argv[1]);
await new Promise((resolve) => setImmediate(resolve));
console.log('took ' + (performance.now() - from));
process.exit(0);`;

/** How long the bundles take to start: ours, what they have of others, and so our own share. */
export async function startFigures(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const start of starts) figures.push(...(await figuresOf(start)));
  return figures;
}

async function figuresOf(start: Start): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-start-'));
  try {
    const paths = { app: join(folder, 'app.mjs'), sdks: join(folder, 'sdks.mjs') };
    const { external, cloud, settings } = start;
    const app = await bundle({ entry: join(root, start.app), external });
    const sdks = await bundle({ entry: join(root, start.sdks), external });
    writeFileSync(paths.app, app.bytes);
    writeFileSync(paths.sdks, sdks.bytes);
    const times: Record<'app' | 'sdks', number[]> = { app: [], sdks: [] };
    for (let round = 0; round < rounds; round += 1) {
      // In turn, and the faster ones count: what else the machine does only makes a start longer.
      times.app.push(startMs(paths.app, settings));
      times.sdks.push(startMs(paths.sdks, settings));
    }
    const whole = quantile(times.app, 0.25);
    const theirs = quantile(times.sdks, 0.25);
    return [
      reported(`start-${cloud}-bundle`, app.bytes.length / 1_000, 'kB'),
      reported(`start-${cloud}`, whole, 'ms'),
      reported(`start-${cloud}-sdks`, theirs, 'ms'),
      atMost(`start-${cloud}-own`, whole - theirs, 'ms', 25),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function startMs(path: string, settings: Readonly<Record<string, string>>): number {
  const args = ['--input-type=module', '--eval', timed, pathToFileURL(path).href];
  const env = { ...process.env, ...settings };
  // The SDK says that it is not in the host, which is so.
  const said = execFileSync(process.execPath, args, { env, encoding: 'utf8', stdio: 'pipe' });
  return Number(/took (.*)/.exec(said)?.[1]);
}
