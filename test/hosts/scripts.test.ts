import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { azureSettings, startStage } from './azure-stage.ts';

const root = join(import.meta.dirname, '../..');

/** Runs a script of package.json that must end by itself. */
function run(script: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: root,
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { status, stdout, stderr };
}

/** A port that something listens on until the test ends. */
async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const azure = 'test/hosts/run-azure.ts';
const emulators = 'test/hosts/azure-emulators.ts';
const aws = 'test/hosts/run-aws.ts';
const names: Readonly<Record<string, string>> = {
  [azure]: 'azure',
  [emulators]: 'azure:emulators',
  [aws]: 'aws',
};

describe('a script', () => {
  it.each([
    [azure, ['--bogus'], 'azure has no option --bogus'],
    [azure, ['--prot', '1'], 'azure has no option --prot; did you mean --port?'],
    [azure, ['--port', 'abc'], '--port must be a whole number, not abc'],
    [azure, ['--port', '65536'], '--port must be a whole number up to 65535, not 65536'],
    [azure, ['--pace', 'xyz'], '--pace must be none or a length of time such as 1h, not xyz'],
    [azure, ['--pace', '0h'], '--pace must be none or a length of time such as 1h, not 0h'],
    [azure, ['--state-store', 's3'], '--state-store must be cosmos or blob, not s3'],
    [azure, ['now'], "'now' is one argument too many"],
    [emulators, ['--bogus'], 'azure:emulators has no option --bogus'],
    [emulators, ['now'], "'now' is one argument too many"],
    [aws, ['--state-store', 'blob'], 'aws has no option --state-store'],
    [aws, ['--pcae', '6h'], 'aws has no option --pcae; did you mean --pace?'],
    [aws, ['--port', '1.5'], '--port must be a whole number, not 1.5'],
    [aws, ['--pace', '-1h'], '--pace must be none or a length of time such as 1h, not -1h'],
    [aws, ['now'], "'now' is one argument too many"],
  ])('%s %j is refused in one line, before anything starts', (script, args, message) => {
    expect(run(script, args)).toEqual({
      status: 2,
      stdout: '',
      stderr: `millrace: ${message}\nTry: npm run ${names[script]} -- --help\n`,
    });
  });

  it.each([
    [azure, /--state-store <kind>/],
    [emulators, /--azurite-alone/],
    [aws, /--port <n> .*\n?.*7072/],
  ])('%s tells its options', (script, option) => {
    const { status, stdout } = run(script, ['--help']);
    expect(status).toBe(0);
    expect(stdout).toContain(`Usage: npm run ${names[script]} -- [options]`);
    expect(stdout).toMatch(option);
  });

  it.each([azure, aws])('%s says which port is taken, and what to do', async (script) => {
    const port = await takenPort();
    expect(run(script, ['--port', String(port)])).toEqual({
      status: 1,
      stdout: '',
      stderr: `millrace: port ${port} is taken: choose another with --port, or a free one with --port 0\n`,
    });
  });
});

describe('the app for AWS', () => {
  /** The processes that live: their ids and those of their parents. A zombie is gone, but for its name. */
  const living = (): { readonly pid: number; readonly parent: number }[] => {
    const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,state='], { encoding: 'utf8' });
    const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/));
    return rows
      .filter(([, , state = 'Z']) => !state.startsWith('Z'))
      .map(([pid, parent]) => ({ pid: Number(pid), parent: Number(parent) }));
  };

  it.each([
    ['SIGINT', 0],
    ['SIGKILL', null],
  ] as const)('runs until %s, which leaves nothing behind', async (signal, code) => {
    const child = spawn(process.execPath, [aws, '--port', '0', '--pace', 'none'], { cwd: root });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = once(child, 'exit');
    let told = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      told += text;
    });
    await expect.poll(() => told, { timeout: 60_000 }).toMatch(/\| duplicates 0\n/);
    const url = /'(http:[^']+)\/v1\/status'/.exec(told)![1]!;
    const children = living().filter(({ parent }) => parent === child.pid);
    // The emulator of S3 and SQS, and the sandbox that has told how it goes.
    expect(children.length).toBeGreaterThanOrEqual(2);
    child.kill(signal);
    expect((await ended)[0]).toBe(code);
    const left = () => living().filter(({ pid }) => children.some((each) => each.pid === pid));
    await expect.poll(left, { timeout: 20_000 }).toEqual([]);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });
});

describe('a stage of emulators', () => {
  it('has no Cosmos DB where the state is kept in blobs, whoever has its port', async () => {
    const stage = await startStage('blob', { cosmos: await takenPort() });
    onTestFinished(() => stage.stop());
    expect(stage).not.toHaveProperty('cosmos');
    const scene = { name: 'alone', partitions: 1, stateStore: 'blob' } as const;
    const settings = await azureSettings(stage, scene);
    expect(settings).toMatchObject({ STATE_STORE: 'blob', STATE_CONTAINER: 'alone-state' });
    expect(settings).not.toHaveProperty('COSMOS');
  });

  it('says which of its ports is taken, and starts nothing then', async () => {
    const port = await takenPort();
    const advice = 'end what listens there';
    await expect(startStage('cosmos', { cosmos: port })).rejects.toThrow(
      `port ${port} is taken, which Cosmos DB needs: ${advice}, or leave it out with --azurite-alone`,
    );
    const azurite = { blob: 0, queue: port, table: 0 };
    await expect(startStage('blob', { azurite })).rejects.toThrow(
      `port ${port} is taken, which Azurite needs: ${advice}`,
    );
  });
});
