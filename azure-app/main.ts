import { pipelines } from '../pipelines/index.ts';
import { compose } from './composition.ts';
import { azureConfig } from './config.ts';
import { registerHttp } from './functions/http.ts';
import { registerMaintain } from './functions/maintain.ts';
import { registerPoison } from './functions/poison.ts';
import { registerProcess } from './functions/process.ts';

// Settings that are wrong stop the app here, before anything is registered: the host tells all that is wrong.
const started = compose(azureConfig(process.env, pipelines));
// Each invocation awaits it and fails with its error; this keeps it from ending the worker before.
started.catch(() => {});

registerProcess(started);
registerHttp(started);
registerMaintain(started);
registerPoison(started);
