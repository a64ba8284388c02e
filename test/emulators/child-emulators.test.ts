import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startAzurite } from './azurite.ts';
import { startFauxqs } from './fauxqs.ts';
import { startKinesisLocal } from './kinesis-local.ts';

/** Emulators in processes of their own, and where each listens. */
const emulators = [
  {
    file: 'azurite.ts',
    start: startAzurite,
    urlOf: (started: object) => /BlobEndpoint=([^;]+)/.exec(JSON.stringify(started))![1]!,
  },
  { file: 'fauxqs.ts', start: startFauxqs, urlOf: endpointOf },
  { file: 'kinesis-local.ts', start: startKinesisLocal, urlOf: endpointOf },
];

function endpointOf(started: object): string {
  return (started as { endpoint: string }).endpoint;
}

/** Any answer will do, such as that the request was not signed. */
async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}

describe.each(emulators)('$file', ({ file, start, urlOf }) => {
  /** A process that starts the emulator and goes on. */
  async function startHolder(): Promise<{ holder: ChildProcess; url: string }> {
    const script = `
      import { ${start.name} } from ${JSON.stringify(new URL(file, import.meta.url).href)};
      console.log(JSON.stringify(await ${start.name}()));
      process.stdin.resume();`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    onTestFinished(() => {
      holder.kill('SIGKILL');
    });
    const [line] = await once(createInterface({ input: holder.stdout! }), 'line');
    return { holder, url: urlOf(JSON.parse(line)) };
  }

  test.each(['SIGINT', 'SIGKILL'] as const)('ends when its parent ends by %s', async (signal) => {
    const { holder, url } = await startHolder();
    expect(await answers(url)).toBe(true);
    holder.kill(signal);
    await once(holder, 'exit');
    await expect.poll(() => answers(url), { timeout: 20_000 }).toBe(false);
  });

  test('does not keep its parent from ending', async () => {
    const { holder, url } = await startHolder();
    holder.stdin!.end();
    const [code] = await once(holder, 'exit');
    expect(code).toBe(0);
    await expect.poll(() => answers(url), { timeout: 20_000 }).toBe(false);
  });

  test('ends when it is told to', async () => {
    const emulator = await start();
    const url = urlOf(emulator);
    expect(await answers(url)).toBe(true);
    await emulator.stop();
    expect(await answers(url)).toBe(false);
  });
});
