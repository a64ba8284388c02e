/** The Azure app with the pipeline of the profile that is shipped. */
import { registerApp } from '../../azure-app/app.ts';
import { clicks } from '../../bench/clicks.ts';

registerApp(process.env, [clicks]);
