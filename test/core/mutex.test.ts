import { expect, test } from 'vitest';
import { Mutex } from '../../core/mutex.ts';

/** A call that ends when it is told to, and says when it began. */
function held(log: string[], name: string) {
  let release: (error?: Error) => void = () => undefined;
  const done = new Promise<void>((resolve, reject) => {
    release = (error) => (error ? reject(error) : resolve());
  });
  const call = async () => {
    log.push(`${name} begins`);
    await done;
    log.push(`${name} ends`);
    return name;
  };
  return { call, release };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('calls of one name run one after the other, in their order', async () => {
  const log: string[] = [];
  const mutex = new Mutex();
  const [a, b, c] = ['a', 'b', 'c'].map((name) => held(log, name));
  const all = [a, b, c].map((one) => mutex.run('x', one!.call));
  c!.release();
  b!.release();
  await turn();
  expect(log).toEqual(['a begins']);
  a!.release();
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c']);
  expect(log).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]));
});

test('calls of other names do not wait', async () => {
  const log: string[] = [];
  const mutex = new Mutex();
  const [a, b] = ['a', 'b'].map((name) => held(log, name));
  const first = mutex.run('x', a!.call);
  b!.release();
  expect(await mutex.run('y', b!.call)).toBe('b');
  a!.release();
  expect(await first).toBe('a');
});

test('one that fails fails alone, and the next one runs', async () => {
  const log: string[] = [];
  const mutex = new Mutex();
  const [a, b] = ['a', 'b'].map((name) => held(log, name));
  const first = mutex.run('x', a!.call);
  const second = mutex.run('x', b!.call);
  const error = new Error('broken');
  a!.release(error);
  b!.release();
  await expect(first).rejects.toBe(error);
  expect(await second).toBe('b');
  expect(await mutex.run('x', async () => 'later')).toBe('later');
});
