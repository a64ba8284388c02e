import { describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../core/ports/object-store.ts';
import { oddTexts, sortedByUtf8 } from './odd-texts.ts';
import { bytes, expectError, expectFailures, type Factory, sixteen, subjectOf } from './subject.ts';

/** What every ObjectStore must do. */
export function objectStoreContract(factory: Factory<ObjectStore>): void {
  describe('ObjectStore', () => {
    objects(factory);
    sharing(factory);
    lists(factory);
    limits(factory);
  });
}

function objects(factory: Factory<ObjectStore>): void {
  it('gets what was put, in every instance', async () => {
    const { port, another } = await subjectOf(factory);
    const all = Uint8Array.from({ length: 256 }, (_, index) => index);
    await port.put('dead/3/abc', all);
    await port.put('empty', new Uint8Array(0));
    const got = await (await another()).get('dead/3/abc');
    expect(got).toEqual(all);
    expect(Object.getPrototypeOf(got)).toBe(Uint8Array.prototype);
    expect(await port.get('empty')).toEqual(new Uint8Array(0));
  });

  it('gives null, an empty array and silence where nothing is there', async () => {
    const { port } = await subjectOf(factory);
    expect(await port.get('nothing')).toBeNull();
    expect(await port.list('', '', 10)).toEqual([]);
    expect(await port.remove('nothing')).toBeUndefined();
    await port.put('a/b/c', bytes('1'));
    expect(await port.get('a')).toBeNull();
    expect(await port.get('a/b')).toBeNull();
    expect(await port.get('a/b/')).toBeNull();
    expect(await port.get('a/b/c/d')).toBeNull();
    expect(await port.remove('a/b')).toBeUndefined();
    expect(await port.get('a/b/c')).toEqual(bytes('1'));
  });

  it('is not changed by the same put again', async () => {
    const { port } = await subjectOf(factory);
    await port.put('a', bytes('1'));
    await port.put('a', bytes('1'));
    expect(await port.get('a')).toEqual(bytes('1'));
    expect(await port.list('', '', 10)).toEqual(['a']);
  });

  it('gives what was put last under a name', async () => {
    const { port } = await subjectOf(factory);
    await port.put('a', bytes('1'));
    await port.put('a', bytes('two'));
    expect(await port.get('a')).toEqual(bytes('two'));
    expect(await port.list('', '', 10)).toEqual(['a']);
  });

  it('removes an object for good, repeatedly, and it can be put again', async () => {
    const { port } = await subjectOf(factory);
    await port.put('a/b', bytes('1'));
    await port.put('a/c', bytes('2'));
    await port.remove('a/b');
    await port.remove('a/b');
    expect(await port.get('a/b')).toBeNull();
    expect(await port.list('', '', 10)).toEqual(['a/c']);
    await port.put('a/b', bytes('3'));
    expect(await port.get('a/b')).toEqual(bytes('3'));
  });
}

function sharing(factory: Factory<ObjectStore>): void {
  it('shares no bytes with its callers', async () => {
    const { port } = await subjectOf(factory);
    const body = bytes('one');
    await port.put('a', body);
    body.fill(0);
    const got = await port.get('a');
    expect(got).toEqual(bytes('one'));
    got!.fill(0);
    expect(await port.get('a')).toEqual(bytes('one'));
  });

  it('shows readers a whole object or none while sixteen writers put the same', async () => {
    const { port, another } = await subjectOf(factory);
    const ports = await Promise.all(sixteen.map(() => another()));
    const body = new Uint8Array(300_000).fill(7);
    const seen: (Uint8Array | null)[] = [];
    const watch = async () => {
      for (let i = 0; i < 10; i += 1) seen.push(await port.get('same/name'));
    };
    await Promise.all([watch(), ...ports.map((one) => one.put('same/name', body))]);
    seen.push(await port.get('same/name'));
    for (const got of seen) {
      if (got !== null) expect(Buffer.compare(got, body)).toBe(0);
    }
    expect(seen.at(-1)).not.toBeNull();
    expect(await port.list('', '', 10)).toEqual(['same/name']);
  });
}

function lists(factory: Factory<ObjectStore>): void {
  it('lists by prefix, after a name, up to the limit', async () => {
    const { port } = await subjectOf(factory);
    const names = ['a', 'a!', 'a-b', 'a/', 'a/1', 'a/2/x', 'a/2/y', 'a/3', 'a0', 'ab', 'b/1'];
    for (const name of [...names].reverse()) await port.put(name, bytes(name));
    expect(await port.list('', '', 100)).toEqual(names);
    expect(await port.list('a/', '', 100)).toEqual(['a/', 'a/1', 'a/2/x', 'a/2/y', 'a/3']);
    expect(await port.list('a/2', '', 100)).toEqual(['a/2/x', 'a/2/y']);
    expect(await port.list('a/', 'a/2/x', 100)).toEqual(['a/2/y', 'a/3']);
    expect(await port.list('a/', 'a/2/nothing', 1)).toEqual(['a/2/x']);
    expect(await port.list('b', 'a/3', 100)).toEqual(['b/1']);
    expect(await port.list('a/', 'b', 100)).toEqual([]);
    expect(await port.list('c', '', 100)).toEqual([]);
    expect(await port.list('', 'a0', 2)).toEqual(['ab', 'b/1']);
  });

  it('lists all names page by page', async () => {
    const { port } = await subjectOf(factory);
    const names = Array.from({ length: 57 }, (_, i) => `x/${i % 5}/${String(i).padStart(3, '0')}`);
    await Promise.all(names.map((name) => port.put(name, bytes(name))));
    const found: string[] = [];
    for (let page = await port.list('x/', '', 10); page.length > 0; ) {
      found.push(...page);
      page = await port.list('x/', found.at(-1)!, 10);
    }
    expect(found).toEqual(sortedByUtf8(names));
  });

  it('tells odd names apart and lists them by their UTF-8 bytes', async () => {
    const { port } = await subjectOf(factory);
    for (const name of oddTexts) await port.put(name, bytes(name));
    for (const name of oddTexts) expect(await port.get(name), name).toEqual(bytes(name));
    const sorted = sortedByUtf8(oddTexts);
    expect(await port.list('', '', 1_000)).toEqual(sorted);
    for (const after of sorted) {
      const rest = sorted.slice(sorted.indexOf(after) + 1);
      expect(await port.list('', after, 1_000), after).toEqual(rest);
    }
    for (const prefix of ['a', 'a/', '.', '..', '/', '%', '日', '🇩', 'a%']) {
      const found = await port.list(prefix, '', 1_000);
      expect(found, prefix).toEqual(sorted.filter((name) => name.startsWith(prefix)));
    }
    for (const name of oddTexts) await port.remove(name);
    expect(await port.list('', '', 1_000)).toEqual([]);
  });
}

function limits(factory: Factory<ObjectStore>): void {
  it('takes an object of objectBytesMax and refuses one byte more', async () => {
    const { port } = await subjectOf(factory);
    const most = new Uint8Array(port.objectBytesMax).fill(7);
    await port.put('most', most);
    expect(Buffer.compare((await port.get('most'))!, most)).toBe(0);
    await expectError(port.put('over', new Uint8Array(port.objectBytesMax + 1)), 'too-large');
    expect(await port.list('', '', 10)).toEqual(['most']);
  });

  it('takes names of 340 UTF-8 bytes and refuses one more, and an empty one', async () => {
    const { port } = await subjectOf(factory);
    const names = ['x', 'ü', '🦉', 'X/y/.', '/', '#', 'a/', '.'].map((text) =>
      text.repeat(340 / Buffer.byteLength(text)),
    );
    const shorter = names.map((name) => [...name].slice(0, 80).join(''));
    for (const name of shorter) await port.put(name, bytes(name));
    for (const name of names) {
      await port.put(name, bytes(name));
      expect(await port.get(name)).toEqual(bytes(name));
      await expectError(port.put(`${name}x`, bytes('1')), 'too-large');
    }
    expect(await port.list('', '', 100)).toEqual(sortedByUtf8([...names, ...shorter]));
    for (const name of shorter) expect(await port.get(name)).toEqual(bytes(name));
    await expectError(port.put('', bytes('1')), 'request');
    await expectError(port.get(''), 'request');
    await expectError(port.remove(''), 'request');
  });

  it('refuses half a surrogate pair, which as UTF-8 would equal another name', async () => {
    const { port } = await subjectOf(factory);
    await expectError(port.put('a\ud800', bytes('1')), 'request');
  });

  it('maps failures of the transport to their codes', async () => {
    await expectFailures(
      factory,
      [(port) => port.put('a/b', bytes('1')), (port) => port.remove('a/b')],
      [(port) => port.get('a/b'), (port) => port.list('', '', 10)],
    );
  });
}
