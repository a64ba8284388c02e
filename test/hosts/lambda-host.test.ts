import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InvocationFaultKind } from './lambda/lambda-faults.ts';
import type { InvocationResult } from './lambda/lambda-function.ts';
import { type LambdaStage, startLambdaScene, startLambdaStage } from './lambda-fixture/stage.ts';

let stage: LambdaStage;
beforeAll(async () => {
  stage = await startLambdaStage();
});
afterAll(() => stage.stop());

const given = ({ payload }: InvocationResult) => JSON.parse(payload.toString());

describe('a function', () => {
  it('gets its event, its context and its surroundings', async () => {
    const own = { environment: { OWN: 'yes' }, memoryMegabytes: 256, timeoutSeconds: 20 };
    const { host, control } = await startLambdaScene(stage, { functions: { app: own } });
    control.onCall = () => ({ answer: { a: [1, null] } });
    const { requestId, ...result } = await host.invoke('app', { hello: 'wörld' });
    expect(given({ requestId, ...result })).toEqual({ a: [1, null] });
    expect(result.functionError).toBeNull();
    const { event, context, env } = control.calls[0]!;
    expect(event).toEqual({ hello: 'wörld' });
    const arn = 'arn:aws:lambda:us-east-1:000000000000:function:app';
    expect(context).toMatchObject({
      ...{ awsRequestId: requestId, functionName: 'app', functionVersion: '$LATEST' },
      ...{ invokedFunctionArn: arn, memoryLimitInMB: '256', logGroupName: '/aws/lambda/app' },
      callbackWaitsForEmptyEventLoop: true,
    });
    expect(context['remainingMs']).toBeLessThanOrEqual(20_000);
    expect(context['remainingMs']).toBeGreaterThan(0);
    expect(env).toMatchObject({
      ...{ OWN: 'yes', AWS_REGION: 'us-east-1', AWS_LAMBDA_FUNCTION_NAME: 'app' },
      ...{ _HANDLER: 'app.handle', LAMBDA_TASK_ROOT: join(import.meta.dirname, 'lambda-fixture') },
    });
  });

  it('that gives nothing answers null', async () => {
    const { host } = await startLambdaScene(stage);
    expect(given(await host.invoke('app', {}))).toBeNull();
  });

  it('runs in one sandbox as long as that is free, and in as many as it is allowed at once', async () => {
    const functions = { app: { concurrency: 2 } };
    const { host, control, events } = await startLambdaScene(stage, { functions });
    for (let i = 0; i < 3; i += 1) await host.invoke('app', i);
    expect(new Set(control.calls.map(({ pid }) => pid)).size).toBe(1);
    const release = Promise.withResolvers<void>();
    control.onCall = () => release.promise.then(() => ({}));
    const both = [host.invoke('app', 3), host.invoke('app', 4)];
    await control.until(() => true, 5);
    await expect(host.invoke('app', 5)).rejects.toMatchObject({ code: 'throttled' });
    release.resolve();
    await Promise.all(both);
    expect(host.sandboxes('app')).toBe(2);
    expect(events.of('sandbox').map(({ state }) => state)).toEqual(['started', 'started']);
  });

  it('writes lines, one per entry', async () => {
    const { host, control, events } = await startLambdaScene(stage);
    control.onCall = () => ({ log: 'first\nsecond' });
    const { requestId } = await host.invoke('app', {});
    const { message } = await events.until('log');
    expect(message.replace(/^[^\t]+/, 'time')).toBe(`time\t${requestId}\tINFO\tfirst\rsecond`);
  });

  it('may take and give up to the limit of a payload, and no more', async () => {
    const { host, control } = await startLambdaScene(stage);
    const limit = 6_291_556;
    const full = 'x'.repeat(limit - 2);
    control.onCall = ({ event }) => ({ answer: event });
    expect(given(await host.invoke('app', full))).toBe(full);
    await expect(host.invoke('app', `${full}x`)).rejects.toMatchObject({ code: 'too-large' });
    control.onCall = () => ({ answer: `${full}x` });
    const { functionError, ...result } = await host.invoke('app', {});
    expect(functionError).toBe('Unhandled');
    expect(given({ functionError, ...result }).errorType).toBe('Function.ResponseSizeTooLarge');
  });
});

