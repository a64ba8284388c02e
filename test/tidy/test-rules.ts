import type { ESTree } from 'rolldown/utils';
import { fileRule, isCode, isTest, nameOf, type Rule, rootOf, visit } from './source.ts';

const isTestCode = (path: string): boolean => isCode(path) && isTest(path);

/** No test is skipped, focused or promised for later: what can't run here fails here. */
export const noSkippedTests: Rule = fileRule('no-skipped-tests', isTestCode, (file, report) => {
  const runners = /^(describe|suite|test|it|bench|context|ctx|task)$/;
  const modes = /^(skip|skipIf|runIf|todo|only|fails)$/;
  const advice = 'make the test run and pass, or delete it; a missing emulator is a failure';
  visit(file, {
    MemberExpression(node) {
      if (modes.test(nameOf(node)) && runners.test(rootOf(node))) {
        report(node.start, `${rootOf(node)}.${nameOf(node)}: ${advice}`);
      }
    },
    CallExpression(node) {
      const name = rootOf(node.callee);
      if (/^(xit|xtest|xdescribe|fit|fdescribe)$/.test(name))
        report(node.start, `${name}: ${advice}`);
      if (!runners.test(name)) return;
      for (const argument of node.arguments) checkArgument(argument);
    },
  });

  function checkArgument(argument: ESTree.Argument): void {
    const isFunction = /Function/.test(argument.type);
    const pattern = isFunction && 'params' in argument ? argument.params[0] : argument;
    if (pattern?.type !== 'ObjectPattern' && pattern?.type !== 'ObjectExpression') return;
    for (const property of pattern.properties) {
      if (property.type !== 'Property' || !modes.test(nameOf(property.key))) continue;
      report(property.start, `${nameOf(property.key)}: ${advice}`);
    }
  }
});

/**
 * No test sleeps: it waits for what it waits for, or drives a clock of its own. In a test a timer may only cut
 * something off, so the callback of setTimeout and setInterval is written in place and rejects, aborts, kills,
 * closes or throws. Reported: any other timer, timers/promises (setImmediate aside), promisify(setTimeout),
 * Atomics.wait. Not reported: a poll with an expectation (expect.poll, vi.waitFor) and a Clock made for tests.
 */
export const noSleepingTests: Rule = fileRule('no-sleeping-tests', isTestCode, (file, report) => {
  const advice = 'wait for the event itself, or use a clock the test owns';
  visit(file, {
    ImportDeclaration(node) {
      if (!/^(node:)?timers\/promises$/.test(node.source.value)) return;
      for (const each of node.specifiers) {
        if (each.type === 'ImportSpecifier' && nameOf(each.imported) === 'setImmediate') continue;
        report(each.start, `timers/promises: ${advice}`);
      }
    },
    CallExpression(node) {
      const name = nameOf(node.callee);
      const root = rootOf(node.callee);
      if (name === 'wait' && root === 'Atomics') report(node.start, `Atomics.wait: ${advice}`);
      const first = node.arguments[0];
      if (first === undefined) return;
      if (name === 'promisify' && nameOf(first) === 'setTimeout') {
        report(node.start, `promisify(setTimeout): ${advice}`);
      }
      if (/^(setTimeout|setInterval)$/.test(name) && root !== 'vi' && !cutsOff(first)) {
        report(node.start, `${name}: ${advice}; a timer in a test may only reject, abort or kill`);
      }
    },
  });

  function cutsOff(callback: ESTree.Argument): boolean {
    if (!/Function/.test(callback.type)) return false;
    const text = file.text.slice(callback.start, callback.end);
    return /\b(reject|abort|kill|close|destroy|fail)\w*\(|\bthrow\b/.test(text);
  }
});
