import { MillraceError } from '../core/errors.ts';
import { givenTo, UsageError } from './arguments.ts';
import type { Command } from './command.ts';
import { helpOf } from './help.ts';

/**
 * Runs a script of package.json as a command whose name is the script's. A mistake in its use and an error that it
 * expects are told in words; anything else keeps its stack. The exit code is as that of `millrace`.
 */
export async function runScript(command: Command): Promise<void> {
  const args = process.argv.slice(2);
  try {
    if (args.includes('--help') || args.includes('-h')) {
      process.stdout.write(helpOf(command, 'npm run'));
      return;
    }
    const { values, positionals } = givenTo(command, args);
    process.exitCode = await command.run(values as never, positionals);
  } catch (error) {
    const isUsage = error instanceof UsageError;
    if (!isUsage && !(error instanceof MillraceError)) throw error;
    const hint = isUsage ? `Try: npm run ${command.name} -- --help\n` : '';
    process.stderr.write(`millrace: ${error.message}\n${hint}`);
    process.exitCode = isUsage ? 2 : 1;
  }
}
