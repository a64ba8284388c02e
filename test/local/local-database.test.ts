import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { openLocalDatabase } from '../../adapters/local/local-database.ts';
import { LocalMessageQueue } from '../../adapters/local/local-message-queue.ts';
import { LocalStateStore } from '../../adapters/local/local-state-store.ts';
import { ManualClock } from '../../adapters/memory/manual-clock.ts';
import { bytes } from '../contract/subject.ts';
import { connect, newFolder } from './folder.ts';

const key = { partition: 'p', sort: 's' };

it.each(['process', 'power'] as const)(
  'keeps items and messages over a reopen (%s)',
  async (durability) => {
    const folder = newFolder();
    const first = connect(folder, { durability });
    await new LocalStateStore(first).create(key, bytes('one'));
    const version = (await new LocalStateStore(first).read(key))!.version;
    await new LocalMessageQueue(first, new ManualClock()).send('a notice');
    first.close();
    const second = connect(folder, { durability });
    const store = new LocalStateStore(second);
    expect(await store.read(key)).toEqual({ sort: 's', version, body: bytes('one') });
    expect(await store.create(key, bytes('two'))).toBe(false);
    expect(await store.replace(key, bytes('two'), version)).toBe(true);
    const received = await new LocalMessageQueue(second, new ManualClock()).receive(10, 1);
    expect(received.map((message) => message.body)).toEqual(['a notice']);
  },
);

it('syncs the disk at every commit only if power cuts are to be survived', () => {
  const synchronous = (durability: 'process' | 'power') =>
    connect(newFolder(), { durability }).prepare('PRAGMA synchronous').get()?.['synchronous'];
  expect(synchronous('process')).toBe(1);
  expect(synchronous('power')).toBe(2);
});

it('sweeps the items that have expired, and no other', async () => {
  const store = new LocalStateStore(connect(newFolder()));
  for (const [sort, expiresAt] of [['never'], ['99', 99], ['100', 100], ['99.5', 99.5]] as const) {
    await store.create({ partition: 'p', sort }, bytes(sort), expiresAt);
  }
  await store.create({ partition: 'p', sort: 'renewed' }, bytes('x'), 50);
  const renewed = (await store.read({ partition: 'p', sort: 'renewed' }))!;
  await store.replace({ partition: 'p', sort: 'renewed' }, bytes('y'), renewed.version);
  expect(await store.range('p', '', '~', 10)).toHaveLength(5);
  expect(store.sweep(100)).toBe(1);
  expect(store.sweep(100)).toBe(0);
  const left = await store.range('p', '', '~', 10);
  expect(left.map((item) => item.sort)).toEqual(['100', '99.5', 'never', 'renewed']);
  expect(store.sweep(101)).toBe(2);
});

it('shows one connection what another has written, at once', async () => {
  const folder = newFolder();
  const [one, two] = [connect(folder), connect(folder)].map((db) => new LocalStateStore(db));
  await one!.create(key, bytes('one'));
  const item = await two!.read(key);
  expect(item?.body).toEqual(bytes('one'));
  expect(await two!.replace(key, bytes('two'), item!.version)).toBe(true);
  expect(await one!.replace(key, bytes('three'), item!.version)).toBe(false);
});

it('reads while another connection holds the write lock', async () => {
  const folder = newFolder();
  const store = new LocalStateStore(connect(folder, { busyTimeoutMs: 0 }));
  await store.create(key, bytes('one'));
  const other = connect(folder);
  other.exec('BEGIN IMMEDIATE');
  expect((await store.read(key))?.body).toEqual(bytes('one'));
  await expect(store.remove(key)).rejects.toMatchObject({ code: 'throttled' });
  other.exec('ROLLBACK');
  expect(await store.remove(key)).toBeUndefined();
});

it('maps a full disk to unavailable and keeps what was there', async () => {
  const database = connect(newFolder());
  const store = new LocalStateStore(database);
  await store.create(key, bytes('one'));
  database.exec('PRAGMA max_page_count = 20');
  const large = store.create({ partition: 'p', sort: 'large' }, new Uint8Array(1_000_000));
  await expect(large).rejects.toMatchObject({ code: 'unavailable', cause: { errcode: 13 } });
  expect((await store.read(key))?.body).toEqual(bytes('one'));
});

it('waits for another that is just making the same new file', async () => {
  const folder = newFolder();
  const holder = new Worker(join(import.meta.dirname, 'lock-holder.ts'), {
    workerData: { file: join(folder, 'millrace.db') },
  });
  await once(holder, 'message');
  const ended = once(holder, 'exit');
  holder.postMessage('let go');
  const store = new LocalStateStore(connect(folder, { busyTimeoutMs: 10_000 }));
  expect(await store.create(key, bytes('one'))).toBe(true);
  await ended;
});

it('takes a receipt until its message is received again', async () => {
  const clock = new ManualClock();
  const queue = new LocalMessageQueue(connect(newFolder()), clock);
  await queue.send('a');
  const [first] = await queue.receive(1, 1);
  clock.set(1_000);
  const [second] = await queue.receive(1, 1);
  await queue.remove(first!.receipt);
  clock.set(2_000);
  await queue.remove(second!.receipt);
  expect(await queue.receive(1, 1)).toHaveLength(0);
});

it('refuses a file that is no database, a missing folder, and tables of the future', () => {
  const folder = newFolder();
  writeFileSync(join(folder, 'text'), 'no database, but long enough to be looked at '.repeat(50));
  const expectCode = (work: () => unknown, code: string) =>
    expect(work).toThrowError(expect.objectContaining({ name: 'MillraceError', code }));
  expectCode(() => openLocalDatabase(join(folder, 'text')), 'unavailable');
  expectCode(() => openLocalDatabase(join(folder, 'nothing', 'x.db')), 'unavailable');
  connect(folder).exec('PRAGMA user_version = 99');
  expectCode(() => connect(folder), 'definition');
});