describe('a function that fails', () => {
  it('tells the error, and its sandbox lives on', async () => {
    const { host, control, events } = await startLambdaScene(stage);
    control.onCall = () => ({ does: 'throw' });
    const result = await host.invoke('app', {});
    expect(result.functionError).toBe('Unhandled');
    expect(given(result)).toMatchObject({
      ...{ errorType: 'RangeError', errorMessage: 'As the test said.' },
      trace: expect.arrayContaining(['RangeError: As the test said.']),
    });
    control.onCall = () => ({});
    expect((await host.invoke('app', {})).functionError).toBeNull();
    expect(control.calls[0]!.pid).toBe(control.calls[1]!.pid);
    const [failed, succeeded] = events.of('invocation').map(({ error }) => error);
    expect([failed, succeeded]).toEqual(['RangeError: As the test said.', null]);
  });

  it.each([
    ['exit', 'Runtime.ExitError', /exit status 3/],
    ['float', 'Runtime.UnhandledPromiseRejection', /Nobody handles this/],
  ] as const)('by %s loses its sandbox', async (does, errorType, message) => {
    const { host, control, events } = await startLambdaScene(stage);
    control.onCall = () => ({ does });
    const result = await host.invoke('app', {});
    expect(given(result)).toMatchObject({ errorType });
    expect(given(result).errorMessage).toMatch(message);
    await events.until('sandbox', ({ state }) => state === 'ended');
    control.onCall = () => ({});
    expect((await host.invoke('app', {})).functionError).toBeNull();
    expect(control.calls[0]!.pid).not.toBe(control.calls[1]!.pid);
  });

  it('by taking too long is ended with its sandbox', async () => {
    const functions = { app: { timeoutSeconds: 2 } };
    const { host, control, events } = await startLambdaScene(stage, { functions });
    control.onCall = () => ({ does: 'hang' });
    const result = await host.invoke('app', {});
    expect(given(result)).toMatchObject({ errorType: 'Sandbox.Timedout' });
    expect(given(result).errorMessage).toContain('Task timed out after 2.00 seconds');
    expect(events.of('sandbox').at(-1)!.state).toBe('ended');
  });

  it.each([
    ['app.nothing', 'Runtime.HandlerNotFound'],
    ['app.constant', 'Runtime.HandlerNotFound'],
    ['nowhere.handle', 'Runtime.ImportModuleError'],
    ['app.old', 'Runtime.CallbackHandlerDeprecated'],
  ])('to load, as %s, tells so whenever it is invoked', async (handler, errorType) => {
    const { host } = await startLambdaScene(stage, { functions: { app: { handler } } });
    for (let i = 0; i < 2; i += 1) {
      expect(given(await host.invoke('app', {}))).toMatchObject({ errorType });
    }
  });
});

describe('an injected fault', () => {
  /** What the caller hears: a function error, or that the service failed; and whether the function ran. */
  const outcomes: Readonly<Record<InvocationFaultKind, readonly [string, boolean]>> = {
    'fail-before': ['service', false],
    'fail-after': ['function', true],
    'time-out': ['function', true],
    kill: ['function', true],
    'lose-response': ['service', true],
  };

  it.each(Object.entries(outcomes))('of kind %s strikes once', async (kind, [caller, runs]) => {
    const { host, control, events } = await startLambdaScene(stage);
    await host.invoke('app', 'warm');
    if (kind === 'kill' || kind === 'time-out') {
      control.onCall = ({ event }) => (event === 1 ? { does: 'hang' } : {});
    }
    host.inject({ kind: kind as InvocationFaultKind, functionName: 'app' });
    const heard = await host.invoke('app', 1).then(
      ({ functionError }) => (functionError === null ? 'success' : 'function'),
      ({ code }) => (code === 'unavailable' ? 'service' : code),
    );
    expect(heard).toBe(caller);
    const { fault } = await events.until('fault');
    expect(fault).toBe(kind);
    const ended = events.of('sandbox').some(({ state }) => state === 'ended');
    expect(ended).toBe(kind === 'kill' || kind === 'time-out');
    // One that was ended may not have come as far as to tell.
    if (!ended) expect(control.calls.some(({ event }) => event === 1)).toBe(runs);
    expect((await host.invoke('app', 2)).functionError).toBeNull();
  });

  it('strikes only the function that it names', async () => {
    const { host } = await startLambdaScene(stage, { functions: { a: {}, b: {} } });
    host.inject({ kind: 'fail-after', functionName: 'b' });
    expect((await host.invoke('a', {})).functionError).toBeNull();
    expect((await host.invoke('b', {})).functionError).toBe('Unhandled');
  });
});

describe('sandboxes', () => {
  it('can be killed, with what runs in them', async () => {
    const { host, control } = await startLambdaScene(stage);
    control.onCall = () => ({ does: 'hang' });
    const running = host.invoke('app', {});
    await control.until();
    await host.killSandboxes('app');
    expect(given(await running)).toMatchObject({ errorType: 'Runtime.ExitError' });
    expect(host.sandboxes('app')).toBe(0);
  });

  it('stand still between invocations, if they are told so', async () => {
    const functions = { app: { freezes: true } };
    const { host, control } = await startLambdaScene(stage, { functions });
    await host.invoke('app', 1);
    const { pid } = control.calls[0]!;
    await expect.poll(() => stateOf(pid)).toBe('T');
    control.onCall = () => ({ answer: stateOf(pid) });
    expect(given(await host.invoke('app', 2))).not.toBe('T');
  });
});

/** The state of a process in one letter: T for one that stands still. */
function stateOf(pid: number): string {
  return spawnSync('ps', ['-o', 'state=', '-p', String(pid)])
    .stdout.toString()
    .charAt(0);
}
