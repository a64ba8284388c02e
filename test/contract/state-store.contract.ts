import { describe, expect, it } from 'vitest';
import type { StateStore } from '../../core/ports/state-store.ts';
import { oddTexts, sortedByUtf8 } from './odd-texts.ts';
import { bytes, expectError, expectFailures, type Factory, sixteen, subjectOf } from './subject.ts';

const key = { partition: 'flights/1/0/3', sort: 'e/00000000000000000007' };

/** What every StateStore must do. */
export function stateStoreContract(factory: Factory<StateStore>): void {
  describe('StateStore', () => {
    items(factory);
    versions(factory);
    removals(factory);
    ranges(factory);
    races(factory);
    limits(factory);
  });
}

function items(factory: Factory<StateStore>): void {
  it('reads back what was created', async () => {
    const { port } = await subjectOf(factory);
    expect(await port.create(key, bytes('one'))).toBe(true);
    const item = await port.read(key);
    expect(item).toEqual({ sort: key.sort, version: expect.any(String), body: bytes('one') });
    expect(Object.getPrototypeOf(item!.body)).toBe(Uint8Array.prototype);
  });

  it('keeps an empty body and every byte', async () => {
    const { port } = await subjectOf(factory);
    const all = Uint8Array.from({ length: 256 }, (_, index) => index);
    await port.create({ partition: 'p', sort: 'empty' }, new Uint8Array(0));
    await port.create({ partition: 'p', sort: 'all' }, all);
    expect((await port.read({ partition: 'p', sort: 'empty' }))?.body).toEqual(new Uint8Array(0));
    expect((await port.read({ partition: 'p', sort: 'all' }))?.body).toEqual(all);
  });

  it('gives null, an empty array and silence where nothing is there', async () => {
    const { port } = await subjectOf(factory);
    expect(await port.read(key)).toBeNull();
    expect(await port.range(key.partition, '', '~', 10)).toEqual([]);
    expect(await port.remove(key)).toBeUndefined();
    expect(await port.replace(key, bytes('x'), '1')).toBe(false);
    expect(await port.read(key)).toBeNull();
  });

  it('does not create twice, and the first body stays', async () => {
    const { port, another } = await subjectOf(factory);
    await port.create(key, bytes('first'));
    expect(await port.create(key, bytes('first'))).toBe(false);
    expect(await (await another()).create(key, bytes('second'))).toBe(false);
    expect((await port.read(key))?.body).toEqual(bytes('first'));
  });
}

function versions(factory: Factory<StateStore>): void {
  it('replaces at the version read, and the version changes', async () => {
    const { port } = await subjectOf(factory);
    await port.create(key, bytes('one'));
    const one = await port.read(key);
    expect(await port.replace(key, bytes('two'), one!.version)).toBe(true);
    const two = await port.read(key);
    expect(two?.body).toEqual(bytes('two'));
    expect(two?.version).not.toBe(one?.version);
  });

  it('refuses a stale version, also when the body is the same', async () => {
    const { port } = await subjectOf(factory);
    await port.create(key, bytes('one'));
    const { version } = (await port.read(key))!;
    expect(await port.replace(key, bytes('one'), version)).toBe(true);
    expect(await port.replace(key, bytes('three'), version)).toBe(false);
    for (const nonsense of ['nonsense', '', '*', '"*"']) {
      expect(await port.replace(key, bytes('three'), nonsense), nonsense).toBe(false);
    }
    expect((await port.read(key))?.body).toEqual(bytes('one'));
  });

  it('refuses the version of an item that was removed and created again', async () => {
    const { port } = await subjectOf(factory);
    await port.create(key, bytes('one'));
    const { version } = (await port.read(key))!;
    await port.remove(key);
    await port.create(key, bytes('two'));
    expect(await port.replace(key, bytes('three'), version)).toBe(false);
    expect((await port.read(key))?.body).toEqual(bytes('two'));
  });
}

