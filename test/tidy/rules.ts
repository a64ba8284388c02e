import { arrowInwards } from './arrow-rule.ts';
import {
  adapterNames,
  docComments,
  functionLength,
  noBarrels,
  parses,
  quietCore,
  unitsLast,
} from './code-rules.ts';
import type { Rule } from './source.ts';
import { noSkippedTests, noSleepingTests } from './test-rules.ts';
import {
  decisionRecords,
  exactVersions,
  fileLength,
  finalNewline,
  lineLength,
  lockWithoutHosts,
  noLeftovers,
  noMachinePaths,
  plainNames,
  shortContributing,
} from './text-rules.ts';

/** Every rule of the house; samples.ts shows for each one what it refuses and what it lets pass. */
export const rules: readonly Rule[] = [
  parses,
  fileLength,
  functionLength,
  lineLength,
  finalNewline,
  plainNames,
  noBarrels,
  docComments,
  arrowInwards,
  quietCore,
  unitsLast,
  adapterNames,
  noSkippedTests,
  noSleepingTests,
  noLeftovers,
  noMachinePaths,
  exactVersions,
  lockWithoutHosts,
  decisionRecords,
  shortContributing,
];
