import { embedded } from './embedded-host.ts';
import { liveSuite } from './live-suite.ts';

liveSuite(embedded);
