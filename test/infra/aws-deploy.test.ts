import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { smallAwsApp } from './small-app.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-deploy-'));
afterAll(() => rmSync(folder, { recursive: true }));
const root = smallAwsApp(join(folder, 'small'));
const log = join(folder, 'log');

/** A stand-in for the AWS CLI: it writes down what it is asked, and answers as the real one would. */
const aws = `#!${process.execPath}
const { appendFileSync } = require('node:fs');
const args = process.argv.slice(2);
appendFileSync(${JSON.stringify(log)}, JSON.stringify(args) + '\\n');
const asked = args.join(' ');
if (asked.startsWith(process.env.FAIL ?? 'nothing')) process.exit(254);
const answer = (value) => console.log(JSON.stringify(value));
const output = (OutputKey, OutputValue) => ({ OutputKey, OutputValue });
if (asked.startsWith('cloudformation deploy')) console.log('Waiting for changeset to be created..');
if (asked.startsWith('cloudformation describe-stacks')) {
  answer(asked.includes('-code') ? [output('codeBucket', 'the-bucket')] : [
    output('queryUrl', 'https://q.example/'), output('maintain', 'm-maintain'),
  ]);
}
if (asked.startsWith('lambda invoke')) answer(JSON.parse(process.env.INVOKED ?? '{"StatusCode":200}'));
`;
mkdirSync(join(folder, 'bin'));
writeFileSync(join(folder, 'bin/aws'), aws, { mode: 0o755 });

function deploy(args: readonly string[], environment: Record<string, string> = {}) {
  rmSync(log, { force: true });
  const script = join(root, 'infra/aws/deploy.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PATH: join(folder, 'bin'), ...environment },
  });
  const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
  const asked: string[][] = lines.map((line) => JSON.parse(line));
  return { status, stdout, stderr, asked };
}

describe('a deployment to AWS', () => {
  it('makes a bucket for the package, uploads it, makes the resources, and tries maintenance out', () => {
    const options = ['--stack', 'm', '--region', 'eu-west-1', '--profile', 'p'];
    const { status, stdout, asked } = deploy([...options, '--set', 'shards=8']);
    expect(status).toBe(0);
    const where = ['--region', 'eu-west-1', '--profile', 'p'];
    const outputs = ['--output', 'json', '--query', 'Stacks[0].Outputs'];
    const [, key = ''] = /s3:\/\/the-bucket\/([0-9a-f]{64}\.zip)/.exec(stdout) ?? [];
    expect(asked).toEqual([
      [
        ...['cloudformation', 'deploy', '--stack-name', 'm-code'],
        ...['--template-file', 'infra/aws/code-template.json', '--no-fail-on-empty-changeset'],
        ...where,
      ],
      ['cloudformation', 'describe-stacks', '--stack-name', 'm-code', ...outputs, ...where],
      ['s3', 'cp', 'dist/aws.zip', `s3://the-bucket/${key}`, '--no-progress', ...where],
      [
        ...['cloudformation', 'deploy', '--stack-name', 'm'],
        ...['--template-file', 'infra/aws/template.json', '--no-fail-on-empty-changeset'],
        ...['--s3-bucket', 'the-bucket', '--s3-prefix', 'templates'],
        ...['--capabilities', 'CAPABILITY_IAM', '--parameter-overrides'],
        ...['codeBucket=the-bucket', `codeKey=${key}`, 'shards=8', ...where],
      ],
      ['cloudformation', 'describe-stacks', '--stack-name', 'm', ...outputs, ...where],
      [
        ...['lambda', 'invoke', '--function-name', 'm-maintain', '--output', 'json'],
        ...['--cli-read-timeout', '90', '/dev/null', ...where],
      ],
    ]);
    expect(existsSync(join(root, 'dist/aws.zip'))).toBe(true);
    expect(stdout).toContain('Waiting for changeset');
    expect(stdout).toContain('queryUrl: https://q.example/');
  });

  it('stops at the first step that fails', () => {
    const { status, stderr, asked } = deploy([], { FAIL: 's3 cp' });
    expect([status, asked.length]).toEqual([1, 3]);
    expect(stderr).toContain('aws ended with 254');
  });

  it('says so when maintenance fails', () => {
    const INVOKED = '{"StatusCode":200,"FunctionError":"Unhandled"}';
    const { status, stderr } = deploy([], { INVOKED });
    expect(status).toBe(1);
    expect(stderr).toContain('(Unhandled): see the log group /aws/lambda/millrace-maintain');
  });

  it('says so when the AWS CLI is not there', () => {
    const { status, stderr } = deploy([], { PATH: join(folder, 'nowhere') });
    expect(status).toBe(1);
    expect(stderr).toContain('The AWS CLI (aws) is not there');
  });

  it('refuses what the template would refuse, before anything is done', () => {
    const { status, stderr, asked } = deploy([
      ...['--set', 'shards=900', '--set', 'lag=1', '--set', 'codeKey=a', '--stack', '1st'],
    ]);
    expect([status, asked]).toEqual([1, []]);
    expect(stderr).toContain('shards: must be from 0 to 500, not "900"');
    expect(stderr).toContain("there is no parameter 'lag'");
    expect(stderr).toContain('codeKey: the deployment sets it itself');
    expect(stderr).toContain('--stack: a letter, then up to 49');
  });

  it.each([
    [['--bogus'], 'deploy:aws has no option --bogus'],
    [['--set', 'shards'], '--set shards: write --set <name>=<value>'],
  ])('%j is refused in one line', (args, message) => {
    const { status, stdout, stderr, asked } = deploy(args);
    expect({ status, stdout, asked }).toEqual({ status: 2, stdout: '', asked: [] });
    expect(stderr).toBe(`millrace: ${message}\nTry: npm run deploy:aws -- --help\n`);
  });

  it('tells its options', () => {
    const { status, stdout } = deploy(['--help']);
    expect([status, stdout]).toEqual([0, expect.stringContaining('--set <name=value>')]);
  });
});

describe('a rehearsal of a deployment', () => {
  it('needs no AWS CLI, and shows resources, rights, package and commands', () => {
    const { status, stdout, asked } = deploy(['--dry-run', '--set', 'alertEmail=a@b.example'], {
      PATH: join(folder, 'nowhere'),
    });
    expect([status, asked]).toEqual([0, []]);
    expect(stdout).toMatch(/^Resources in stack millrace \(the region in force\): \d\d$/m);
    expect(stdout).toMatch(/^ {2}AWS::Lambda::Function +Takes events by HTTP\.$/m);
    expect(stdout).toMatch(/^ {2}IngestRole +kinesis:PutRecords on <Stream\.Arn>$/m);
    expect(stdout).toMatch(/^ {2}main\.mjs +\d+ kB$/m);
    expect(stdout).toMatch(/^Package: \d+ kB zipped, SHA-256 [0-9a-f]{64}$/m);
    expect(stdout).toMatch(/^aws cloudformation deploy .* alertEmail=a@b\.example$/m);
    expect(stdout).toContain("--s3-bucket '<codeBucket of the outputs>'");
  });

  it('shows no resource that would not be made', () => {
    expect(deploy(['--dry-run']).stdout).not.toContain('StreamConsumer');
    const { stdout } = deploy(['--dry-run', '--set', 'enhancedFanOut=true']);
    expect(stdout).toContain('AWS::Kinesis::StreamConsumer');
    expect(stdout).toContain('kinesis:SubscribeToShard on <Consumer.ConsumerARN>');
  });
});
