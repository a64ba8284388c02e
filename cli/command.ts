/** One option of a command, as `node:util` parseArgs takes it, with what the help says about it. */
export interface Option {
  readonly type: 'string' | 'boolean';
  readonly description: string;
  /** What stands for the value in the help: `--input <file|->`. */
  readonly placeholder?: string;
  readonly short?: string;
  /** May be given more than once; the values are an array. */
  readonly multiple?: boolean;
  /** Shown in the help, and in force where the option is not given. */
  readonly default?: string | boolean;
  /** Its absence is a mistake in the use of the command. */
  readonly required?: boolean;
}

/** The options of a command by their names, without the dashes. */
export type Options = Readonly<Record<string, Option>>;

type Scalar<O extends Option> = O['type'] extends 'boolean' ? boolean : string;
type Given<O extends Option> = O extends { multiple: true } ? readonly Scalar<O>[] : Scalar<O>;

/** The values of options: undefined where one is neither given, nor required, nor has a default. */
export type Values<O extends Options> = {
  readonly [K in keyof O]: O[K] extends { required: true } | { default: string | boolean }
    ? Given<O[K]>
    : Given<O[K]> | undefined;
};

/** A command of the command line. */
export interface Command<O extends Options = Options> {
  readonly name: string;
  /** One line, as the table of all commands shows it. */
  readonly summary: string;
  /** What stands behind `millrace`: `query <view> [options]`. */
  readonly usage: string;
  /** Paragraphs and examples below the options. */
  readonly notes?: string;
  readonly options: O;
  /** How many arguments without dashes it takes, at least and at most; none by default. */
  readonly positionals?: readonly [least: number, most: number];
  /** Does the work and gives the exit code. What it throws is printed, and the exit code is 1. */
  run(values: Values<O>, positionals: readonly string[]): Promise<number>;
}

/** A command whose `run` gets values of exactly the types that its options say. */
export function defineCommand<const O extends Options>(command: Command<O>): Command {
  return command as unknown as Command;
}
