import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Call } from './fixture/report.ts';
import { type Stage, setScene, startStage } from './fixture/stage.ts';
import type { Fault } from './functions/faults.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.stop());

const positionsOf = (calls: readonly Call[]) => calls.map((call) => call.given['positions']);

describe('an Event Hubs function', () => {
  it.each(['number', 'text', 'halves'] as const)(
    'gets whatever was sent, with its metadata, sequence numbers as %s',
    async (form) => {
      const { control, send, host } = await setScene(stage);
      await send('0', [{ a: 1 }, Buffer.from(''), Buffer.from('not JSON'), Buffer.from([0, 255])]);
      const before = Date.now();
      const { events } = await host({ sequenceNumberForm: form });
      const { sequenceNumber, partition } = await events.until('checkpoint');
      expect({ sequenceNumber, partition }).toEqual({ sequenceNumber: 3, partition: '0' });
      const { given } = control.calls[0]!;
      expect(given).toMatchObject({
        ...{ partition: '0', positions: [0, 1, 2, 3], keys: ['', '', '', ''] },
        bodies: ['{"a":1}', '', 'not JSON', '\0\u00ff'],
      });
      for (const arrival of given['arrivals'] as number[]) {
        expect(Math.abs(arrival - before)).toBeLessThan(60_000);
      }
      const { sequenceNumberArray, partitionKeyArray } = given['triggerMetadata'] as {
        sequenceNumberArray: unknown[];
        partitionKeyArray: unknown[];
      };
      const third = { number: 2, text: '2', halves: { low: 2, high: 0, unsigned: false } };
      expect(sequenceNumberArray[2]).toEqual(third[form]);
      // Empty keys are not there at all: this array doesn't line up with the events.
      expect(partitionKeyArray).toEqual([]);
    },
  );

  it('gets batches up to the size of host.json, and goes on after a restart where it was', async () => {
    const { control, send, host } = await setScene(stage);
    await send('0', ['a', 'b', 'c', 'd', 'e']);
    const first = await host({}, { maxEventBatchSize: 2 });
    await first.events.until('checkpoint', ({ sequenceNumber }) => sequenceNumber === 4);
    expect(positionsOf(control.calls)).toEqual([[0, 1], [2, 3], [4]]);
    await first.host.stop();
    await send('0', ['f']);
    const second = await host();
    await second.events.until('checkpoint');
    expect(positionsOf(control.calls.slice(3))).toEqual([[5]]);
  });

  it('checkpoints every few batches, if host.json says so', async () => {
    const { send, host } = await setScene(stage);
    await send('0', Array(10).fill('x'));
    const { events } = await host({}, { maxEventBatchSize: 1, batchCheckpointFrequency: 4 });
    await events.until('invocation', () => true, 10);
    expect(events.of('checkpoint').map((each) => each.sequenceNumber)).toEqual([3, 7]);
  });

  it('without a data type fails whole batches for one body that is not JSON', async () => {
    const { control, send, host } = await setScene(stage);
    await send('0', ['1', Buffer.from('not JSON')]);
    const { events } = await host({ retries: false, settings: { DATA_TYPE: 'undefined' } });
    await events.until('checkpoint');
    expect(control.calls).toEqual([]);
    expect(events.of('invocation')[0]!.error).toMatch(/JSON/);
  });
});

