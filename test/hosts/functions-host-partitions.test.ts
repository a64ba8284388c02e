import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Control } from './fixture/control.ts';
import { type Stage, setScene, startStage } from './fixture/stage.ts';
import { CheckpointBlobs, type Ownership } from './functions/checkpoint-blobs.ts';
import { aborted } from './wait.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.stop());

const positionsOf = ({ calls }: Control) => calls.map((call) => call.given['positions']);

/** Holds the first call of the function until it is released. */
function holdFirst(control: Control): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  control.onCall = async () => {
    if (control.calls.length === 1) await promise;
    return { outcome: 'succeed' };
  };
  return resolve;
}

describe('a partition that another host takes', () => {
  it('has two owners for a while; the first one sees it and withholds its checkpoint', async () => {
    const { control, send, host } = await setScene(stage);
    const release = holdFirst(control);
    await send('0', ['a', 'b']);
    const first = await host();
    await control.until();
    const second = await host();
    await second.host.hub('process').steal('0');
    await second.events.until('checkpoint');
    expect(positionsOf(control)).toEqual([
      [0, 1],
      [0, 1],
    ]);
    await first.host.hub('process').balance();
    await first.events.until('ownership', ({ state }) => state === 'lost');
    release();
    await first.events.until('invocation');
    await send('0', ['c']);
    await second.events.until('checkpoint', ({ sequenceNumber }) => sequenceNumber === 2);
    expect(first.events.of('checkpoint')).toEqual([]);
    expect(first.host.hub('process').partitions).toEqual([]);
    expect(positionsOf(control)).toHaveLength(3);
  });

  it('may be set back by the first one, which has not seen it yet', async () => {
    const { control, send, host } = await setScene(stage);
    const release = holdFirst(control);
    await send('0', ['a']);
    const first = await host();
    await control.until();
    const second = await host();
    await second.host.hub('process').steal('0');
    await second.events.until('checkpoint');
    await send('0', ['b']);
    await second.events.until('checkpoint', ({ sequenceNumber }) => sequenceNumber === 1);
    release();
    await first.events.until('checkpoint');
    const checkpoints = await second.host.hub('process').checkpoints.checkpoints();
    expect(checkpoints.get('0')).toMatchObject({ sequenceNumber: 0 });
    // It sees it as soon as it reads on.
    await first.events.until('ownership', ({ state }) => state === 'lost');
    await send('0', ['c']);
    await second.events.until('checkpoint', ({ sequenceNumber }) => sequenceNumber === 2);
    expect(first.events.of('checkpoint')).toHaveLength(1);
  });

  it('is seen at once by a first one that waits for events', async () => {
    const { send, host } = await setScene(stage);
    await send('0', ['a']);
    const first = await host();
    await first.events.until('checkpoint');
    const second = await host();
    await second.host.hub('process').steal('0');
    await first.events.until('ownership', ({ state }) => state === 'lost');
    expect(first.events.of('trouble')).toEqual([]);
  });

  it('is one of an equal share for each host', async () => {
    const { send, host } = await setScene(stage, 4);
    const first = await host();
    expect(first.host.hub('process').partitions).toEqual(['0', '1', '2', '3']);
    const second = await host();
    expect(second.host.hub('process').partitions).toHaveLength(2);
    await first.host.hub('process').balance();
    const shares = [first, second].map(({ host }) => host.hub('process').partitions);
    expect(shares.flat().sort()).toEqual(['0', '1', '2', '3']);
    for (const partition of ['0', '1', '2', '3']) await send(partition, ['x']);
    await first.events.until('checkpoint', () => true, 2);
    await second.events.until('checkpoint', () => true, 2);
    const processed = [first, second].map(({ events }) =>
      events
        .of('checkpoint')
        .map(({ partition }) => partition)
        .sort(),
    );
    expect(processed).toEqual(shares);
  });
});

