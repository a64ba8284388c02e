import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import type { Command, Option } from './command.ts';
import { nearest } from './nearest.ts';

/** A mistake in the use of the command line: exit code 2, and a hint at the help. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What was given to a command. */
export interface Given {
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
}

/**
 * The values and arguments of a command.
 *
 * @throws UsageError for an option that it does not have, a value that is missing or not wanted, and too few or too
 * many arguments.
 */
export function givenTo(command: Command, args: readonly string[]): Given {
  const { options, positionals: [least, most] = [0, 0] } = command;
  const config = Object.fromEntries(
    Object.entries(options).map(([name, option]) => [name, configOf(option)]),
  );
  const { values, positionals } = parse(command, joined(command, args), config);
  for (const [name, option] of Object.entries(options)) {
    if (option.required && values[name] === undefined) {
      throw new UsageError(`--${name} ${option.placeholder ?? '<value>'} is missing`);
    }
  }
  if (positionals.length < least) {
    throw new UsageError(`too few arguments; it is: millrace ${command.usage}`);
  }
  if (positionals.length > most) {
    throw new UsageError(`'${positionals[most]}' is one argument too many`);
  }
  return { values, positionals };
}

/** `--order -flights` as `--order=-flights`: a value may start with a dash where no option is of that name. */
function joined({ options }: Command, args: readonly string[]): string[] {
  const isOption = (text: string): boolean => {
    const [name = ''] = text.replace(/^--?/, '').split('=');
    if (text.startsWith('--')) return true;
    return Object.values(options).some(({ short }) => short === name);
  };
  const result: string[] = [];
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i] as string;
    if (arg === '--') return [...result, ...args.slice(i)];
    const next = args[i + 1];
    const takes = arg.startsWith('--') && options[arg.slice(2)]?.type === 'string';
    if (takes && next !== undefined && /^-./.test(next) && !isOption(next)) {
      result.push(`${arg}=${next}`);
      i += 1;
    } else {
      result.push(arg);
    }
  }
  return result;
}

function parse(command: Command, args: readonly string[], options: ParseArgsOptionsConfig): Given {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') throw unknownOption(command, args);
    if (code?.startsWith('ERR_PARSE_ARGS_')) throw new UsageError(firstSentence(message));
    throw error;
  }
}

function configOf({ type, short, multiple, default: value }: Option) {
  return {
    type,
    ...(short === undefined ? {} : { short }),
    ...(multiple === undefined ? {} : { multiple }),
    ...(value === undefined ? {} : { default: multiple ? [String(value)] : value }),
  } as ParseArgsOptionsConfig[string];
}

/** The first option that the command does not have, as it was written. */
function unknownOption({ name, options }: Command, args: readonly string[]): UsageError {
  const names = Object.keys(options).map((option) => `--${option}`);
  const shorts = Object.values(options).flatMap(({ short }) => (short ? [`-${short}`] : []));
  const written = args
    .filter((arg) => arg.startsWith('-') && arg !== '-')
    .map((arg) => (arg.startsWith('--') ? (arg.split('=')[0] as string) : arg));
  const unknown = written.find((arg) => !names.includes(arg) && !shorts.includes(arg));
  const near = nearest(unknown ?? '', names);
  const hint = near === null ? '' : `; did you mean ${near}?`;
  return new UsageError(`${name} has no option ${unknown ?? args.join(' ')}${hint}`);
}

function firstSentence(message: string): string {
  const end = message.search(/[.\n]/);
  return end < 0 ? message : message.slice(0, end);
}
