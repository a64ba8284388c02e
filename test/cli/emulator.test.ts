import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ended, folderOf, millrace, startMillrace } from './millrace.ts';

/** A running emulator, and what it said of itself. */
async function running(...args: readonly string[]) {
  const child = startMillrace(['emulator', 'event-hubs', '--port', '0', '--json', ...args]);
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (chunk) => resolve(String(chunk)));
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
  });
  return { child, said: JSON.parse(line) };
}

function producer(connectionString: string): EventHubProducerClient {
  const client = new EventHubProducerClient(connectionString);
  onTestFinished(() => client.close());
  return client;
}

describe('millrace emulator event-hubs', () => {
  it('serves the official clients, and ends with Ctrl-C', async () => {
    const { child, said } = await running('--hub', 'a=2', '--hub', 'b=1', '--consumer-group', 'g');
    const [a, b] = said.hubs;
    expect(a).toMatchObject({ name: 'a', partitions: 2, consumerGroups: ['$Default', 'g'] });
    const client = producer(a.connectionString);
    await client.sendBatch([{ body: 'one' }], { partitionId: '1' });
    expect(await client.getPartitionProperties('1')).toMatchObject({ isEmpty: false });
    const { partitionIds } = await producer(b.connectionString).getEventHubProperties();
    expect(partitionIds).toEqual(['0']);
    const consumer = new EventHubConsumerClient('g', said.connectionString, 'a');
    onTestFinished(() => consumer.close());
    const body = await new Promise((resolve, reject) => {
      const processEvents = async ([event]: { body: unknown }[]) => resolve(event?.body);
      const processError = async (error: unknown) => reject(error);
      const startPosition = { offset: '-1' };
      consumer.subscribe('1', { processEvents, processError }, { startPosition });
    });
    expect(body).toBe('one');
    child.kill('SIGINT');
    expect(await ended(child)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('keeps the events in a file, however it ends', async () => {
    const data = join(folderOf({}), 'events.db');
    const first = await running('--data', data);
    for (let i = 0; i < 3; i += 1) {
      await producer(first.said.hubs[0].connectionString).sendBatch([{ body: i }], {
        partitionId: '0',
      });
    }
    first.child.kill('SIGKILL');
    await ended(first.child);
    const second = await running('--data', data);
    const client = producer(second.said.hubs[0].connectionString);
    expect(await client.getPartitionProperties('0')).toMatchObject({
      lastEnqueuedSequenceNumber: 2,
    });
  });

  it('keeps as many megabytes of a hub as it is told, the newest', async () => {
    const { said } = await running('--hub', 'a=2', '--retention-mb', '2');
    const client = producer(said.hubs[0].connectionString);
    for (let i = 0; i < 4; i += 1) {
      await client.sendBatch([{ body: Buffer.alloc(400_000) }], { partitionId: '0' });
    }
    const { beginningSequenceNumber, lastEnqueuedSequenceNumber } =
      await client.getPartitionProperties('0');
    expect([beginningSequenceNumber, lastEnqueuedSequenceNumber]).toEqual([2, 3]);
  });

  it('says in a sentence which port is taken, and what an option must be', async () => {
    const { said } = await running();
    const taken = await millrace(['emulator', 'event-hubs', '--port', String(said.port)]);
    expect(taken.code).toBe(1);
    expect(taken.stderr).toBe(
      `millrace: port ${said.port} is taken: choose another with --port, or a free one with --port 0\n`,
    );
    for (const [args, text] of [
      [['kinesis'], 'there is an emulator of event-hubs, and none of kinesis'],
      [['event-hubs', '--hub', 'clicks'], '--hub clicks is not like clicks=4'],
      [['event-hubs', '--hub', 'clicks=0'], '--hub clicks=0 has no partition'],
    ] as const) {
      const { code, stderr } = await millrace(['emulator', ...args]);
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: `millrace: ${text}\nTry: millrace emulator --help\n`,
      });
    }
  });

  it('says to run npm ci where its packages are missing', async () => {
    const folder = folderOf({ 'package.json': '{ "type": "module", "version": "0.0.0" }' });
    for (const part of ['cli', 'core', 'adapters', 'test/emulators']) {
      cpSync(part, join(folder, part), { recursive: true });
    }
    const args = [join(folder, 'cli/millrace.ts'), 'emulator', 'event-hubs', '--port', '0'];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain('run `npm ci` there');
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
