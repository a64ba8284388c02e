/** An answer that is an error, by the service's name of it. */
export class ServiceError extends Error {
  readonly status: number;

  constructor(name: string, message: string) {
    super(message);
    this.name = name;
    this.status = statuses[name] ?? 400;
  }
}

/** All others are the caller's: 400. */
const statuses: Readonly<Record<string, number>> = {
  InternalFailure: 500,
  InternalFailureException: 500,
  ServiceUnavailable: 503,
};

/** An argument of the right form that says something impossible. */
export const invalidArgument = (message: string): ServiceError =>
  new ServiceError('InvalidArgumentException', message);

/** A stream or a shard that is not there. */
export const notFound = (message: string): ServiceError =>
  new ServiceError('ResourceNotFoundException', message);

/** A member of the input that breaks a rule of the service's model. */
export function constraint(member: string, value: unknown, rule: string): ServiceError {
  const shown = value === undefined ? 'null' : `'${value}'`;
  const path = member.replaceAll(/(^|\.)[A-Z]/g, (start) => start.toLowerCase());
  const message =
    `1 validation error detected: Value ${shown} at '${path}' ` +
    `failed to satisfy constraint: Member must ${rule}`;
  return new ServiceError('ValidationException', message);
}
