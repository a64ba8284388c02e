/** The Azure app with the pipelines that a test asks for. */
import { registerApp } from '../../../azure-app/app.ts';
import { pipelinesOf } from '../pipeline-sets.ts';

registerApp(process.env, pipelinesOf(process.env['PIPELINES'] ?? ''));
