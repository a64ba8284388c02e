import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IncreaseStreamRetentionPeriodCommand } from '@aws-sdk/client-kinesis';
import { onTestFinished } from 'vitest';
import { bundleTo } from '../../hosts/aws-app.ts';
import { type AwsStage, awsPlaces, startAwsStage } from '../../hosts/aws-stage.ts';
import type { AppHost, Scene } from '../app-under-test.ts';
import { AwsApp, type StartOptions } from './aws-app-under-test.ts';

/** What arrived so long ago is none of a busy partition: maintenance takes care of it at once. */
const quietMs = 120_000;
/** The most there is: the records of some tests arrive months apart. */
const retentionHours = 8_760;

/** Tests start whole apps on it: the bundle as it is deployed, on the stand-in for Lambda, over emulators. */
export class AwsHost implements AppHost {
  readonly name = 'AWS';
  private folder = '';
  private opened: AwsStage | null = null;
  /** When the last record arrived that a test has put into a stream: its time stands still there. */
  private arrival: number | null = null;
  private apps = 0;

  async open(): Promise<void> {
    this.folder = mkdtempSync(join(tmpdir(), 'millrace-aws-'));
    const [stage] = await Promise.all([
      startAwsStage({ now: () => this.arrival ?? Date.now() - quietMs }),
      bundleTo(this.folder, join(import.meta.dirname, 'app.ts')),
    ]);
    this.opened = stage;
  }

  async close(): Promise<void> {
    await this.opened?.stop();
    if (this.folder !== '') rmSync(this.folder, { recursive: true });
  }

  async start(scene: Scene, options: StartOptions = {}): Promise<AwsApp> {
    const { pipelines, partitions } = scene;
    const { stage } = this;
    this.apps += 1;
    this.arrival = null;
    const name = `app${this.apps}`;
    const places = await awsPlaces(stage, { name, shards: partitions });
    await stage.clients.kinesis.send(
      new IncreaseStreamRetentionPeriodCommand({
        ...{ StreamName: name, RetentionPeriodHours: retentionHours },
      }),
    );
    const app = new AwsApp({
      ...{ stage, places, taskRoot: this.folder },
      settings: {
        ...{ PIPELINES: pipelines, PACK_LINGER_MS: '0' },
      },
      arriving: (arrival) => {
        this.arrival = arrival;
      },
    });
    onTestFinished(() => app.stop());
    await app.start(options);
    return app;
  }

  /** The emulators. */
  get stage(): AwsStage {
    if (this.opened === null) throw new Error('The host is not open.');
    return this.opened;
  }
}
