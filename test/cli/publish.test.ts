import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openLocalDatabase } from '../../adapters/local/local-database.ts';
import { LocalMessageQueue } from '../../adapters/local/local-message-queue.ts';
import { SystemClock } from '../../adapters/system-clock.ts';
import { WebhookReceiver } from '../local/webhook-receiver.ts';
import { clicksPipeline } from './clicks.ts';
import { folderOf, jsonLines, millrace, startMillrace } from './millrace.ts';

const secret = 'a-secret-of-the-test';
const pipeline = clicksPipeline.replace(
  "lateness: '1m',",
  "lateness: '1m', publish: { to: 'results' },",
);
const people = 350;
/** A row of each of many people, so that they are sent in several calls. */
const input = Array.from({ length: people }, (_, i) => {
  const at = new Date(Date.UTC(2026, 0, 1, 0, 0, i)).toISOString();
  return `${JSON.stringify({ id: `c${i}`, at, who: `p${i}`, price: i / 4 })}\n`;
}).join('');
const args = ['run', '--pipeline', 'clicks.ts', '--input', 'clicks.ndjson', '--json', '--data'];

function scene() {
  return folderOf({ 'clicks.ts': pipeline, 'clicks.ndjson': input });
}

/** A message as the row that a run prints. */
function rowOf(message: string): string {
  const { id: _, kind, pipeline: __, generation: ___, ...row } = JSON.parse(message);
  expect(kind).toBe('final');
  return JSON.stringify(row);
}

it('a run posts all rows of a view, signed, and goes on where it was killed', async () => {
  const receiver = await WebhookReceiver.start(secret);
  process.env['SINK_RESULTS_SECRET'] = secret;
  onTestFinished(async () => {
    delete process.env['SINK_RESULTS_SECRET'];
    await receiver.stop();
  });
  const cwd = scene();
  const run = [...args, 'data', '--sink', `results=webhook:${receiver.url}`];
  const killed = startMillrace(run, cwd);
  const ended = new Promise((resolve) => killed.on('exit', resolve));
  receiver.answer = (attempt) => {
    if (attempt === 2) killed.kill('SIGKILL');
    return 200;
  };
  await ended;
  const before = receiver.messages.length;
  expect(before).toBeLessThan(people);
  const { code, stdout } = await millrace(run, { cwd });
  expect(code).toBe(0);
  const rows = jsonLines(stdout)
    .filter((line) => (line as { readonly view?: string }).view === 'byWho')
    .map((line) => JSON.stringify(line));
  expect(rows).toHaveLength(people);
  const messages = receiver.messages;
  // What was sent before the kill but not noted comes again, and is the same.
  expect(messages.length).toBeLessThanOrEqual(people + before);
  expect([...new Set(messages)].map(rowOf).sort()).toEqual(rows.sort());
  expect(receiver.unsigned).toBe(0);
  await millrace(run, { cwd });
  expect(receiver.messages).toEqual(messages);
});

it('a run fills a queue of its data folder, which others may empty', async () => {
  const cwd = scene();
  const { code } = await millrace([...args, 'data', '--sink', 'results=queue:rows'], { cwd });
  expect(code).toBe(0);
  const database = openLocalDatabase(join(cwd, 'data', 'millrace.db'));
  const queue = new LocalMessageQueue(database, new SystemClock(), { queue: 'rows' });
  const found: string[] = [];
  for (
    let some = await queue.receive(10, 60);
    some.length > 0;
    some = await queue.receive(10, 60)
  ) {
    found.push(...some.map(({ body }) => body));
  }
  database.close();
  expect(new Set(found).size).toBe(people);
  const { stdout } = await millrace(['status', '--pipelines', 'clicks.ts', '--data', 'data'], {
    cwd,
  });
  const lines = stdout.split('\n').map((line) => line.trim().split(/ {2,}/));
  const heads = lines.findIndex(([head]) => head === 'published view');
  expect(lines[heads]).toEqual(['published view', 'to', 'final to (UTC)', 'sent to (UTC)']);
  const end = '9999-12-31 23:59:59.999';
  expect(lines[heads + 1]).toEqual(['byWho', 'results', end, end]);
});

it.each([
  [[], "pipeline 'clicks' publishes view 'byWho' to 'results': say where that is: --sink results="],
  [['--sink', 'results'], '--sink is <name>=<place>: results=queue:results'],
  [['--sink', 'results=nowhere'], 'sink results: must be queue:<place>'],
  [['--sink', 'results=webhook:https://a.example'], 'SINK_RESULTS_SECRET must be set'],
])('a run with the sinks %j is refused', async (sinks, why) => {
  const { code, stderr } = await millrace([...args, 'data', ...sinks], { cwd: scene() });
  expect(code).toBeGreaterThan(0);
  expect(stderr).toContain(why);
});
