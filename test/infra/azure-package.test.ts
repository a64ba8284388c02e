import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writePackage } from '../../infra/archive.ts';
import { azurePackage, packageName } from '../../infra/azure/package.ts';
import { smallApp } from './small-app.ts';
import { startPackage } from './start-package.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-package-'));
afterAll(() => rmSync(folder, { recursive: true }));

const small = smallApp(join(folder, 'small'));

describe('the package for Azure', () => {
  it('holds three files, and none of those that lie about', async () => {
    const built = await azurePackage(small);
    expect(built.files.map(({ path }) => path)).toEqual([
      ...['host.json', 'package.json', 'dist/azure-app/main.js'],
    ]);
    const texts = built.files.map(({ bytes }) => new TextDecoder().decode(bytes));
    expect(texts.join()).not.toContain('geheim');
    const manifest = JSON.parse(texts[1]!);
    expect(manifest).toMatchObject({ type: 'module', main: 'dist/azure-app/main.js' });
    expect(Object.keys(manifest)).not.toContain('scripts');
    expect(Object.keys(manifest)).not.toContain('dependencies');
  });

  it('is the same to the byte when it is built again', async () => {
    const [one, two] = [await azurePackage(small), await azurePackage(small)];
    expect(Buffer.compare(one.archive, two.archive)).toBe(0);
  });

  it('starts alone, keeps the names of classes, and asks the worker for the module that it brings', async () => {
    writePackage(await azurePackage(small), join(folder, 'out'), packageName);
    const { registered, errors } = startPackage(join(folder, 'out/azure'), {});
    expect(errors).toBe('');
    expect(registered).toEqual([
      { name: 'Named', trigger: expect.objectContaining({ authLevel: 'function' }) },
    ]);
  });

  it('leaves nothing of an earlier one', async () => {
    const out = join(folder, 'again');
    mkdirSync(join(out, 'azure/dist'), { recursive: true });
    writeFileSync(join(out, 'azure/dist/old.js'), '');
    const archive = writePackage(await azurePackage(small), out, packageName);
    expect(readdirSync(join(out, 'azure'), { recursive: true }).sort()).toEqual([
      ...['dist', 'dist/azure-app', 'dist/azure-app/main.js', 'host.json', 'package.json'],
    ]);
    expect(readFileSync(archive).readUInt32LE(0)).toBe(0x04034b50);
  });
});
