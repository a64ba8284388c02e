import { S3ObjectStore } from '../../../adapters/aws/s3-object-store.ts';
import { referencesSuite } from '../references-suite.ts';
import { AwsHost } from './aws-host.ts';

const host = new AwsHost();

referencesSuite(host.name, host, async () => {
  const app = await host.start({ pipelines: 'lookups', partitions: 1 });
  const { s3 } = host.stage.clients;
  return {
    app,
    objects: new S3ObjectStore(s3, app.places.settings['OBJECTS_BUCKET'] as string),
    told: (text) => app.events.until('log', ({ message }) => message.includes(text)),
    kill: () => app.running.host.killSandboxes(),
  };
});