describe('the trap: a checkpoint moves whether the function succeeded or not', () => {
  const faults: Fault['kind'][] = ['fail-before', 'fail-after', 'time-out', 'kill'];

  it.each(faults)('without a retry policy %s loses the batch', async (kind) => {
    const { control, send, host } = await setScene(stage);
    const { host: running, events } = await host({ retries: false });
    running.inject({ kind, functionName: 'process' });
    await send('0', ['a', 'b']);
    await events.until('checkpoint', ({ sequenceNumber }) => sequenceNumber === 1);
    expect(events.of('invocation')[0]!.error).not.toBeNull();
    await send('0', ['c']);
    await events.until('checkpoint', ({ sequenceNumber }) => sequenceNumber === 2);
    expect(positionsOf(control.calls).at(-1)).toEqual([2]);
    expect((await running.hub('process').checkpoints.checkpoints()).get('0')).toMatchObject({
      sequenceNumber: 2,
    });
  });

  it.each(['throw', 'float'] as const)('without a retry policy %s does too', async (outcome) => {
    const { control, send, host } = await setScene(stage);
    control.onCall = () => ({ outcome });
    const { events } = await host({ retries: false });
    await send('0', ['a']);
    await events.until('checkpoint');
    expect(events.of('invocation')[0]!.error).not.toBeNull();
  });

  it.each([...faults])(
    'a policy without end delivers the batch again after %s, until it succeeds',
    async (kind) => {
      const { control, send, host } = await setScene(stage);
      const { host: running, events } = await host();
      running.inject({ kind, partition: '0' });
      running.inject({ kind, partition: '0' });
      running.inject({ kind, partition: '1' });
      await send('0', ['a', 'b']);
      await events.until('checkpoint');
      const attempts = events
        .of('invocation')
        .map(({ attempt, error }) => [attempt, error === null]);
      expect(attempts).toEqual([
        [1, false],
        [2, false],
        [3, true],
      ]);
      expect(events.of('retry').map(({ failures }) => failures)).toEqual([1, 2]);
      const { given, retryCount } = control.calls.at(-1)!;
      expect({ positions: given['positions'], retryCount }).toEqual({
        positions: [0, 1],
        retryCount: 2,
      });
      expect(events.of('checkpoint')).toHaveLength(1);
    },
  );

  it('a policy with an end ends in loss', async () => {
    const { control, send, host } = await setScene(stage);
    control.onCall = () => ({ outcome: 'throw' });
    const { events } = await host({ settings: { RETRIES: '2' } });
    await send('0', ['a']);
    await events.until('checkpoint');
    expect(control.calls.map(({ retryCount }) => retryCount)).toEqual([0, 1, 2]);
  });
});

describe('the worker', () => {
  it('takes all that is in flight with it when a rejection is handled by nobody', async () => {
    const { control, send, host } = await setScene(stage, 2);
    const both = Promise.withResolvers<void>();
    control.onCall = async ({ given }) => {
      if (control.calls.length > 2) return { outcome: 'succeed' };
      if (control.calls.length === 2) both.resolve();
      await both.promise;
      return { outcome: given['partition'] === '0' ? 'float' : 'succeed' };
    };
    const { events } = await host();
    await send('0', ['a']);
    await send('1', ['b']);
    await events.until('checkpoint', () => true, 2);
    const ends = events.of('worker').map(({ state }) => state);
    expect(ends).toEqual(['started', 'ended', 'started']);
    expect(events.of('log').some(({ message }) => message.includes('Nobody handles this'))).toBe(
      true,
    );
    const workers = control.calls.map(({ workerId }) => workerId);
    expect(workers[0]).toBe(workers[1]);
    expect(workers.at(-1)).not.toBe(workers[0]);
  });

  it('is ended when a function takes longer than functionTimeout', async () => {
    const { control, send, host } = await setScene(stage);
    control.onCall = async () => {
      if (control.calls.length === 1) await new Promise(() => {});
      return { outcome: 'succeed' };
    };
    const hostJson = { version: '2.0', functionTimeout: '00:00:02' };
    const { events } = await host({ hostJson });
    await send('0', ['a']);
    await events.until('checkpoint');
    expect(events.of('invocation')[0]!.error).toContain('Timeout value of 2000 ms');
    expect(control.calls.map(({ retryCount }) => retryCount)).toEqual([0, 1]);
  });

  it('that can not be started is told at once', async () => {
    const { host } = await setScene(stage);
    const app = new URL('fixture/no-such-app.ts', import.meta.url).pathname;
    await expect(host({ app })).rejects.toThrow('no-such-app');
    await expect(host({ settings: { TICK: 'often' } })).rejects.toThrow('often');
  });
});
