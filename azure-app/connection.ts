import type { Environment } from '../adapters/environment.ts';

/** How a service is reached: with a connection string (emulators), or as the app's managed identity. */
export type Connection<Identity> =
  | { readonly kind: 'connection-string'; readonly value: string }
  | ({ readonly kind: 'identity' } & Identity);

type Parts = Readonly<Record<string, string | undefined>>;

/** What a connection string must be for the client that is made from it. */
interface Form {
  readonly example: string;
  fits(parts: Parts): boolean;
}

/** What the address of a service must be for its client. */
interface Address {
  readonly description: string;
  fits(text: string): boolean;
}

const addressHttps: Address = {
  description: 'an address https://<host>/',
  fits: (text) => isAddress(text, ['https:']),
};

/** A service, and the settings that say where it is. */
interface Service<M extends string> {
  readonly form: Form;
  /** Of an identity: `NAME__member`, named as the Functions host names them. */
  readonly members: Readonly<Record<M, Address>>;
}

/** Event Hubs. */
export const eventHubs: Service<'fullyQualifiedNamespace'> = {
  form: {
    example: 'Endpoint=sb://<host>/;SharedAccessKeyName=<name>;SharedAccessKey=<key>',
    fits: ({ Endpoint, SharedAccessKeyName, SharedAccessKey, SharedAccessSignature }) =>
      isAddress(Endpoint, ['sb:']) &&
      Boolean(SharedAccessKeyName && SharedAccessKey) !== Boolean(SharedAccessSignature),
  },
  members: {
    fullyQualifiedNamespace: {
      description: 'the name of a host',
      fits: (text) => /^[\w-]+(\.[\w-]+)*$/.test(text),
    },
  },
};

/** Cosmos DB. */
export const cosmosDb: Service<'accountEndpoint'> = {
  form: {
    example: 'AccountEndpoint=https://<host>/;AccountKey=<key>',
    fits: ({ AccountEndpoint, AccountKey }) =>
      isAddress(AccountEndpoint, ['https:', 'http:']) && Boolean(AccountKey),
  },
  members: { accountEndpoint: addressHttps },
};

/** Blob and Queue storage of one account. */
export const storageAccount: Service<'blobServiceUri' | 'queueServiceUri'> = {
  form: {
    example:
      'DefaultEndpointsProtocol=https;AccountName=<name>;AccountKey=<key>;EndpointSuffix=core.windows.net',
    fits(parts) {
      if (parts['UseDevelopmentStorage'] === 'true') return true;
      const {
        DefaultEndpointsProtocol: protocol = '',
        EndpointSuffix,
        SharedAccessSignature,
      } = parts;
      const hasKey =
        Boolean(parts['AccountName'] && parts['AccountKey']) && /^https?$/.test(protocol);
      const hasPlaces = [parts['BlobEndpoint'], parts['QueueEndpoint']].every((one) =>
        isAddress(one, ['https:', 'http:']),
      );
      return hasKey
        ? hasPlaces || Boolean(EndpointSuffix)
        : hasPlaces && Boolean(SharedAccessSignature);
    },
  },
  members: { blobServiceUri: addressHttps, queueServiceUri: addressHttps },
};

/**
 * `NAME` is a connection string; else `NAME__member` are what an identity needs. What is wrong is told to the
 * environment without its text, which may hold a secret.
 */
export function connection<const M extends string>(
  environment: Environment,
  name: string,
  { form, members }: Service<M>,
): Connection<Readonly<Record<M, string>>> {
  const value = environment.optional(name);
  if (value !== null) {
    if (!form.fits(partsOf(value))) {
      environment.problem(`${name} must be a connection string such as ${form.example}`);
    }
    return { kind: 'connection-string', value };
  }
  const names = Object.keys(members) as M[];
  const given = names.map(
    (member) => [member, environment.optional(`${name}__${member}`)] as const,
  );
  if (given.some(([, text]) => text === null)) {
    const missing = names.map((member) => `${name}__${member}`).join(' and ');
    environment.problem(`${missing} must be set, or ${name} to a connection string`);
  }
  for (const [member, text] of given) {
    const { description, fits } = members[member];
    if (text === null || fits(text)) continue;
    environment.problem(`${name}__${member} must be ${description}`);
  }
  return { kind: 'identity', ...(Object.fromEntries(given) as Record<M, string>) };
}

/** The parts of a connection string, `Name=value` between semicolons; a value may hold `=`. */
export function partsOf(text: string): Readonly<Record<string, string | undefined>> {
  const parts = text.split(';').map((part) => {
    const [name = '', ...value] = part.split('=');
    return [name.trim(), value.join('=').trim()];
  });
  return Object.fromEntries(parts);
}

function isAddress(text: string | undefined, schemes: readonly string[]): boolean {
  const url = URL.parse(text ?? '');
  return url !== null && schemes.includes(url.protocol) && url.host !== '' && url.username === '';
}
