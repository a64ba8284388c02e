import { flightsSuite } from '../flights-suite.ts';
import { AzureHost } from './azure-host.ts';

flightsSuite(new AzureHost('cosmos'), 50_000);
flightsSuite(new AzureHost('blob'), 20_000);
