/** The app settings: what the worker gets as its environment, and what registrations refer to by name. */
export class AppSettings {
  readonly values: Readonly<Record<string, string>>;

  constructor(values: Readonly<Record<string, string>>) {
    this.values = values;
  }

  /** The text with every `%NAME%` replaced by the setting of that name. */
  resolve(text: unknown): string {
    if (typeof text !== 'string') throw new Error(`${text} must be a text.`);
    return text.replace(/%([^%]+)%/g, (_, name: string) => this.get(name));
  }

  /** The connection string that a registration names; AzureWebJobsStorage is what storage falls back to. */
  connection(name: unknown): string {
    const known = typeof name === 'string' && name !== '' ? name : 'AzureWebJobsStorage';
    return this.values[`AzureWebJobs${known}`] ?? this.get(known);
  }

  private get(name: string): string {
    const value = this.values[name];
    if (value === undefined || value === '') throw new Error(`There is no app setting ${name}.`);
    return value;
  }
}
