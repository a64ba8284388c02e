import { posix } from 'node:path';
import type { File } from './source.ts';

/** A limit as a table of the docs states it. */
export interface StatedLimit {
  readonly name: string;
  readonly value: number;
}

/** The rows of tables that begin with a name in code and a whole number: `| recordBytesMax | 1,048,576 | … |`. */
export function statedLimits(text: string): StatedLimit[] {
  const rows = text.matchAll(/^\| `([a-z]\w*)` \| ([\d,]+) \|/gm);
  return [...rows].map((row) => ({ name: row[1]!, value: Number(row[2]!.replaceAll(',', '')) }));
}

/** What the docs say of limits against what is in force: wrong values, unknown names, `required` ones left out. */
export function wrongLimits(
  stated: readonly StatedLimit[],
  inForce: Readonly<Record<string, unknown>>,
  required: readonly string[],
): string[] {
  const wrong = stated
    .filter(({ name, value }) => inForce[name] !== value)
    .map(({ name, value }) => `${name} is ${inForce[name] ?? 'unknown'}, the docs say ${value}`);
  const names = new Set(stated.map(({ name }) => name));
  const missing = required.filter((name) => !names.has(name));
  return [...wrong, ...missing.map((name) => `${name} is in no table of limits`)];
}

/** Blocks and spans of code in Markdown, without their fences. */
export function codeIn(text: string): string[] {
  const blocks = [...text.matchAll(/^```[^\n]*\n([\s\S]*?)^```/gm)].map((found) => found[1]!);
  const rest = text.replace(/^```[\s\S]*?^```/gm, '');
  return [...blocks, ...[...rest.matchAll(/`([^`\n]+)`/g)].map((found) => found[1]!)];
}

/** Names of npm scripts that the code in a text calls. */
export function npmScripts(text: string): string[] {
  const calls = /\bnpm (?:run ([\w:-]+)|(test|start)\b)/g;
  return unique(
    codeIn(text).flatMap((code) => [...code.matchAll(calls)].map((c) => c[1] ?? c[2]!)),
  );
}

/** Commands of `npx` that the code in a text calls. */
export function npxCommands(text: string): string[] {
  const calls = /\bnpx ([@\w/-]+)/g;
  return unique(codeIn(text).flatMap((code) => [...code.matchAll(calls)].map((call) => call[1]!)));
}

/** Subcommands of `millrace` that the code in a text calls. */
export function cliCommands(text: string): string[] {
  const calls = /(?:^|npx |[$;&|] )millrace ([a-z][a-z-]*)/gm;
  return unique(codeIn(text).flatMap((code) => [...code.matchAll(calls)].map((call) => call[1]!)));
}

/** Paths in spans of code that look like files of this repository. Patterns and placeholders are left out. */
export function namedPaths(text: string): string[] {
  const path =
    /^(\.ci|core|adapters|pipelines|testing|cli|bench|docs|test|infra|[a-z]+-app)\/[\w./-]+$/;
  return unique(codeIn(text).filter((code) => path.test(code) && /\.\w+$|\/$|\/run$/.test(code)));
}

/** Relative links that lead nowhere: no such file, picture or folder, or no such heading in it. */
export function brokenLinks(
  file: File,
  files: readonly File[],
  pictures: readonly string[] = [],
): string[] {
  const byPath = new Map(files.map((each) => [each.path, each]));
  const prose = file.text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]+`/g, '');
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)/gm)].map(
    (m) => m[1] ?? m[2]!,
  );
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path, anchor] = link.split('#');
    const base = posix.dirname(file.path);
    const target = path === '' ? file.path : posix.join(base, decodeURI(path!)).replace(/\/$/, '');
    const linked = byPath.get(target);
    if (pictures.includes(target)) return false;
    if (linked === undefined) return !files.some((each) => each.path.startsWith(`${target}/`));
    return anchor !== undefined && !anchorsOf(linked.text).includes(anchor);
  });
}

/** Anchors of the headings, as GitHub makes them. */
function anchorsOf(text: string): string[] {
  const headings = text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.+)$/gm);
  return [...headings].map((heading) =>
    heading[1]!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)];
