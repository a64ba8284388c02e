import type { ESTree } from 'rolldown/utils';
import {
  type File,
  type Finding,
  fileRule,
  isCode,
  isIn,
  isTest,
  lineAt,
  linesOf,
  nameOf,
  parse,
  type Rule,
  rootOf,
  visit,
} from './source.ts';

const functionLinesMax = 70;

/** A file that the parser refuses is seen by no other rule. */
export const parses: Rule = fileRule('parses', isCode, (file, report) => {
  for (const error of parse(file).errors) {
    report(error.labels[0]?.start ?? 0, `${error.message}: mend the syntax`);
  }
});

/** Functions span up to 70 lines, not counting the `describe`, `test` and `it` blocks nested in them. */
export const functionLength: Rule = fileRule('function-length', isCode, (file, report) => {
  const blocks: ESTree.CallExpression[] = [];
  const functions: ESTree.Node[] = [];
  const add = (node: ESTree.Node) => {
    if (linesOf(file.text, node) > functionLinesMax) functions.push(node);
  };
  visit(file, {
    CallExpression(node) {
      if (/^(describe|suite|test|it)$/.test(rootOf(node.callee))) blocks.push(node);
    },
    FunctionDeclaration: add,
    FunctionExpression: add,
    ArrowFunctionExpression: add,
  });
  for (const node of functions) {
    const within = blocks.filter((block) => node.start < block.start && block.end <= node.end);
    const outermost = within.filter(
      (block) => !within.some((other) => other.start < block.start && block.end <= other.end),
    );
    const nested = outermost.reduce((sum, block) => sum + linesOf(file.text, block), 0);
    const lines = linesOf(file.text, node) - nested;
    if (lines > functionLinesMax) {
      report(node.start, `a function of ${lines} lines, at most ${functionLinesMax}: split it`);
    }
  }
});

/** A file of nothing but re-exports hides where things are. */
export const noBarrels: Rule = fileRule('no-barrels', isCode, (file, report) => {
  const { body } = parse(file).program;
  const isReExport = (node: ESTree.Statement | ESTree.Directive) =>
    node.type === 'ExportAllDeclaration' ||
    (node.type === 'ExportNamedDeclaration' && node.declaration === null);
  const rest = body.filter((node) => !isReExport(node) && node.type !== 'ImportDeclaration');
  if (rest.length === 0 && body.some(isReExport)) {
    report(0, 'only re-exports: delete it and import each name from the file that declares it');
  }
});

/**
 * Every export outside the tests has a doc comment directly above it. Re-exports from another file need none;
 * of overloads the first one carries it.
 */
export const docComments: Rule = fileRule(
  'doc-comments',
  (path) => isCode(path) && !isTest(path) && !path.endsWith('.d.ts'),
  (file, report) => {
    const { body } = parse(file).program;
    const documented = new Set<string>();
    for (const node of body) {
      const imported = node.type === 'ImportDeclaration' ? node.specifiers : [];
      for (const each of imported) documented.add(each.local.name);
      if (hasDoc(file, node)) for (const name of declaredNames(node)) documented.add(name);
    }
    for (const node of body) {
      if (node.type === 'ExportDefaultDeclaration') {
        if (!hasDoc(file, node))
          report(node.start, 'default export without a doc comment: add one');
        continue;
      }
      if (node.type !== 'ExportNamedDeclaration' || node.source !== null) continue;
      for (const name of exportedNames(node)) {
        if (documented.has(name)) continue;
        documented.add(name);
        report(node.start, `export ${name} has no doc comment: say in one sentence what it is`);
      }
    }
  },
);

function exportedNames(node: ESTree.ExportNamedDeclaration): string[] {
  const listed = node.specifiers.map((each) => nameOf(each.local));
  return [...declaredNames(node), ...listed];
}

function declaredNames(node: ESTree.Statement | ESTree.Directive): string[] {
  const inner = node.type === 'ExportNamedDeclaration' ? node.declaration : node;
  if (inner?.type === 'VariableDeclaration') {
    return inner.declarations.map((each) => nameOf(each.id) || 'of a pattern');
  }
  const name = inner !== null && 'id' in inner ? nameOf(inner.id) : '';
  return name === '' ? [] : [name];
}

