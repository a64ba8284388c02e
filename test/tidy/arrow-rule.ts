import { posix } from 'node:path';
import type { ESTree } from 'rolldown/utils';
import { fileRule, isApp, isCode, isTest, type Rule, visit } from './source.ts';

/** What a folder may import besides itself. A folder that is not listed is free. */
const allowed: ReadonlyMap<string, readonly string[]> = new Map([
  ['core', []],
  ['adapters', ['core', 'cost']],
  ['pipelines', ['core']],
  ['testing', ['core', 'adapters']],
  ['dashboard', ['core']],
  ['cost', ['core']],
  ['app', ['core', 'adapters', 'pipelines', 'cost']],
  ['cli', ['core', 'adapters', 'pipelines', 'app', 'cost', 'testing']],
]);
/** The model of costs runs in a browser as it is. */
const pure: ReadonlySet<string> = new Set(['core', 'cost']);
const corePackages = /^(typebox|xxhash-wasm)(\/|$)/;

/**
 * The arrow points inwards: app -> adapters -> core. The core knows typebox and xxhash-wasm and nothing else,
 * one app or cloud knows nothing of another, inversify appears in compositions (and benchmarks), and only tests import
 * tests.
 */
export const arrowInwards: Rule = fileRule('arrow-inwards', isCode, (file, report) => {
  const check = (node: ESTree.Span, source: string) => {
    const problem = forbidden(file.path, source);
    if (problem !== null) report(node.start, `imports ${source}: ${problem}`);
  };
  const literal = (node: ESTree.Node | null) =>
    node?.type === 'Literal' && typeof node.value === 'string' ? node.value : null;
  visit(file, {
    ImportDeclaration: (node) => check(node, node.source.value),
    ExportAllDeclaration: (node) => check(node, node.source.value),
    ExportNamedDeclaration(node) {
      if (node.source !== null) check(node, node.source.value);
    },
    ImportExpression(node) {
      const source = literal(node.source);
      if (source !== null) check(node, source);
    },
    TSImportType: (node) => check(node, node.source.value),
  });
});

/** Why `path` must not import `source`, or null if it may. */
function forbidden(path: string, source: string): string | null {
  if (isTest(path) || path === 'vitest.config.ts') return null;
  const from = layerOf(path);
  if (!source.startsWith('.')) return forbiddenPackage(path, from, source);
  const target = posix.join(posix.dirname(path), source);
  const to = layerOf(target);
  if (isTest(target)) return 'only tests import tests';
  if (isApp(path) && isApp(target) && path.split('/')[0] !== target.split('/')[0]) {
    return 'an app knows nothing of another app: move what they share inwards';
  }
  if (from === 'adapters' && to === 'adapters' && isCrossCloud(path, target)) {
    return 'a cloud knows nothing of the other: move what they share to adapters/ or core/';
  }
  const list = allowed.get(from);
  if (list === undefined || from === to || list.includes(to)) return null;
  const may = list.length === 0 ? 'only itself' : `itself and ${list.join(', ')}`;
  return `the arrow points inwards: ${from} may import ${may}`;
}

function forbiddenPackage(path: string, from: string, source: string): string | null {
  if (pure.has(from) && !corePackages.test(source)) {
    return `${from} is pure: it imports typebox and xxhash-wasm, anything else comes in as a value`;
  }
  if (source === 'inversify' && !/-app\/composition\.ts$|^bench\//.test(path)) {
    return 'only the composition.ts of an app knows the container';
  }
  return null;
}

const layerOf = (path: string): string => (isApp(path) ? 'app' : (path.split('/')[0] ?? ''));

const isCrossCloud = (a: string, b: string): boolean => {
  const cloudOf = (path: string) => /^adapters\/(azure|aws)\//.exec(path)?.[1];
  const [from, to] = [cloudOf(a), cloudOf(b)];
  return to !== undefined && from !== to;
};
