import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { File } from './source.ts';

/** The text files of a repository, as git knows them (tracked, and new ones that are not ignored). */
export function readRepository(root: string): File[] {
  return listPaths(root)
    .sort()
    .flatMap((path) => readText(root, path));
}

/** The pictures of a repository: what {@link readRepository} leaves out, since it is no text. */
export function listPictures(root: string): string[] {
  return listPaths(root).filter((path) => /\.png$/.test(path));
}

/** Without git, or in a copy that is not a repository of its own, the folder is walked instead. */
function listPaths(root: string): string[] {
  try {
    const list = ['ls-files', '-co', '--exclude-standard', '-z'];
    const output = execFileSync('git', list, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] });
    const paths = output.toString().split('\0').filter(Boolean);
    if (paths.length > 0) return [...new Set(paths)];
  } catch {
    // Neither is an error: a source archive has no history.
  }
  return walk(root, '', new Set(['.git', 'node_modules', ...ignoredNames(root)]));
}

function walk(root: string, folder: string, ignored: ReadonlySet<string>): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (ignored.has(entry.name)) return [];
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    return entry.isDirectory() ? walk(root, path, ignored) : entry.isFile() ? [path] : [];
  });
}

/** The plain names in .gitignore; its patterns matter only to git. */
function ignoredNames(root: string): string[] {
  const file = readText(root, '.gitignore')[0];
  const lines = file?.text.split('\n') ?? [];
  return lines
    .map((line) => line.replaceAll('/', '').trim())
    .filter((line) => /^[\w.-]+$/.test(line));
}

/** Empty for a file that is gone (git still lists it), a folder, and binary content. */
function readText(root: string, path: string): File[] {
  const name = join(root, path);
  if (!statSync(name, { throwIfNoEntry: false })?.isFile()) return [];
  const bytes = readFileSync(name);
  return bytes.includes(0) ? [] : [{ path, text: bytes.toString() }];
}
