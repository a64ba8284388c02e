import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { bundle } from '../../../infra/bundle.ts';
import { startAzurite } from '../../emulators/azurite.ts';
import { startCosmos } from '../../emulators/cosmos.ts';
import type { Send, SendFault } from '../../emulators/event-hubs/publishing.ts';
import { type EventHubs, startEventHubs } from '../../emulators/event-hubs.ts';
import { type AzureStage, azureSettings } from '../../hosts/azure-stage.ts';
import type { AppHost, Scene } from '../app-under-test.ts';
import { AzureApp, type InstanceOptions } from './azure-app-under-test.ts';

/** Where the journals and pages are. */
export type StateStoreKind = 'cosmos' | 'blob';

/** What arrived so long ago is none of a busy partition: maintenance takes care of it at once. */
const quietMs = 120_000;

/** Tests start whole apps on it: the bundle as it is deployed, on the stand-in for the host, over emulators. */
export class AzureHost implements AppHost {
  readonly name: string;
  /** What goes wrong with sends to the hubs, besides what the emulator is told. */
  onSend: (send: Send) => SendFault | null = () => null;
  readonly stateStore: StateStoreKind;
  private readonly keepsEvents: boolean;
  /** Of the bundle, and of the hubs' file. */
  private folder = '';
  private opened: AzureStage | null = null;
  /** When the records arrive that a test puts into a hub, by its name. */
  private readonly arrivals = new Map<string, number | null>();
  /** The time of what is just being stored; null for a while ago. */
  private arrival: number | null = null;
  private apps = 0;

  /** `keepsEvents`: whether the hubs are in a file, for a restart of the emulator. */
  constructor(stateStore: StateStoreKind, { keepsEvents = false } = {}) {
    this.name = `Azure with ${stateStore === 'cosmos' ? 'Cosmos DB' : 'Blob storage'}`;
    this.stateStore = stateStore;
    this.keepsEvents = keepsEvents;
  }

  async open(): Promise<void> {
    this.folder = mkdtempSync(join(tmpdir(), 'millrace-azure-'));
    const entry = join(import.meta.dirname, 'app.ts');
    const [azurite, cosmos, eventHubs, { bytes }] = await Promise.all([
      startAzurite(),
      startCosmos(),
      this.startEventHubs(0),
      bundle({ entry, external: ['@azure/functions-core'] }),
    ]);
    writeFileSync(this.appPath, bytes);
    const stop = async (): Promise<void> => {
      await Promise.all([azurite.stop(), cosmos.stop(), this.stage.eventHubs.stop()]);
    };
    this.opened = { azurite, cosmos, eventHubs, stop };
  }

  async close(): Promise<void> {
    await this.opened?.stop();
    if (this.folder !== '') rmSync(this.folder, { recursive: true });
  }

  async start(scene: Scene, instance: InstanceOptions = {}): Promise<AzureApp> {
    const { pipelines, partitions } = scene;
    const { stage, stateStore } = this;
    this.apps += 1;
    const name = `app${this.apps}`;
    const settings = await azureSettings(stage, { name, partitions, stateStore });
    const app = new AzureApp({
      ...{ stage, name, stateStore, app: this.appPath },
      settings: {
        ...settings,
        ...{ PIPELINES: pipelines, PACK_LINGER_MS: '0', PROCESS_SECONDS: '20' },
      },
      arriving: (arrival) => this.arrivals.set(name, arrival),
    });
    onTestFinished(() => app.stop());
    await app.startInstance(instance);
    return app;
  }

  /** Ends the emulator of Event Hubs and starts another one in its place, with what its file keeps of the hub. */
  async renewHub(app: AzureApp, partitions: number): Promise<void> {
    const { port } = this.stage.eventHubs;
    await app.withoutClients(async () => {
      await this.stage.eventHubs.stop();
      const eventHubs = await this.startEventHubs(port);
      eventHubs.addHub(app.name, { partitions, consumerGroups: ['millrace'] });
      this.opened = { ...this.stage, eventHubs };
    });
  }

  /** The emulators. */
  get stage(): AzureStage {
    if (this.opened === null) throw new Error('The host is not open.');
    return this.opened;
  }

  private async startEventHubs(port: number): Promise<EventHubs> {
    const now = () => this.arrival ?? Date.now() - quietMs;
    const file = this.keepsEvents ? { file: join(this.folder, 'hubs.db') } : {};
    const eventHubs = await startEventHubs({ hubs: {}, port, now, ...file });
    eventHubs.onSend = (send) => this.judge(send);
    return eventHubs;
  }

  private get appPath(): string {
    return join(this.folder, 'app.mjs');
  }

  /** The emulator asks for each send, and stores it, and asks for the time, before anything else happens. */
  private judge(send: Send): SendFault | null {
    this.arrival = this.arrivals.get(send.hub) ?? null;
    queueMicrotask(() => {
      this.arrival = null;
    });
    return this.onSend(send);
  }
}
