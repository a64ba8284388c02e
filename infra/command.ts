import { spawnSync } from 'node:child_process';
import { UsageError } from '../cli/arguments.ts';
import { MillraceError } from '../core/errors.ts';

/** The command line of a cloud. */
export interface CloudCli {
  /** The command, such as `az`. */
  readonly name: string;
  /** What to do when it is not there. */
  readonly advice: string;
}

/** A call of a cloud's command line. */
export interface Command {
  readonly why: string;
  readonly args: readonly string[];
  /** What it prints is for people, and no answer. */
  readonly isShown?: true;
}

/** A command as it can be pasted into a shell. */
export function shown({ name }: CloudCli, { args }: Command): string {
  const quoted = (arg: string) =>
    /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`;
  return `${name} ${args.map(quoted).join(' ')}`;
}

/**
 * Runs a command, says which, and gives what it answers: null, or what it prints as JSON.
 *
 * @throws MillraceError `unavailable` when the command line is not there, or the command fails.
 */
export function run(cli: CloudCli, command: Command): unknown {
  console.log(`# ${command.why}\n${shown(cli, command)}`);
  const { error, status, stdout } = spawnSync(cli.name, command.args, {
    encoding: 'utf8',
    stdio: ['inherit', command.isShown ? 'inherit' : 'pipe', 'inherit'],
    // On Windows it may be a script, which only a shell runs.
    shell: process.platform === 'win32',
  });
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') {
    throw new MillraceError('unavailable', cli.advice);
  }
  if (error !== undefined) throw error;
  if (status !== 0) {
    throw new MillraceError('unavailable', `${cli.name} ended with ${status}: see above.`);
  }
  return command.isShown || stdout.trim() === '' ? null : JSON.parse(stdout);
}

/** The name and the value of each `--set <name>=<value>`. @throws UsageError for what is no pair. */
export function pairsOf(given: readonly string[]): [name: string, value: string][] {
  return given.map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw new UsageError(`--set ${text}: write --set <name>=<value>`);
    return [text.slice(0, at), text.slice(at + 1)];
  });
}
