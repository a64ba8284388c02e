import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, vi } from 'vitest';
import { folderOf, jsonLines, millrace, startMillrace } from './millrace.ts';

/** Without dedupe, so that a row published twice would be counted twice. */
const pipeline = `import { definePipeline, tumbling } from 'millrace';
import { Type } from 'typebox';

export default definePipeline({
  name: 'steps',
  schema: Type.Object({ id: Type.String(), at: Type.Integer(), who: Type.String() }),
  id: 'id',
  time: 'at',
  partitionKey: 'who',
  dedupe: 'off',
  views: (on) => ({
    byWho: on.view({
      key: ['who'],
      window: tumbling('10s'),
      measures: { steps: on.count(), first: on.min('id'), sum: on.sum('at') },
    }),
  }),
});
`;

const rows = 60_000;
/** In no order of time, with rows that are none, so that there are late events and dead letters. */
const input = Array.from({ length: rows }, (_, i) => {
  if (i % 997 === 0) return `row ${i} is no event\n`;
  const at = 1_000_000_000_000 + i * 10 - ((i * 7_919) % 15_000);
  return `${JSON.stringify({ at, who: `w${i % 13}` })}\n`;
}).join('');

type Reached = 'records' | 'entries';

const queries: Readonly<Record<Reached, string>> = {
  records: 'SELECT coalesce(sum(next), 0) AS count FROM log_partitions',
  entries: "SELECT count(*) AS count FROM items WHERE sort LIKE 'e/%'",
};

/** How far the process on a folder has got; 0 while there is nothing to read. */
function reached(folder: string, what: Reached): number {
  const file = join(folder, 'millrace.db');
  if (!existsSync(file)) return 0;
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return Number(database.prepare(queries[what]).get()?.['count']);
  } catch {
    return 0;
  } finally {
    database.close();
  }
}

const patience = { timeout: 60_000, interval: 3 };

describe('a run that was killed', () => {
  it('goes on where it stopped, whenever that was, and gives the same rows', async () => {
    const cwd = folderOf({ 'steps.ts': pipeline, 'in.ndjson': input });
    const args = ['run', '--pipeline', 'steps.ts', '--input', 'in.ndjson', '--json'];
    args.push('--partitions', '1');
    const whole = await millrace(args, { cwd });
    expect(jsonLines(whole.stdout).at(-1)).toMatchObject({
      summary: { received: rows, deadLettered: 61 },
    });
    const moments: [Reached, number][] = [
      ...([1, 60, 199].map((n) => ['records', n]) as [Reached, number][]),
      ...([2, 3].map((n) => ['entries', n]) as [Reached, number][]),
      ...([260, 430, 600].map((n) => ['records', n]) as [Reached, number][]),
    ];
    const data = join(cwd, 'data');
    const found: number[] = [];
    for (const [what, count] of moments) {
      const child = startMillrace([...args, '--data', 'data'], cwd);
      const exit = once(child, 'exit');
      child.stdout?.resume();
      child.stderr?.resume();
      await vi.waitFor(() => expect(reached(data, what)).toBeGreaterThanOrEqual(count), patience);
      child.kill('SIGKILL');
      await exit;
      found.push(reached(data, 'records'));
    }
    expect(new Set(found).size).toBeGreaterThan(3);
    const resumed = await millrace([...args, '--data', 'data'], { cwd });
    expect(resumed.stderr).toBe('');
    expect(resumed.stdout === whole.stdout).toBe(true);
    const again = await millrace([...args, '--data', 'data'], { cwd });
    expect(again.stdout === whole.stdout).toBe(true);
  }, 300_000);

  it('does not take part of another input for the rest of its own', async () => {
    const cwd = folderOf({ 'steps.ts': pipeline });
    const args = ['run', '--pipeline', 'steps.ts', '--input', '-', '--json', '--data', 'data'];
    const lines = input.split('\n').slice(1, 101);
    const stdin = lines.join('\n');
    const first = await millrace(args, { cwd, stdin });
    expect((await millrace(args, { cwd, stdin })).stdout).toBe(first.stdout);
    for (const other of [lines.slice(0, 50), [...lines, ...lines]]) {
      const { code, stderr } = await millrace(args, { cwd, stdin: other.join('\n') });
      expect(code).toBe(1);
      expect(JSON.parse(stderr).error.message).toContain('not the same input');
    }
    expect((await millrace(args, { cwd, stdin })).stdout).toBe(first.stdout);
  });

  it('keeps another from its folder while it lives, and not after', async () => {
    const cwd = folderOf({ 'steps.ts': pipeline });
    const args = ['run', '--pipeline', 'steps.ts', '--input', '-', '--data', 'data'];
    const child = startMillrace(args, cwd);
    const exit = once(child, 'exit');
    const opened = () => expect(existsSync(join(cwd, 'data', 'millrace.db'))).toBe(true);
    await vi.waitFor(opened, patience);
    const second = await millrace(args, { cwd });
    expect(second.code).toBe(1);
    expect(second.stderr).toContain('in use by another Millrace');
    child.kill('SIGKILL');
    await exit;
    expect((await millrace(args, { cwd })).code).toBe(0);
  });
});
