import { devNull } from 'node:os';
import type { CloudCli, Command } from '../command.ts';

/** The AWS CLI. */
export const awsCli: CloudCli = {
  name: 'aws',
  advice:
    'The AWS CLI (aws) is not there. Install it from https://aws.amazon.com/cli/, then aws login or ' +
    'aws configure; or try --dry-run, which needs neither it nor an account.',
};

/** Where to deploy to, and with which parameters. */
export interface Target {
  readonly stack: string;
  /** The region; null for the one that the AWS CLI has in force. */
  readonly region: string | null;
  /** The profile of the AWS CLI; null for the one in force. */
  readonly profile: string | null;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Where a package is. */
export interface UploadedPackage {
  readonly bucket: string;
  readonly key: string;
}

/** Makes the bucket of the packages. The answer of the second holds the outputs of its stack. */
export function deployCode(target: Target, templateFile: string): Command[] {
  const stack = `${target.stack}-code`;
  return [
    {
      why: 'Make the bucket that packages are put into, if it is not there.',
      ...{ args: of(target, deployArgs(stack, templateFile)), isShown: true },
    },
    { why: 'Ask for its name.', args: of(target, outputsArgs(stack)) },
  ];
}

/** Uploads the package, and makes what is not there yet, changes what is. The answer of the last holds the outputs. */
export function deployStack(
  target: Target,
  templateFile: string,
  archive: string,
  { bucket, key }: UploadedPackage,
): Command[] {
  const { stack, parameters } = target;
  const all = { codeBucket: bucket, codeKey: key, ...parameters };
  const values = Object.entries(all).map(([name, value]) => `${name}=${value}`);
  return [
    {
      why: 'Upload the package. Its name is its hash: the functions change only if it does.',
      args: of(target, ['s3', 'cp', archive, `s3://${bucket}/${key}`, '--no-progress']),
      isShown: true,
    },
    {
      why: 'Make the resources. The first time this takes some five minutes.',
      args: of(target, [
        ...deployArgs(stack, templateFile),
        ...['--s3-bucket', bucket, '--s3-prefix', 'templates', '--capabilities', 'CAPABILITY_IAM'],
        ...['--parameter-overrides', ...values],
      ]),
      isShown: true,
    },
    { why: 'Ask what was made.', args: of(target, outputsArgs(stack)) },
  ];
}

/** Runs maintenance once. */
export function tryOut(target: Target, functionName: string): Command {
  return {
    why: 'Run maintenance once: it shows that the package starts; its log tells what failed.',
    args: of(target, [
      ...['lambda', 'invoke', '--function-name', functionName, '--output', 'json'],
      ...['--cli-read-timeout', '90', devNull],
    ]),
  };
}

function deployArgs(stack: string, templateFile: string): string[] {
  return [
    ...['cloudformation', 'deploy', '--stack-name', stack, '--template-file', templateFile],
    '--no-fail-on-empty-changeset',
  ];
}

function outputsArgs(stack: string): string[] {
  return [
    ...['cloudformation', 'describe-stacks', '--stack-name', stack, '--output', 'json'],
    ...['--query', 'Stacks[0].Outputs'],
  ];
}

function of({ region, profile }: Target, args: readonly string[]): string[] {
  return [
    ...args,
    ...(region === null ? [] : ['--region', region]),
    ...(profile === null ? [] : ['--profile', profile]),
  ];
}
