import { liveSuite } from '../live-suite.ts';
import { AzureHost } from './azure-host.ts';

liveSuite(new AzureHost('blob'));
