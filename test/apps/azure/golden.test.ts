import { goldenSuite } from '../golden-suite.ts';
import { AzureHost } from './azure-host.ts';

goldenSuite(new AzureHost('cosmos'));
goldenSuite(new AzureHost('blob'));
