import { describe, expect, it } from 'vitest';
import { called } from '../aws/expected-actions.ts';
import { adapterSets } from './adapter-sets.ts';
import { adapterActions } from './aws-access.ts';
import { runContracts } from './contracts.ts';

runContracts(adapterSets.aws);

describe('what the adapters ask of AWS', () => {
  /** What the ports offer and no function uses: mappings take from queues. */
  const unused = ['sqs:ReceiveMessage', 'sqs:DeleteMessage'];

  it('is what the functions have rights to, all of it and nothing else', () => {
    const rights = Object.values(called).flat();
    const actions = new Set(rights.map((right) => right.replace(/ on .*/, '')));
    expect([...adapterActions].sort()).toEqual([...actions, ...unused].sort());
  });
});
