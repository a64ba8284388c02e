import { publishingSuite } from '../publishing-suite.ts';
import { AzureHost } from './azure-host.ts';

publishingSuite(new AzureHost('cosmos'));