function hasDoc(file: File, node: ESTree.Span): boolean {
  const before = parse(file).comments.filter((comment) => comment.end <= node.start);
  const doc = before.findLast((comment) => comment.type === 'Block' && comment.value[0] === '*');
  if (doc === undefined) return false;
  const between = file.text.slice(doc.end, node.start);
  return between.replace(/\/\/.*|\/\*[\s\S]*?\*\//g, '').trim() === '';
}

/** The core and the adapters report by Telemetry; they never print and never read the environment. */
export const quietCore: Rule = fileRule(
  'quiet-core',
  (path) => isCode(path) && isIn(path, 'core', 'adapters') && !isTest(path),
  (file, report) => {
    visit(file, {
      MemberExpression(node) {
        if (node.object.type !== 'Identifier') return;
        const name = node.object.name;
        if (name === 'console') report(node.start, 'console: report by the Telemetry port');
        if (name === 'process' && /^(env|argv|exit)$/.test(nameOf(node))) {
          report(node.start, `process.${nameOf(node)}: take it as a value from the composition`);
        }
      },
    });
  },
);

const units =
  'Bytes|Events|Records|Rows|Pages|Entries|Depth|Outputs|Seconds|Ms|Minutes|Hours|Days|Parts|Lines|' +
  'Characters|Digits|Views|Batches|Items|Requests|Attempts|Connections|Partitions|Buckets|Ids|Keys|' +
  'Percent';

/** A limit is named thing, unit, then Max or Min: `entryBytesMax`, never `maxEntryBytes` nor `entryMax`. */
export const unitsLast: Rule = fileRule('units-last', isCode, (file, report) => {
  const reversed = new RegExp(`^(max|min|MAX_|MIN_)(imum)?\\w*(${units}|Size|Length|Count)$`, 'i');
  const unitLast = new RegExp(`(${units})(Max|Min)?$`);
  const declared = (node: { readonly type: string; readonly start: number }, name: string) => {
    if (!reversed.test(name) || !/^(max|min)([A-Z]|imum[A-Z]|_)|^(MAX|MIN)_/.test(name)) return;
    report(node.start, `${name}: name a limit thing, unit, Max, such as entryBytesMax`);
  };
  visit(file, {
    VariableDeclarator(node) {
      if (node.id.type === 'Identifier') declared(node, node.id.name);
    },
    TSPropertySignature(node) {
      if (node.key.type === 'Identifier') declared(node, node.key.name);
    },
    PropertyDefinition(node) {
      if (node.key.type === 'Identifier') declared(node, node.key.name);
    },
    TSInterfaceDeclaration(node) {
      if (node.id.name !== 'Limits') return;
      for (const member of node.body.body) {
        if (member.type !== 'TSPropertySignature' || member.key.type !== 'Identifier') continue;
        if (unitLast.test(member.key.name)) continue;
        report(member.start, `limit ${member.key.name}: end its name in a unit, then Max or Min`);
      }
    },
  });
});

/**
 * A class that implements a port lives in `<service>-<port>.ts`, and a file of such a name holds one. What adapters
 * share beside that (errors.ts, a database handle) has a plain name in lower case with hyphens.
 */
export const adapterNames: Rule = {
  name: 'adapter-names',
  check(files) {
    const ports = files
      .map((file) => /^core\/ports\/(.+)\.ts$/.exec(file.path)?.[1])
      .filter((port) => port !== undefined);
    const isAdapter = (path: string) => /^adapters\/[^/]+\/.+\.ts$/.test(path) && !isTest(path);
    return files.filter((file) => isAdapter(file.path)).flatMap((file) => misnamed(file, ports));
  },
};

function misnamed(file: File, ports: readonly string[]): Finding[] {
  const findings: Finding[] = [];
  const report = (offset: number, message: string) =>
    findings.push({ path: file.path, line: lineAt(file.text, offset), message });
  const name = file.path.replace(/^.*\//, '').replace(/\.ts$/, '');
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) report(0, 'name it in lower case with hyphens');
  const held = new Set<string>();
  visit(file, {
    ClassDeclaration(node) {
      const parent = `-${nameOf(node.superClass)
        .replace(/(?<=.)[A-Z]/g, '-$&')
        .toLowerCase()}`;
      const port = ports.find((each) => parent.endsWith(`-${each}`));
      if (port === undefined) return;
      held.add(port);
      if (name.endsWith(`-${port}`)) return;
      report(node.start, `an adapter of ${port} lives in <service>-${port}.ts: rename or move it`);
    },
  });
  const promised = ports.find((port) => name.endsWith(`-${port}`));
  if (promised !== undefined && !held.has(promised)) {
    report(0, `it holds no adapter of ${promised}: rename it`);
  }
  return findings;
}
