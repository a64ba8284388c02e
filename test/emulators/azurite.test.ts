import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { startAzurite } from './azurite.ts';

const module = new URL('azurite.ts', import.meta.url).href;
const script = `
  import { startAzurite } from ${JSON.stringify(module)};
  const { connection } = await startAzurite();
  console.log(connection);
  process.stdin.resume();`;

function blobEndpoint(connection: string): string {
  return /BlobEndpoint=([^;]+)/.exec(connection)![1]!;
}

/** Any answer will do, such as that the request was not signed. */
async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}

/** A process that starts an Azurite and goes on. */
async function startHolder(): Promise<{ holder: ChildProcess; url: string }> {
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    holder.kill('SIGKILL');
  });
  const [line] = await once(createInterface({ input: holder.stdout! }), 'line');
  return { holder, url: blobEndpoint(line) };
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
  const azurite = await startAzurite();
  const url = blobEndpoint(azurite.connection);
  expect(await answers(url)).toBe(true);
  await azurite.stop();
  expect(await answers(url)).toBe(false);
});
