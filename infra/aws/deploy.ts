#!/usr/bin/env node
/** `npm run deploy:aws -- [--dry-run] [--stack <name>] [--region <region>] [--profile <name>] [--set <name>=<value>]…` */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { defineCommand } from '../../cli/command.ts';
import { runScript } from '../../cli/script.ts';
import { MillraceError } from '../../core/errors.ts';
import { writePackage } from '../archive.ts';
import { type Command, pairsOf, run, shown } from '../command.ts';
import { hashOf } from '../report.ts';
import { problemsOf } from './check.ts';
import { awsCli, deployCode, deployStack, type Target, tryOut } from './commands.ts';
import type { TemplateJson } from './evaluate.ts';
import { awsPackage, packageName } from './package.ts';
import { describe } from './report.ts';

const root = join(import.meta.dirname, '../..');
/** What the deployment itself sets. */
const ownParameters = ['codeBucket', 'codeKey'];
const templates = {
  millrace: join(import.meta.dirname, 'template.json'),
  code: join(import.meta.dirname, 'code-template.json'),
};

const command = defineCommand({
  name: 'deploy:aws',
  summary: 'Deploy the app to AWS',
  usage: 'deploy:aws -- [options]',
  options: {
    'dry-run': { type: 'boolean', description: 'Shows what would be done, and does nothing' },
    stack: {
      ...{ type: 'string', placeholder: '<name>', default: 'millrace' },
      description: 'The CloudFormation stack, made if it is not there',
    },
    region: {
      ...{ type: 'string', placeholder: '<region>' },
      description: 'The region; by default the one that aws is set to',
    },
    profile: {
      ...{ type: 'string', placeholder: '<name>' },
      description: 'The profile of aws; by default the one in force',
    },
    set: {
      ...{ type: 'string', placeholder: '<name=value>', multiple: true },
      description: 'A parameter of the template: docs/deploy-aws.md lists them',
    },
  },
  async run(values) {
    const template: TemplateJson = JSON.parse(readFileSync(templates.millrace, 'utf8'));
    const target: Target = {
      ...{ stack: values.stack, region: values.region ?? null, profile: values.profile ?? null },
      parameters: Object.fromEntries(pairsOf(values.set ?? [])),
    };
    check(template, target);
    const built = await awsPackage(root);
    const archive = relative(process.cwd(), writePackage(built, join(root, 'dist'), packageName));
    const key = `${hashOf(built)}.zip`;
    if (values['dry-run']) {
      console.log(describe(template, target, built));
      rehearse(target, archive, key);
    } else deploy(target, archive, key);
    return 0;
  },
});

function check(template: TemplateJson, { stack, parameters }: Target): void {
  const problems = problemsOf(template, parameters);
  for (const name of ownParameters.filter((one) => one in parameters)) {
    problems.push(`${name}: the deployment sets it itself`);
  }
  // The names of the functions begin with it, and have up to 64 characters.
  if (!/^[A-Za-z][A-Za-z0-9-]{0,49}$/.test(stack)) {
    problems.push('--stack: a letter, then up to 49 letters, digits and hyphens');
  }
  if (problems.length > 0) throw new MillraceError('definition', problems.join('\n'), { problems });
}

function rehearse(target: Target, archive: string, key: string): void {
  const uploaded = { bucket: '<codeBucket of the outputs>', key };
  const commands: Command[] = [
    ...deployCode(target, relative(process.cwd(), templates.code)),
    ...deployStack(target, relative(process.cwd(), templates.millrace), archive, uploaded),
    tryOut(target, `${target.stack}-maintain`),
  ];
  for (const one of commands) console.log(`# ${one.why}\n${shown(awsCli, one)}`);
}

function deploy(target: Target, archive: string, key: string): void {
  const { codeBucket: bucket } = outputsAfter(
    deployCode(target, relative(process.cwd(), templates.code)),
  );
  if (bucket === undefined) {
    throw new MillraceError('missing', 'The deployment gave no name of a bucket for packages.');
  }
  const outputs = outputsAfter(
    deployStack(target, relative(process.cwd(), templates.millrace), archive, { bucket, key }),
  );
  const answer = run(awsCli, tryOut(target, `${target.stack}-maintain`));
  const { FunctionError: failed } = answer as { readonly FunctionError?: string };
  if (failed !== undefined) {
    throw new MillraceError(
      'unavailable',
      `Maintenance ended with an error (${failed}): see the log group /aws/lambda/${target.stack}-maintain.`,
    );
  }
  for (const [name, value] of Object.entries(outputs)) console.log(`${name}: ${value}`);
}

/** Runs commands, the last of which asks for the outputs of a stack, and gives them by name. */
function outputsAfter(commands: readonly Command[]): Readonly<Record<string, string>> {
  let answer: unknown = null;
  for (const command of commands) answer = run(awsCli, command);
  const outputs = answer as readonly { readonly OutputKey: string; readonly OutputValue: string }[];
  return Object.fromEntries(outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
}

await runScript(command);
