import { embedded } from './embedded-host.ts';
import { publishingSuite } from './publishing-suite.ts';

publishingSuite(embedded);
