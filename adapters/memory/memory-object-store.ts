import { ObjectStore } from '../../core/ports/object-store.ts';
import { checkBytes, checkList, checkName } from '../arguments.ts';
import { compareUtf8 } from '../utf8-order.ts';
import { type Fault, withFault } from './fault.ts';
import { SortedTexts } from './sorted-texts.ts';

/** What a {@link MemoryObjectStore} may be told. */
export interface MemoryObjectStoreOptions {
  /** Default 67,108,864. */
  readonly objectBytesMax?: number;
  readonly fault?: Fault;
}

/** An {@link ObjectStore} in memory. Bytes are copied on their way in and out. */
export class MemoryObjectStore extends ObjectStore {
  override readonly objectBytesMax: number;
  private readonly fault: Fault | undefined;
  private readonly objects = new Map<string, Uint8Array>();
  private readonly names = new SortedTexts();

  constructor(options: MemoryObjectStoreOptions = {}) {
    super();
    this.objectBytesMax = options.objectBytesMax ?? 67_108_864;
    this.fault = options.fault;
  }

  override async put(name: string, bytes: Uint8Array): Promise<void> {
    checkName(name);
    checkBytes('An object', bytes.length, this.objectBytesMax);
    return withFault(this.fault, 'put', () => {
      if (!this.objects.has(name)) this.names.add(name);
      this.objects.set(name, new Uint8Array(bytes));
    });
  }

  override async get(name: string): Promise<Uint8Array | null> {
    checkName(name);
    return withFault(this.fault, 'get', () => {
      const bytes = this.objects.get(name);
      return bytes === undefined ? null : new Uint8Array(bytes);
    });
  }

  override async list(prefix: string, after: string, limit: number): Promise<string[]> {
    checkList(prefix, after, limit);
    return withFault(this.fault, 'list', () => {
      const found: string[] = [];
      // Names with one prefix stand together.
      for (const name of this.names.from(compareUtf8(prefix, after) > 0 ? prefix : after)) {
        if (found.length >= limit || !name.startsWith(prefix)) break;
        if (name !== after || after === '') found.push(name);
      }
      return found;
    });
  }

  override async remove(name: string): Promise<void> {
    checkName(name);
    return withFault(this.fault, 'remove', () => {
      if (this.objects.delete(name)) this.names.remove(name);
    });
  }
}
