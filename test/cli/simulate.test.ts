import { expect, it } from 'vitest';
import { clicksInput, clicksPipeline } from './clicks.ts';
import { folderOf, millrace } from './millrace.ts';

it('millrace simulate tells what was tried and that nothing failed', async () => {
  const cwd = folderOf({ 'clicks.ts': clicksPipeline, 'clicks.ndjson': clicksInput });
  const args = ['simulate', '--pipeline', 'clicks.ts', '--seeds', '20'];
  const { code, stdout, stderr } = await millrace(args, { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(
    /^clicks: 20 schedules from seed 1, \d+ per second\n {2}[1-9]\d* crashes before a write, .*\nno failure\n$/s,
  );
  const given = await millrace([...args, '--input', 'clicks.ndjson', '--json'], { cwd });
  expect(JSON.parse(given.stdout)).toMatchObject({
    ...{ pipeline: 'clicks', firstSeed: 1, schedules: 20, failures: [], steps: [] },
    figures: { 'events received': expect.any(Number) },
  });
});

it('millrace simulate fails with a seed that shows it again, step by step', async () => {
  const fickle = clicksPipeline.replace("=== 'robot'", "=== 'robot' || Math.random() < 0.3");
  const cwd = folderOf({ 'fickle.ts': fickle });
  const args = ['simulate', '--pipeline', 'fickle.ts'];
  const { code, stdout } = await millrace([...args, '--seeds', '3', '--seed', '7'], { cwd });
  expect(code).toBe(1);
  const seed = /^FAILED: millrace simulate --pipeline fickle\.ts --seed (\d+)$/m.exec(stdout)?.[1];
  const again = await millrace([...args, '--seed', String(seed)], { cwd });
  expect(again.code).toBe(1);
  expect(again.stdout).toMatch(/^ +\d+ \d\d-\d\dT.* owner \d#\d +create clicks\/1 partitions/m);
  const failure = /^ {2}'transform' is not deterministic: .*$/m;
  expect(failure.exec(stdout)?.[0]).toBe(failure.exec(again.stdout)?.[0]);
  expect(stdout).toMatch(failure);
});

it('millrace simulate leaves out keysMax, as which keys overflow depends on the batches', async () => {
  const limited = clicksPipeline.replace("key: ['who'],", "key: ['who'], keysMax: 1,");
  const cwd = folderOf({ 'limited.ts': limited });
  const args = ['simulate', '--pipeline', 'limited.ts', '--seeds'];
  expect((await millrace([...args, '20'], { cwd })).stdout).toContain('no failure');
  const none = await millrace([...args, '0'], { cwd });
  expect(none.stderr).toContain('--seeds must be at least 1');
});

it('millrace simulate does not call it a success when nothing was counted', async () => {
  const none = clicksPipeline.replace("=== 'robot'", "!== 'somebody'");
  const cwd = folderOf({ 'none.ts': none });
  const args = ['simulate', '--pipeline', 'none.ts', '--seeds', '2'];
  const { code, stdout } = await millrace(args, { cwd });
  expect(code).toBe(1);
  expect(stdout).toContain(
    'no event was counted: give the schema examples, or events with --input',
  );
  const some = none.replace('who: Type.String()', "who: Type.String({ examples: ['somebody'] })");
  const again = await millrace(args, { cwd: folderOf({ 'none.ts': some }) });
  expect(again.stdout).toContain('no failure');
});