describe('a host that ends', () => {
  it('finishes its batch without a checkpoint and gives up its partitions', async () => {
    const { control, send, host } = await setScene(stage);
    const release = holdFirst(control);
    await send('0', ['a']);
    const first = await host();
    await control.until();
    const stopped = first.host.stop();
    const second = await host();
    expect(second.host.hub('process').partitions).toEqual([]);
    release();
    await stopped;
    expect(first.events.of('invocation')).toMatchObject([{ error: null }]);
    expect(first.events.of('checkpoint')).toEqual([]);
    expect(first.events.of('ownership').map(({ state }) => state)).toEqual([
      'claimed',
      'relinquished',
    ]);
    await second.host.hub('process').balance();
    await second.events.until('checkpoint');
    expect(positionsOf(control)).toEqual([[0], [0]]);
  });

  it('finishes no batch that fails: what it was given comes again', async () => {
    const { control, send, host } = await setScene(stage);
    control.onCall = () => ({ outcome: control.calls.length === 1 ? 'throw' : 'succeed' });
    await send('0', ['a']);
    // It waits for its retry until it is stopped.
    const first = await host({ wait: (_, signal) => aborted(signal) });
    await first.events.until('retry');
    await first.host.stop();
    expect(first.events.of('checkpoint')).toEqual([]);
    const second = await host();
    await second.events.until('checkpoint');
    expect(positionsOf(control)).toEqual([[0], [0]]);
  });

  it('in a crash gives nothing up, and writes nothing more', async () => {
    const { control, send, host } = await setScene(stage);
    holdFirst(control);
    await send('0', ['a']);
    const first = await host();
    await control.until();
    await first.host.kill();
    expect(first.events.of('checkpoint')).toEqual([]);
    const second = await host();
    expect(second.host.hub('process').partitions).toEqual([]);
  });

  it('has lost its partitions when its last claim is old', async () => {
    const { control, send, host } = await setScene(stage);
    // The store dates the claims of the first host.
    await stage.azurite.advance(-130_000);
    holdFirst(control);
    await send('0', ['a']);
    const first = await host();
    await control.until();
    await first.host.kill();
    await stage.azurite.advance(130_000);
    const second = await host();
    await second.events.until('checkpoint');
    expect(positionsOf(control)).toEqual([[0], [0]]);
  });
});

describe('checkpoints in the store', () => {
  it('have the names and the metadata of the extension', async () => {
    const { send, host, hub, checkpointContainer } = await setScene(stage);
    await send('0', ['a']);
    const { events } = await host();
    await events.until('checkpoint');
    const found: unknown[] = [];
    const prefix = `127.0.0.1/${hub}/process/`;
    const options = { prefix, includeMetadata: true };
    for await (const { name, metadata } of checkpointContainer.listBlobsFlat(options)) {
      found.push([name.slice(prefix.length), Object.keys(metadata ?? {}).sort()]);
    }
    expect(found).toEqual([
      ['checkpoint/0', ['offset', 'sequencenumber']],
      ['ownership/0', ['ownerid']],
    ]);
  });

  it('have one owner, of any number of hosts that claim at once', async () => {
    const { hub, checkpointContainer } = await setScene(stage);
    await checkpointContainer.createIfNotExists();
    const blobs = new CheckpointBlobs(checkpointContainer, 'namespace', hub, 'group');
    const race = async (known: Ownership | null) => {
      const names = Array.from({ length: 16 }, (_, index) => `host-${index}`);
      const claimed = await Promise.all(names.map((name) => blobs.claim('0', name, known)));
      expect(claimed.filter(Boolean)).toHaveLength(1);
      expect((await blobs.owners()).get('0')!.ownerId).toBe(names[claimed.indexOf(true)]);
    };
    await race(null);
    const known = (await blobs.owners()).get('0')!;
    await race(known);
    expect(await blobs.claim('0', 'late', known)).toBe(false);
    expect(await blobs.claim('0', 'late', null)).toBe(false);
  });

  it('that were lost deliver the batch again', async () => {
    const { control, send, host } = await setScene(stage);
    await send('0', ['a']);
    const first = await host();
    first.host.inject({ kind: 'lose-checkpoint' });
    await first.events.until('checkpoint', ({ written }) => !written);
    await first.host.stop();
    const second = await host();
    await second.events.until('checkpoint', ({ written }) => written);
    expect(positionsOf(control)).toEqual([[0], [0]]);
  });

  it('that are too far ahead skip events, too far behind repeat them, and beyond the end are a trouble', async () => {
    const { control, send, host } = await setScene(stage);
    await send('0', ['a', 'b', 'c', 'd']);
    const first = await host({}, { maxEventBatchSize: 1 });
    await first.events.until('checkpoint', ({ sequenceNumber }) => sequenceNumber === 3);
    const { checkpoints } = first.host.hub('process');
    const offsets = control.calls.map(({ given }) => {
      const { systemPropertiesArray } = given['triggerMetadata'] as {
        systemPropertiesArray: { offset: string }[];
      };
      return systemPropertiesArray[0]!.offset;
    });
    await first.host.stop();
    await checkpoints.writeCheckpoint('0', { sequenceNumber: 1, offset: offsets[1]! });
    const second = await host();
    await second.events.until('checkpoint');
    expect(positionsOf(control).slice(4)).toEqual([[2, 3]]);
    await second.host.stop();
    await checkpoints.writeCheckpoint('0', { sequenceNumber: 99, offset: '99999999' });
    const third = await host();
    const { message } = await third.events.until('trouble');
    expect(message).toContain('offset');
  });
});

describe('a partition that is paused', () => {
  it('gets its batch when it is resumed', async () => {
    const { control, send, host } = await setScene(stage, 2);
    const { host: running, events } = await host();
    running.hub('process').pause('0');
    await send('0', ['a']);
    await send('1', ['b']);
    await events.until('checkpoint', ({ partition }) => partition === '1');
    expect(control.calls.map(({ given }) => given['partition'])).toEqual(['1']);
    running.hub('process').resume('0');
    await events.until('checkpoint', ({ partition }) => partition === '0');
  });
});
