import type { CloudCli, Command } from '../command.ts';

/** Where to deploy to, and with which parameters. */
export interface Target {
  readonly group: string;
  readonly location: string;
  /** The subscription; null for the one that the Azure CLI has in force. */
  readonly subscription: string | null;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** The Azure CLI. */
export const azureCli: CloudCli = {
  name: 'az',
  advice:
    'The Azure CLI (az) is not there. Install it from https://aka.ms/azure-cli, then az login; ' +
    'or try --dry-run, which needs neither it nor an account.',
};

/** Makes what is not there yet, changes what is. The answer holds the outputs of the template. */
export function deployTemplate(target: Target, templateFile: string): Command[] {
  const { group, location, parameters } = target;
  const values = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
  return [
    {
      why: 'Make the resource group, if it is not there.',
      args: of(target, ['group', 'create', '--name', group, '--location', location], 'none'),
    },
    {
      why: 'Make the resources. The first time this takes some ten minutes.',
      args: of(
        target,
        [
          ...['deployment', 'group', 'create', '--name', 'millrace', '--resource-group', group],
          ...['--template-file', templateFile],
          ...(values.length > 0 ? ['--parameters', ...values] : []),
          ...['--query', 'properties.outputs'],
        ],
        'json',
      ),
    },
  ];
}

/** Puts the package where new instances start from. */
export function deployPackage(target: Target, app: string, archive: string): Command[] {
  const named = ['--resource-group', target.group, '--name', app];
  const upload = ['functionapp', 'deployment', 'source', 'config-zip', ...named];
  return [
    {
      why: 'Upload the package. It is complete: nothing is built in the cloud.',
      args: of(target, [...upload, '--src', archive, '--build-remote', 'false'], 'none'),
    },
    {
      why: 'Ask which functions the host has found.',
      args: of(target, ['functionapp', 'function', 'list', ...named, '--query', '[].name'], 'json'),
    },
  ];
}

function of({ subscription }: Target, args: readonly string[], output: 'json' | 'none'): string[] {
  const where = subscription === null ? [] : ['--subscription', subscription];
  return [...args, ...where, '--output', output];
}
