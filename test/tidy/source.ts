import {
  type ESTree,
  type ParseResult,
  parseSync,
  Visitor,
  type VisitorObject,
} from 'rolldown/utils';

/** A text file of the repository; `path` is relative to the root, with forward slashes. */
export interface File {
  readonly path: string;
  readonly text: string;
}

/** Something a rule objects to; `line` counts from 1. `message` says what is wrong and what to do. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** A rule of style: a pure function of files. */
export interface Rule {
  readonly name: string;
  check(files: readonly File[]): Finding[];
}

/** One line for people: where, which rule, what to do. */
export function format(rule: Rule, finding: Finding): string {
  return `${finding.path}:${finding.line}: [${rule.name}] ${finding.message}`;
}

const parsed = new WeakMap<File, ParseResult>();

/** The syntax tree of a file, with its comments. A file that does not parse gives an empty program and `errors`. */
export function parse(file: File): ParseResult {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const result = parseSync(file.path, file.text);
  parsed.set(file, result);
  return result;
}

/** Visits the syntax tree of a file. */
export function visit(file: File, visitor: VisitorObject): void {
  new Visitor(visitor).visit(parse(file).program);
}

/** The line of an offset, from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1))
    line++;
  return line;
}

/** How many lines a node spans. */
export function linesOf(text: string, node: ESTree.Span): number {
  return lineAt(text, node.end - 1) - lineAt(text, node.start) + 1;
}

/** A rule that looks at one file at a time; `report` takes an offset into the text. */
export function fileRule(
  name: string,
  applies: (path: string) => boolean,
  check: (file: File, report: (offset: number, message: string) => void) => void,
): Rule {
  return {
    name,
    check: (files) =>
      files.flatMap((file) => {
        if (!applies(file.path)) return [];
        const findings: Finding[] = [];
        check(file, (offset, message) => {
          findings.push({ path: file.path, line: lineAt(file.text, offset), message });
        });
        return findings;
      }),
  };
}

export const isCode = (path: string): boolean => /\.(ts|tsx|mts|js|mjs|cjs)$/.test(path);
export const isTest = (path: string): boolean =>
  path.startsWith('test/') || /\.test\.ts$/.test(path);
export const isApp = (path: string): boolean => /^[a-z0-9]+-app\//.test(path);
export const isIn = (path: string, ...folders: readonly string[]): boolean =>
  folders.some((folder) => path.startsWith(`${folder}/`));

/** The text of a name: `a` of `a`, `b` of `a.b`; empty for anything else. */
export function nameOf(node: ESTree.Node | null): string {
  if (node?.type === 'Identifier') return node.name;
  if (node?.type === 'MemberExpression') {
    if (node.property.type === 'Literal') return String(node.property.value);
    return nameOf(node.property);
  }
  return '';
}

/** The leftmost name of a chain: `describe` of `describe.concurrent.each(…)`. */
export function rootOf(node: ESTree.Node): string {
  if (node.type === 'MemberExpression') return rootOf(node.object);
  if (node.type === 'CallExpression') return rootOf(node.callee);
  if (node.type === 'TaggedTemplateExpression') return rootOf(node.tag);
  return node.type === 'Identifier' ? node.name : '';
}