function removals(factory: Factory<StateStore>): void {
  it('removes an item for good, repeatedly, and it can be created again', async () => {
    const { port } = await subjectOf(factory);
    await port.create(key, bytes('one'));
    await port.remove(key);
    await port.remove(key);
    expect(await port.read(key)).toBeNull();
    expect(await port.range(key.partition, '', '~', 10)).toEqual([]);
    expect(await port.create(key, bytes('two'))).toBe(true);
  });

  it('never hides an item that has expired', async () => {
    const { port } = await subjectOf(factory);
    const far = 4_000_000_000;
    expect(await port.create(key, bytes('one'), far)).toBe(true);
    const { version } = (await port.read(key))!;
    expect(await port.replace(key, bytes('two'), version, far + 1)).toBe(true);
    expect((await port.range(key.partition, '', '~', 10)).map((item) => item.body)).toEqual([
      bytes('two'),
    ]);
  });

  it('shares no bytes with its callers', async () => {
    const { port } = await subjectOf(factory);
    const body = bytes('one');
    await port.create(key, body);
    body.fill(0);
    const read = await port.read(key);
    expect(read?.body).toEqual(bytes('one'));
    read!.body.fill(0);
    (await port.range(key.partition, '', '~', 10))[0]!.body.fill(0);
    expect((await port.read(key))?.body).toEqual(bytes('one'));
  });
}

function ranges(factory: Factory<StateStore>): void {
  it('ranges over from <= sort < to, in order, up to the limit, in one partition', async () => {
    const { port } = await subjectOf(factory);
    for (const sort of ['e/3', 'e/1', 'f', 'e/2', 'd', 'e/']) {
      await port.create({ partition: 'p', sort }, bytes(sort));
    }
    await port.create({ partition: 'other', sort: 'e/2' }, bytes('other'));
    await port.create({ partition: 'p2', sort: 'e/2' }, bytes('other'));
    const sorts = async (from: string, to: string, limit: number) =>
      (await port.range('p', from, to, limit)).map((item) => item.sort);
    expect(await sorts('e/', 'e/3', 10)).toEqual(['e/', 'e/1', 'e/2']);
    expect(await sorts('e/', 'f', 2)).toEqual(['e/', 'e/1']);
    expect(await sorts('e/2', 'e/2', 10)).toEqual([]);
    expect(await sorts('f', 'e/', 10)).toEqual([]);
    expect(await sorts('e/11', 'z', 10)).toEqual(['e/2', 'e/3', 'f']);
    const [item] = await port.range('p', 'e/2', 'e/3', 1);
    expect(item).toEqual(await port.read({ partition: 'p', sort: 'e/2' }));
  });

  it('orders odd sort keys by their UTF-8 bytes and tells all of them apart', async () => {
    const { port } = await subjectOf(factory);
    for (const sort of oddTexts) {
      expect(await port.create({ partition: 'p', sort }, bytes(sort)), sort).toBe(true);
    }
    const items = await port.range('p', '\u0001', '\u{10ffff}\u{10ffff}', 1_000);
    expect(items.map((item) => item.sort)).toEqual(sortedByUtf8(oddTexts));
    for (const { sort, body } of items) expect(body).toEqual(bytes(sort));
    const astral = await port.range('p', '\ue000', '\u{10000}', 1_000);
    expect(astral.map((item) => item.sort)).toEqual(['\ue000', '\uffef']);
  });

  it('tells odd partition keys apart', async () => {
    const { port } = await subjectOf(factory);
    for (const partition of oddTexts) {
      expect(await port.create({ partition, sort: 's' }, bytes(partition)), partition).toBe(true);
    }
    for (const partition of oddTexts) {
      const items = await port.range(partition, '', '~', 10);
      expect(items.map((item) => item.body)).toEqual([bytes(partition)]);
    }
  });
}

