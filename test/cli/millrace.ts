import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** What a command printed, and how it ended. */
export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const program = fileURLToPath(new URL('../../cli/millrace.ts', import.meta.url));

/** Starts the real command line. */
export function startMillrace(args: readonly string[], cwd?: string): ChildProcess {
  const child = spawn(process.execPath, [program, ...args], { cwd, stdio: 'pipe' });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

/** Runs the real command line to its end. */
export async function millrace(
  args: readonly string[],
  options: { readonly cwd?: string; readonly stdin?: string | Uint8Array } = {},
): Promise<Ended> {
  const child = startMillrace(args, options.cwd);
  child.stdin?.on('error', () => {
    // It may end before it has read all.
  });
  child.stdin?.end(options.stdin ?? '');
  return ended(child);
}

/** The end of a process. */
export async function ended(child: ChildProcess): Promise<Ended> {
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  const [code, stdout, stderr] = await Promise.all([
    exit,
    text(child.stdout as NodeJS.ReadableStream),
    text(child.stderr as NodeJS.ReadableStream),
  ]);
  return { code, stdout, stderr };
}

/** A folder of files, far from the clone, that goes when the test ends. */
export function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** The lines of a text, parsed as JSON. */
export function jsonLines(text: string): unknown[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}
