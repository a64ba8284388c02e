import { pipelines } from '../pipelines/index.ts';
import { registerApp } from './app.ts';

registerApp(process.env, pipelines);
