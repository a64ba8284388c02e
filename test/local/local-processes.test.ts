import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { LocalLog } from '../../adapters/local/local-log.ts';
import { LocalStateStore } from '../../adapters/local/local-state-store.ts';
import { LocalStreamReader } from '../../adapters/local/local-stream-reader.ts';
import { connect, newFolder } from './folder.ts';

function startWriter(folder: string, name: string, rounds: number): ChildProcess {
  const script = join(import.meta.dirname, 'racing-writer.ts');
  const child = spawn(process.execPath, [script, folder, name, String(rounds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

async function linesOf(child: ChildProcess, until = Number.POSITIVE_INFINITY): Promise<string[]> {
  const lines: string[] = [];
  const closed = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout! })) {
    lines.push(line);
    if (lines.length === until) child.kill('SIGKILL');
  }
  await closed;
  return lines;
}

async function published(folder: string): Promise<string[]> {
  const reader = new LocalStreamReader(new LocalLog(connect(folder), 2));
  const answers = await Promise.all(['0', '1'].map((id) => reader.read(id, 0n, 100_000)));
  for (const { records } of answers) {
    expect(records.map((record) => record.position)).toEqual(records.map((_, i) => BigInt(i)));
  }
  const records = answers.flatMap((answer) => answer.records);
  return records.map((record) => new TextDecoder().decode(record.body));
}

it('lets processes share a new folder: one winner per create, no record lost', async () => {
  const folder = newFolder();
  const names = ['a', 'b', 'c'];
  const rounds = 150;
  const lines = await Promise.all(names.map((name) => linesOf(startWriter(folder, name, rounds))));
  const wins = lines.flat().filter((line) => line.startsWith('won '));
  expect(wins).toHaveLength(rounds);
  expect(new Set(wins).size).toBe(rounds);
  const store = new LocalStateStore(connect(folder));
  for (const [index, name] of names.entries()) {
    for (const line of lines[index]!.filter((one) => one.startsWith('won '))) {
      const item = await store.read({ partition: 'p', sort: line.slice(4) });
      expect(new TextDecoder().decode(item?.body)).toBe(name);
    }
  }
  const expected = names.flatMap((name) =>
    Array.from({ length: rounds }, (_, i) => `${name}:${i}`),
  );
  expect((await published(folder)).sort()).toEqual(expected.sort());
});

it('keeps every acknowledged write of a process that was killed', async () => {
  const folder = newFolder();
  const lines = await linesOf(startWriter(folder, 'a', 0), 200);
  expect(lines.length).toBeGreaterThanOrEqual(200);
  const store = new LocalStateStore(connect(folder));
  const records = new Set(await published(folder));
  for (const line of lines) {
    const [what, name] = line.split(' ');
    if (what === 'won') expect(await store.read({ partition: 'p', sort: name! })).not.toBeNull();
    else expect(records).toContain(`a:${name}`);
  }
});
