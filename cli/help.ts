import type { Command, Option } from './command.ts';
import type { Listed } from './table-of-commands.ts';

/** The help of the whole command line. */
export function generalHelp(commands: readonly Listed[], version: string): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `Millrace ${version}: exact, live aggregates from event streams.

Usage: millrace <command> [options]

Commands:
${lines.join('\n')}

Options:
  -h, --help  Show this, or the help of a command: millrace run --help
  --version   Show the version
`;
}

/** The help of one command, of this program or of another one. */
export function helpOf(command: Command, program = 'millrace'): string {
  const help: Option = { type: 'boolean', short: 'h', description: 'Show this help' };
  const options = Object.entries({ ...command.options, help });
  const heads = options.map(([name, option]) => headOf(name, option));
  const width = Math.max(...heads.map((head) => head.length));
  const lines = options.map(
    ([, option], i) => `  ${(heads[i] as string).padEnd(width)}  ${textOf(option)}`,
  );
  const notes = command.notes === undefined ? '' : `\n${command.notes.trim()}\n`;
  return `${command.summary}.

Usage: ${program} ${command.usage}

Options:
${lines.join('\n')}
${notes}`;
}

function headOf(name: string, { type, short, placeholder }: Option): string {
  const value = type === 'string' ? ` ${placeholder ?? '<value>'}` : '';
  return `${short === undefined ? '' : `-${short}, `}--${name}${value}`;
}

function textOf({ description, default: value, required, multiple }: Option): string {
  const notes = [
    ...(required ? ['required'] : []),
    ...(multiple ? ['may be repeated'] : []),
    ...(value === undefined || value === false ? [] : [`default: ${value}`]),
  ];
  return notes.length === 0 ? description : `${description} (${notes.join('; ')})`;
}
