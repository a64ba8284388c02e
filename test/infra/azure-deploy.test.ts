import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { smallApp } from './small-app.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-deploy-'));
afterAll(() => rmSync(folder, { recursive: true }));
const root = smallApp(join(folder, 'small'));
const log = join(folder, 'log');

/** A stand-in for the Azure CLI: it writes down what it is asked, and answers as the real one would. */
const az = `#!${process.execPath}
const { appendFileSync } = require('node:fs');
const args = process.argv.slice(2);
appendFileSync(${JSON.stringify(log)}, JSON.stringify(args) + '\\n');
const asked = args.filter((arg) => !arg.startsWith('--')).join(' ');
if (asked.startsWith(process.env.FAIL ?? 'nothing')) process.exit(3);
const outputs = { functionApp: { value: 'millrace-abc' }, url: { value: 'https://a.example' } };
if (asked.startsWith('deployment group create')) console.log(JSON.stringify(outputs));
if (asked.startsWith('functionapp function list')) {
  console.log(process.env.FOUND ?? '["m/process","m/ingest","m/query","m/maintain","m/poison"]');
}
`;
mkdirSync(join(folder, 'bin'));
writeFileSync(join(folder, 'bin/az'), az, { mode: 0o755 });

function deploy(args: readonly string[], environment: Record<string, string> = {}) {
  rmSync(log, { force: true });
  const script = join(root, 'infra/azure/deploy.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PATH: join(folder, 'bin'), ...environment },
  });
  const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
  const asked: string[][] = lines.map((line) => JSON.parse(line));
  return { status, stdout, stderr, asked };
}

describe('a deployment to Azure', () => {
  it('makes the resources, uploads the package, and looks whether the functions are there', () => {
    const options = ['--resource-group', 'rg', '--location', 'northeurope', '--subscription', 's'];
    const { status, stdout, asked } = deploy([...options, '--set', 'partitions=8']);
    expect(status).toBe(0);
    const where = ['--subscription', 's', '--output'];
    expect(asked).toEqual([
      ['group', 'create', '--name', 'rg', '--location', 'northeurope', ...where, 'none'],
      [
        ...['deployment', 'group', 'create', '--name', 'millrace', '--resource-group', 'rg'],
        ...['--template-file', 'infra/azure/template.json', '--parameters', 'partitions=8'],
        ...['--query', 'properties.outputs', ...where, 'json'],
      ],
      [
        ...['functionapp', 'deployment', 'source', 'config-zip', '--resource-group', 'rg'],
        ...['--name', 'millrace-abc', '--src', 'dist/azure.zip', '--build-remote', 'false'],
        ...[...where, 'none'],
      ],
      [
        ...['functionapp', 'function', 'list', '--resource-group', 'rg', '--name', 'millrace-abc'],
        ...['--query', '[].name', ...where, 'json'],
      ],
    ]);
    expect(existsSync(join(root, 'dist/azure.zip'))).toBe(true);
    for (const args of asked) expect(stdout).toContain(`az ${args.slice(0, 3).join(' ')}`);
    expect(stdout).toContain('url: https://a.example');
  });

  it('stops at the first step that fails', () => {
    const { status, stderr, asked } = deploy([], { FAIL: 'deployment group create' });
    expect([status, asked.length]).toEqual([1, 2]);
    expect(stderr).toContain('az ended with 3');
  });

  it('says so when the host has not found all functions', () => {
    const { status, stderr } = deploy([], { FOUND: '["m/process"]' });
    expect(status).toBe(1);
    expect(stderr).toContain('The host has found 1 of 5 functions (m/process)');
  });

  it('says so when the Azure CLI is not there', () => {
    const { status, stderr } = deploy([], { PATH: join(folder, 'nowhere') });
    expect(status).toBe(1);
    expect(stderr).toContain('The Azure CLI (az) is not there');
  });

  it('refuses parameters that the template would refuse, before anything is done', () => {
    const { status, stderr, asked } = deploy(['--set', 'partitions=99', '--set', 'lag=1']);
    expect([status, asked]).toEqual([1, []]);
    expect(stderr).toContain('partitions: must be from 1 to 32, not 99');
    expect(stderr).toContain("there is no parameter 'lag'");
  });

  it('knows what the parameters say of themselves in words alone', () => {
    const { status, stderr } = deploy(['--dry-run', '--set', 'cosmosAutoscaleMax=1500']);
    expect([status, stderr]).toEqual([
      ...[1, 'millrace: cosmosAutoscaleMax: must be in steps of 1000, not 1500\n'],
    ]);
    expect(deploy(['--dry-run', '--set', 'cosmosAutoscaleMax=2000']).status).toBe(0);
    expect(deploy(['--set', 'partitions=many']).stderr).toBe(
      'millrace: partitions: must be of type int, not "many"\n',
    );
    expect(deploy(['--set', 'partitions=']).stderr).toContain('must be of type int, not ""');
  });

  it.each([
    [['--bogus'], 'deploy:azure has no option --bogus'],
    [['--set', 'partitions'], '--set partitions: write --set <name>=<value>'],
    [['--set', 'tags=a'], '--set tags: only texts and numbers'],
  ])('%j is refused in one line', (args, message) => {
    const { status, stdout, stderr, asked } = deploy(args);
    expect({ status, stdout, asked }).toEqual({ status: 2, stdout: '', asked: [] });
    expect(stderr).toBe(`millrace: ${message}\nTry: npm run deploy:azure -- --help\n`);
  });

  it('tells its options', () => {
    const { status, stdout } = deploy(['--help']);
    expect([status, stdout]).toEqual([0, expect.stringContaining('--set <name=value>')]);
  });
});

describe('a rehearsal of a deployment', () => {
  it('needs no Azure CLI, and shows resources, package and commands', () => {
    const { status, stdout, asked } = deploy(['--dry-run', '--set', 'alertEmail=a@b.example'], {
      PATH: join(folder, 'nowhere'),
    });
    expect([status, asked]).toEqual([0, []]);
    expect(stdout).toMatch(/^Resources in millrace \(westeurope\): \d\d$/m);
    expect(stdout).toMatch(/^ {2}Microsoft.Web\/sites +millrace-\w{10}$/m);
    expect(stdout).toMatch(/^ {2}dist\/azure-app\/main.js +\d+ kB$/m);
    expect(stdout).toMatch(/^Package: \d+ kB zipped, SHA-256 [0-9a-f]{64}$/m);
    expect(stdout).toMatch(/^az deployment group create .* alertEmail=a@b\.example /m);
    expect(stdout).toContain("--name '<functionApp of the outputs>'");
  });

  it('shows no resource that would not be made', () => {
    const { stdout } = deploy(['--dry-run', '--set', 'stateStore=blob']);
    expect(stdout).toContain('Microsoft.EventHub/namespaces');
    expect(stdout).not.toContain('Microsoft.DocumentDB');
  });
});
