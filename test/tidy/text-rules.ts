import { type File, fileRule, isCode, parse, type Rule } from './source.ts';

const fileLinesMax = 300;
const lineCharactersMax = 100;
const commentCharactersMax = 120;

const isProse = (path: string): boolean => /\.md$/.test(path);
const isWritten = (path: string): boolean =>
  isCode(path) || /\.(css|html|md|sh|bicep|ya?ml)$/.test(path) || path === '.ci/run';

/** Files that people write hold up to 300 lines; a changelog may grow. */
export const fileLength: Rule = fileRule(
  'file-length',
  (path) => isWritten(path) && path !== 'CHANGELOG.md',
  (file, report) => {
    const lines = file.text.replace(/\n$/, '').split('\n').length;
    if (lines <= fileLinesMax) return;
    report(
      file.text.length,
      `${lines} lines, at most ${fileLinesMax}: split it, one idea per file`,
    );
  },
);

/**
 * Lines of code hold up to 100 characters, lines that are comment only up to 120. A line is free when it lies
 * inside a template literal, or when one string, pattern or URL, which can't be broken, makes it too long.
 */
export const lineLength: Rule = fileRule('line-length', isCode, (file, report) => {
  let offset = 0;
  for (const line of file.text.split('\n')) {
    const characters = [...line].length;
    if (characters > lineCharactersMax && !mayBeLong(file, offset, line, characters)) {
      report(offset, `${characters} characters, at most ${lineCharactersMax}: break the line`);
    }
    offset += line.length + 1;
  }
});

function mayBeLong(file: File, offset: number, line: string, characters: number): boolean {
  const unbroken = line.match(/'[^']*'|"[^"]*"|`[^`]*`|\/[^/\s][^/]*\/|https?:\S+/g) ?? [];
  const longest = Math.max(0, ...unbroken.map((part) => [...part].length));
  if (longest >= 20 && characters - longest <= lineCharactersMax) return true;
  const { comments } = parse(file);
  const text = offset + line.length - line.trimStart().length;
  const isComment = comments.some((comment) => comment.start <= text && comment.end >= text + 2);
  if (isComment) return characters <= commentCharactersMax;
  return insideTemplate(file, offset);
}

/** True if an odd number of backticks stands before the offset, comments aside. */
function insideTemplate(file: File, offset: number): boolean {
  let ticks = 0;
  const { comments } = parse(file);
  for (
    let at = file.text.indexOf('`');
    at !== -1 && at < offset;
    at = file.text.indexOf('`', at + 1)
  ) {
    const commented = comments.some((comment) => comment.start <= at && at < comment.end);
    if (!commented && file.text[at - 1] !== '\\') ticks++;
  }
  return ticks % 2 === 1;
}

/** No drawers for odds and ends. */
export const plainNames: Rule = fileRule(
  'plain-names',
  () => true,
  (file, report) => {
    if (/(^|\/)(utils?|helpers)(\/|\.[a-z]+$)/.test(file.path)) {
      report(0, 'name the file or folder after the idea it holds, not "utils" or "helpers"');
    }
    if (/(^|\/)types\.(d\.)?ts$/.test(file.path)) {
      report(0, 'put each type beside the code that owns it: no types.ts');
    }
  },
);

/** Work that is left belongs in the tracker: comments in code, and any prose or settings, hold no such marks. */
export const noLeftovers: Rule = fileRule(
  'no-leftovers',
  (path) => isWritten(path) || /\.jsonc?$/.test(path),
  (file, report) => {
    const marks = /\b(TODO|FIXME|XXX)\b/g;
    const parts = isCode(file.path) ? parse(file).comments : [{ start: 0, end: file.text.length }];
    for (const part of parts) {
      for (const mark of file.text.slice(part.start, part.end).matchAll(marks)) {
        report(
          part.start + mark.index,
          `${mark[0]}: do it now, or open an issue and remove the mark`,
        );
      }
    }
  },
);

