/**
 * The worker process: loads a function app and runs its functions as the host asks, with the programming model of
 * `@azure/functions` itself. A floating rejection ends it, as it ends the real one.
 */
import { pathToFileURL } from 'node:url';
import { type CoreInvocationContext, CoreModule } from './core-module.ts';
import type { InvocationRequest, InvocationResponse, ToHost, ToWorker } from './rpc.ts';

const tell = (message: ToHost): void => void process.send!(message);
const core = new CoreModule((level, message) =>
  tell({ kind: 'log', invocationId: null, level, message }),
);
/** Shared by the hooks of the whole life of the worker. */
const appHookData = {};

// Without its host a worker has nothing to do.
process.on('disconnect', () => process.exit());
process.on('message', (message: ToWorker) => {
  if (message.kind === 'invoke') void answer(message.request);
  else void terminate();
});
await load(process.argv[2]!);

async function load(app: string): Promise<void> {
  try {
    core.install();
    await import(pathToFileURL(app).href);
    const functions = [...core.functions.values()].map(({ metadata }) => metadata);
    const model = functions.length === 0 ? null : core.programmingModel;
    const capabilities = await model?.getCapabilities({});
    await core.runHooks('appStart', { hookData: {}, appHookData });
    const httpUri = capabilities?.['HttpUri'] ?? null;
    // Only data passes to another process; a binding may hold undefined values, which don't matter.
    tell({ kind: 'ready', functions: JSON.parse(JSON.stringify(functions)), httpUri });
  } catch (error) {
    tell({ kind: 'failed', message: textOf(error) });
  }
}

async function terminate(): Promise<void> {
  await core.runHooks('appTerminate', { hookData: {}, appHookData });
  process.disconnect();
}

async function answer(request: InvocationRequest): Promise<void> {
  const { invocationId } = request;
  try {
    const response = await invoke(request);
    tell({ kind: 'succeeded', invocationId, response });
  } catch (error) {
    tell({ kind: 'threw', invocationId, message: textOf(error) });
  }
}

/** The order of steps is the real worker's. */
async function invoke(request: InvocationRequest): Promise<InvocationResponse> {
  const { invocationId } = request;
  const { metadata, callback } = core.functions.get(request.functionName)!;
  const invocation: CoreInvocationContext = {
    ...{ invocationId, request, metadata },
    log: (level, _category, message) => tell({ kind: 'log', invocationId, level, message }),
  };
  const model = core.programmingModel.getInvocationModel(invocation);
  const hookData = {};
  const { context, inputs } = await model.getArguments();
  const before = {
    ...{ hookData, appHookData, invocationContext: context },
    ...{ inputs, functionCallback: callback },
  };
  await inState(invocation, 'preInvocationHooks', () => core.runHooks('preInvocation', before));
  const after = {
    ...{ hookData, appHookData, invocationContext: context, inputs: before.inputs },
    ...{ result: null as unknown, error: null as unknown },
  };
  tell({ kind: 'entered', invocationId });
  await inState(invocation, 'invocation', async () => {
    try {
      after.result = await model.invokeFunction(context, before.inputs, before.functionCallback);
    } catch (error) {
      // As in the real worker: whatever is thrown counts, except nothing.
      after.error = error;
    }
  });
  await inState(invocation, 'postInvocationHooks', () => core.runHooks('postInvocation', after));
  if (after.error !== null && after.error !== undefined) throw after.error;
  return model.getResponse(context, after.result);
}

async function inState(
  invocation: CoreInvocationContext,
  state: NonNullable<CoreInvocationContext['state']>,
  step: () => Promise<void>,
): Promise<void> {
  invocation.state = state;
  try {
    await step();
  } finally {
    invocation.state = undefined;
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
