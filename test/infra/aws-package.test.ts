import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writePackage } from '../../infra/archive.ts';
import { awsPackage, packageName } from '../../infra/aws/package.ts';
import { smallAwsApp } from './small-app.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-package-'));
afterAll(() => rmSync(folder, { recursive: true }));

const small = smallAwsApp(join(folder, 'small'));

describe('the package for AWS', () => {
  it('holds one file, and none of those that lie about', async () => {
    const built = await awsPackage(small);
    expect(built.files.map(({ path }) => path)).toEqual(['main.mjs']);
    expect(new TextDecoder().decode(built.files[0]!.bytes)).not.toContain('geheim');
  });

  it('is the same to the byte when it is built again', async () => {
    const [one, two] = [await awsPackage(small), await awsPackage(small)];
    expect(Buffer.compare(one.archive, two.archive)).toBe(0);
  });

  it('starts alone, keeps the names of classes, and brings the clients of AWS with it', async () => {
    writePackage(await awsPackage(small), join(folder, 'out'), packageName);
    const call = "import('./main.mjs').then((app) => app.process()).then(console.log)";
    const { stdout, stderr } = spawnSync(process.execPath, ['--eval', call], {
      cwd: join(folder, 'out/aws'),
      encoding: 'utf8',
      env: {},
    });
    expect({ stdout, stderr }).toEqual({ stdout: "[ 'Named', 'DynamoDB' ]\n", stderr: '' });
  });

  it('leaves nothing of an earlier one', async () => {
    const out = join(folder, 'again');
    mkdirSync(join(out, 'aws'), { recursive: true });
    writeFileSync(join(out, 'aws/old.js'), '');
    const archive = writePackage(await awsPackage(small), out, packageName);
    expect(readdirSync(join(out, 'aws'))).toEqual(['main.mjs']);
    expect(readFileSync(archive).readUInt32LE(0)).toBe(0x04034b50);
  });
});
