import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LocalObjectStore } from '../../adapters/local/local-object-store.ts';
import { bytesOf, nameOf, pathOf, readPart } from '../../adapters/local/object-path.ts';
import { oddTexts } from '../contract/odd-texts.ts';
import { bytes } from '../contract/subject.ts';
import { newFolder } from './folder.ts';

/** Texts made of what is dangerous, and of anything. */
const anyName = fc.oneof(
  fc.string({ unit: fc.constantFrom('/', '.', '%', '+', '~', '2f', 'A', '\\', 'ü') }),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom(...oddTexts),
  fc.string({ unit: fc.constantFrom('a', 'X', '/'), minLength: 300, maxLength: 900 }),
);

function read(path: readonly string[]): string {
  return nameOf(path.map((part) => readPart(part)!.bytes).join(''));
}

it('maps every name to a path that reads back as the name and stays in the folder', () => {
  fc.assert(
    fc.property(anyName, (name) => {
      const path = pathOf(bytesOf(name));
      expect(read(path)).toBe(name);
      const folder = resolve('data');
      expect(resolve(folder, ...path).startsWith(folder + sep)).toBe(true);
      expect(resolve(folder, ...path).slice(folder.length + 1)).toBe(path.join(sep));
      for (const [index, part] of path.entries()) {
        expect(part).toMatch(/^[a-z0-9_.=,%-]+[+~]?$/);
        expect(part).not.toMatch(/^\.|\.$/);
        expect(part.length).toBeLessThanOrEqual(202);
        expect(readPart(part)?.folder).toBe(index < path.length - 1);
      }
    }),
  );
});

it('maps different names to different paths, and none to the folder of another', () => {
  fc.assert(
    fc.property(anyName, anyName, (a, b) => {
      const [x, y] = [pathOf(bytesOf(a)).join('\n'), pathOf(bytesOf(b)).join('\n')];
      expect(x === y).toBe(a === b);
      expect(y.startsWith(`${x}\n`)).toBe(false);
    }),
  );
});

it('keeps plain names readable as files', async () => {
  const folder = newFolder();
  const store = new LocalObjectStore(folder);
  await store.put('flights/1/day=2001-01-01/part-0.parquet', bytes('x'));
  const file = join(folder, 'objects', 'flights+', '1+', 'day=2001-01-01+', 'part-0.parquet');
  expect(statSync(file).size).toBe(1);
});

it('keeps objects over a reopen, and writes nothing outside its two folders', async () => {
  const folder = join(newFolder(), 'data');
  await new LocalObjectStore(folder).put('../../escape', bytes('x'));
  expect(existsSync(join(folder, '..', 'escape'))).toBe(false);
  expect(readdirSync(join(folder, '..'))).toEqual(['data']);
  expect(readdirSync(folder).sort()).toEqual(['objects', 'unfinished']);
  expect(readdirSync(join(folder, 'unfinished'))).toEqual([]);
  expect(await new LocalObjectStore(folder).get('../../escape')).toEqual(bytes('x'));
});

it('does not list files that are not its own', async () => {
  const folder = newFolder();
  const store = new LocalObjectStore(folder);
  await store.put('a/b', bytes('x'));
  for (const name of ['.DS_Store', 'Thumbs.db', 'x~', 'y+', '%zz', 'ü']) {
    writeFileSync(join(folder, 'objects', name), 'foreign');
  }
  mkdirSync(join(folder, 'objects', 'folder'));
  writeFileSync(join(folder, 'unfinished', 'left-over'), 'of a killed process');
  expect(await store.list('', '', 100)).toEqual(['a/b']);
});

it('leaves the object and no other file when a put fails half way', async () => {
  const folder = newFolder();
  const store = new LocalObjectStore(folder);
  await store.put('a', bytes('x'));
  writeFileSync(join(folder, 'objects', 'b+'), 'a file in place of a folder');
  await expect(store.put('b/c', bytes('y'))).rejects.toMatchObject({ code: 'unavailable' });
  expect(readdirSync(join(folder, 'unfinished'))).toEqual([]);
  expect(await store.list('', '', 100)).toEqual(['a']);
});
