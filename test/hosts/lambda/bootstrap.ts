/**
 * The runtime in a sandbox: loads a handler and gives it one invocation after the other, as the managed runtime of
 * Node 24 does. It knows of its surroundings what its environment says, and talks by the Runtime API alone.
 */
import { existsSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { logAs, patchConsole } from './bootstrap-console.ts';
import { installStreaming, isStreaming, ResponseStream } from './response-stream.ts';
import { RuntimeClient } from './runtime-client.ts';

type Handler = (event: unknown, context: unknown) => unknown;
type StreamHandler = (event: unknown, stream: ResponseStream, context: unknown) => unknown;

const { env } = process;
const client = new RuntimeClient(env['AWS_LAMBDA_RUNTIME_API']!, new Agent({ keepAlive: true }));
let requestId: string | null = null;

// Without its host a sandbox has nothing to do.
process.on('disconnect', () => process.exit());
process.on('uncaughtException', (error) => void end('Runtime.UncaughtException', error));
process.on('unhandledRejection', (reason) => void end('Runtime.UnhandledPromiseRejection', reason));
patchConsole(() => requestId);
installStreaming();
const handler = await load(env['LAMBDA_TASK_ROOT']!, env['_HANDLER']!);
for (;;) await serve(handler);

async function load(root: string, name: string): Promise<Handler> {
  try {
    const [, module = '', member = ''] = /^(.*)\.([^.]+)$/.exec(name) ?? [];
    const paths = ['.js', '.mjs', '.cjs', '.ts'].map((extension) => join(root, module + extension));
    const path = paths.find(existsSync);
    if (path === undefined)
      throw named('Runtime.ImportModuleError', `Cannot find module ${module}`);
    const exported: Record<string, unknown> = await import(pathToFileURL(path).href);
    const handler = exported[member];
    if (typeof handler !== 'function') {
      throw named('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
    }
    if (handler.length > 2 && !isStreaming(handler)) {
      const text = 'This runtime has no handlers that answer by a callback: use an async function.';
      throw named('Runtime.CallbackHandlerDeprecated', text);
    }
    return handler as Handler;
  } catch (error) {
    await client.initError(errorOf(error));
    process.exit(1);
  }
}

async function serve(handler: Handler): Promise<void> {
  const { id, event, deadlineMs, functionArn } = await client.next();
  requestId = id;
  const context = contextOf(id, functionArn, deadlineMs);
  const stream = new ResponseStream((type) => client.openStream(id, type));
  try {
    if (isStreaming(handler)) {
      await (handler as unknown as StreamHandler)(event, stream, context);
      // As the managed runtime does: what the handler has not ended is ended for it.
      await stream.finish();
    } else {
      const given = await handler(event, context);
      await client.respond(id, JSON.stringify(given === undefined ? null : given));
    }
  } catch (error) {
    const told = errorOf(error);
    logAs('ERROR', 'Invoke Error', JSON.stringify(told));
    const isBroken = await stream.breakOff(told.errorType, JSON.stringify(told));
    if (!isBroken) await client.fail(id, told);
  }
  requestId = null;
}

function contextOf(awsRequestId: string, invokedFunctionArn: string, deadlineMs: number): object {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: env['AWS_LAMBDA_FUNCTION_NAME'],
    functionVersion: env['AWS_LAMBDA_FUNCTION_VERSION'],
    memoryLimitInMB: env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    logGroupName: env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: env['AWS_LAMBDA_LOG_STREAM_NAME'],
    ...{ awsRequestId, invokedFunctionArn },
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  };
}

/** What nobody handles ends the sandbox, and the invocation with it. */
async function end(errorType: string, thrown: unknown): Promise<void> {
  const error = { ...errorOf(thrown), errorType };
  logAs('ERROR', 'Unhandled', JSON.stringify(error));
  if (requestId !== null) await client.fail(requestId, error).catch(() => {});
  process.exit(128);
}

function errorOf(thrown: unknown) {
  if (!(thrown instanceof Error)) {
    return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  }
  const { name, message, stack = '' } = thrown;
  return { errorType: name, errorMessage: message, trace: stack.split('\n') };
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