function races(factory: Factory<StateStore>): void {
  it('lets exactly one of sixteen racing creates win', async () => {
    const { port, another } = await subjectOf(factory);
    const ports = await Promise.all(sixteen.map((i) => (i === 0 ? port : another())));
    const wins = await Promise.all(ports.map((one, i) => one.create(key, bytes(`writer ${i}`))));
    expect(wins.filter((won) => won)).toHaveLength(1);
    expect((await port.read(key))?.body).toEqual(bytes(`writer ${wins.indexOf(true)}`));
  });

  it('lets exactly one of two writers replace a version', async () => {
    const { port, another } = await subjectOf(factory);
    const other = await another();
    await port.create(key, bytes('0'));
    for (let round = 0; round < 8; round += 1) {
      const { version } = (await port.read(key))!;
      const wins = await Promise.all([
        port.replace(key, bytes(`${round} a`), version),
        other.replace(key, bytes(`${round} b`), version),
      ]);
      expect(wins.filter((won) => won)).toHaveLength(1);
      expect((await port.read(key))?.body).toEqual(bytes(`${round} ${wins[0] ? 'a' : 'b'}`));
    }
  });

  it('loses no update of sixteen writers that read, replace and repeat', async () => {
    const { port, another } = await subjectOf(factory);
    await port.create(key, bytes('0'));
    const ports = await Promise.all(sixteen.map(() => another()));
    const increment = async (one: StateStore) => {
      for (;;) {
        const item = (await one.read(key))!;
        const next = Number(new TextDecoder().decode(item.body)) + 1;
        if (await one.replace(key, bytes(String(next)), item.version)) return;
      }
    };
    await Promise.all(ports.map(increment));
    expect((await port.read(key))?.body).toEqual(bytes('16'));
  });
}

function limits(factory: Factory<StateStore>): void {
  it('takes a body of itemBytesMax and refuses one byte more', async () => {
    const { port } = await subjectOf(factory);
    const most = new Uint8Array(port.itemBytesMax).fill(7);
    const over = new Uint8Array(port.itemBytesMax + 1);
    expect(await port.create(key, most)).toBe(true);
    const item = (await port.read(key))!;
    expect(Buffer.compare(item.body, most)).toBe(0);
    await expectError(port.create({ partition: 'p', sort: 'over' }, over), 'too-large');
    await expectError(port.replace(key, over, item.version), 'too-large');
    expect(await port.read({ partition: 'p', sort: 'over' })).toBeNull();
    expect(await port.replace(key, most.fill(8), item.version)).toBe(true);
  });

  it('takes keys of 170 UTF-8 bytes and refuses one more, and an empty one', async () => {
    const { port } = await subjectOf(factory);
    await expectError(port.create({ partition: '', sort: 's' }, bytes('1')), 'request');
    await expectError(port.create({ partition: 'p', sort: '' }, bytes('1')), 'request');
    await expectError(port.range('', 'a', 'b', 1), 'request');
    for (const char of ['x', 'ü', '€', '🦉', '#', '/', '.', '\u0000']) {
      const length = Buffer.byteLength(char);
      const text = char.repeat(170 / length) + 'x'.repeat(170 % length);
      expect(await port.create({ partition: text, sort: text }, bytes('1'))).toBe(true);
      expect((await port.read({ partition: text, sort: text }))?.sort).toBe(text);
      await expectError(port.create({ partition: 'p', sort: `${text}x` }, bytes('1')), 'too-large');
      await expectError(port.create({ partition: `${text}x`, sort: 's' }, bytes('1')), 'too-large');
    }
  });

  it('refuses half a surrogate pair, which as UTF-8 would equal another key', async () => {
    const { port } = await subjectOf(factory);
    await expectError(port.create({ partition: 'p', sort: 'a\ud800' }, bytes('1')), 'request');
    await expectError(port.read({ partition: '\udc00', sort: 'a' }), 'request');
  });

  it('maps failures of the transport to their codes', async () => {
    await expectFailures(
      factory,
      [
        (port) => port.create(key, bytes('1')),
        (port) => port.replace(key, bytes('1'), '1'),
        (port) => port.remove(key),
      ],
      [(port) => port.read(key), (port) => port.range(key.partition, '', '~', 1)],
    );
  });
}
