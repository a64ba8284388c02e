import { readFileSync } from 'node:fs';
import { MillraceError } from '../core/errors.ts';
import { givenTo, UsageError } from './arguments.ts';
import { generalHelp, helpOf } from './help.ts';
import { nearest } from './nearest.ts';
import { resolveImports } from './resolve-imports.ts';
import { commands } from './table-of-commands.ts';

/** Runs what the arguments say and gives the exit code: 0, 1 for a failure, 2 for a mistake in the arguments. */
export async function main(args: readonly string[]): Promise<number> {
  quietEnd(process.stdout);
  quietEnd(process.stderr);
  const end = args.indexOf('--');
  const options = end < 0 ? args : args.slice(0, end);
  try {
    return await dispatch(args, options);
  } catch (error) {
    const json = options.includes('--json');
    const text = json ? `${JSON.stringify(errorJson(error))}\n` : errorText(error, args[0]);
    process.stderr.write(text);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function dispatch(args: readonly string[], options: readonly string[]): Promise<number> {
  const [first, ...rest] = args;
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    if (first === 'help' && rest[0] !== undefined) return dispatch([rest[0], '-h'], ['-h']);
    process.stdout.write(generalHelp(commands, version()));
    return first === undefined ? 2 : 0;
  }
  if (first === '--version') {
    process.stdout.write(`${version()}\n`);
    return 0;
  }
  const listed = commands.find(({ name }) => name === first);
  if (listed === undefined) throw unknownCommand(first);
  const { command } = await listed.load();
  if (options.includes('--help') || options.includes('-h')) {
    process.stdout.write(helpOf(command));
    return 0;
  }
  const { values, positionals } = givenTo(command, rest);
  resolveImports();
  return command.run(values as never, positionals);
}

function unknownCommand(name: string): UsageError {
  const what = name.startsWith('-') ? 'option' : 'command';
  const names = what === 'option' ? ['--help', '--version'] : commands.map((one) => one.name);
  const near = nearest(name, names);
  return new UsageError(
    `there is no ${what} ${name}${near === null ? '' : `; did you mean ${near}?`}`,
  );
}

function version(): string {
  const file = new URL('../package.json', import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')).version;
}

/** A reader that has seen enough, as `head` has, is no failure. */
function quietEnd(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    process.stderr.write(`millrace: can't write the output: ${error.message}\n`);
    process.exit(1);
  });
}

function errorText(error: unknown, command: string | undefined): string {
  if (error instanceof UsageError) {
    const known = commands.some(({ name }) => name === command);
    return `millrace: ${error.message}\nTry: millrace ${known ? `${command} ` : ''}--help\n`;
  }
  if (!(error instanceof MillraceError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `millrace: an unexpected failure, please report it:\n${text}\n`;
  }
  // Most messages hold their problems already.
  const problems = error.problems.filter((problem) => !error.message.includes(problem));
  const list = problems.map((problem) => `  - ${problem}\n`).join('');
  return `millrace: ${error.message}\n${list}`;
}

function errorJson(error: unknown): object {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof UsageError) return { error: { code: 'usage', message, problems: [] } };
  const { code, problems } = error instanceof MillraceError ? error : { code: 'bug', problems: [] };
  return { error: { code, message, problems } };
}