/** Nothing in the repository knows the machine it was written on. */
export const noMachinePaths: Rule = fileRule(
  'no-machine-paths',
  (path) => isWritten(path) || /\.json$/.test(path),
  (file, report) => {
    for (const found of file.text.matchAll(/(?<![\w.:/])\/(home|Users|work|root)\/\w/g)) {
      report(found.index, 'an absolute path of one machine: use a path relative to the repository');
    }
  },
);

/** Every dependency has one exact version, so that two installs are the same. */
export const exactVersions: Rule = fileRule(
  'exact-versions',
  (path) => /(^|\/)package\.json$/.test(path),
  (file, report) => {
    const content: Record<string, unknown> = JSON.parse(file.text);
    const kinds = ['dependencies', 'devDependencies', 'optionalDependencies', 'overrides'];
    for (const kind of kinds) {
      for (const [name, version] of Object.entries(content[kind] ?? {})) {
        if (/^\d+\.\d+\.\d+(-[\w.-]+)?$/.test(String(version))) continue;
        const shown = JSON.stringify(version);
        report(file.text.indexOf(`"${name}": `), `${name} is ${shown}: state one exact version`);
      }
    }
  },
);

/** The lockfile names packages and hashes, never a host: it works with any registry. */
export const lockWithoutHosts: Rule = fileRule(
  'lock-without-hosts',
  (path) => /(^|\/)package-lock\.json$/.test(path),
  (file, report) => {
    const lock: { packages?: Record<string, Record<string, unknown>> } = JSON.parse(file.text);
    for (const [name, { funding: _, license: __, ...entry }] of Object.entries(
      lock.packages ?? {},
    )) {
      const text = JSON.stringify(entry);
      if (!('resolved' in entry) && !/https?:|git\+|registry\./.test(text)) continue;
      const advice = 'run npm install with omit-lockfile-registry-resolved=true';
      report(file.text.indexOf(`"${name}": {`), `${name || 'the root'} names a host: ${advice}`);
    }
  },
);

/** Decision records: docs/decisions/NNNN-title.md, numbered from 0001 without gaps, four sections each. */
export const decisionRecords: Rule = {
  name: 'decision-records',
  check(files) {
    const records = files.filter((file) => file.path.startsWith('docs/decisions/'));
    records.sort((a, b) => (a.path < b.path ? -1 : 1));
    return records.flatMap((file, index) => {
      const number = String(index + 1).padStart(4, '0');
      const name = file.path.slice('docs/decisions/'.length);
      const messages: string[] = [];
      if (!/^\d{4}-[a-z0-9]+(-[a-z0-9]+)*\.md$/.test(name)) {
        messages.push('name it NNNN-title.md, in lower case with hyphens');
      } else if (!name.startsWith(number)) {
        messages.push(`number it ${number}: the records count from 0001 without gaps or doubles`);
      }
      const sections = [...file.text.matchAll(/^## (.+)$/gm)].map((found) => found[1]);
      if (sections.join() !== 'Context,Decision,Consequences,Measured') {
        messages.push(
          'give it the sections Context, Decision, Consequences, Measured, in this order',
        );
      }
      return messages.map((message) => ({ path: file.path, line: 1, message }));
    });
  },
};

/** CONTRIBUTING is read before the first change, so it is short. */
export const shortContributing: Rule = fileRule(
  'short-contributing',
  (path) => path === 'CONTRIBUTING.md',
  (file, report) => {
    const lines = file.text.replace(/\n$/, '').split('\n').length;
    if (lines >= 60)
      report(file.text.length, `${lines} lines, fewer than 60: move detail to docs/`);
  },
);

/** Text ends its last line, so that a diff shows what changed and nothing else. */
export const finalNewline: Rule = fileRule(
  'final-newline',
  (path) => isCode(path) || isProse(path),
  (file, report) => {
    if (!file.text.endsWith('\n')) report(file.text.length, 'end the last line with a newline');
  },
);
