import type { ParameterJson, TemplateJson } from './evaluate.ts';

/** What CloudFormation would refuse about parameters, as far as it can be known without asking it. */
export function problemsOf(
  { Parameters }: Pick<TemplateJson, 'Parameters'>,
  given: Readonly<Record<string, string>>,
): string[] {
  return Object.entries(given).flatMap(([name, value]) => {
    const parameter = Parameters[name];
    if (parameter === undefined) return [`there is no parameter '${name}'`];
    const problem = problemOf(parameter, value);
    return problem === null ? [] : [`${name}: must be ${problem}, not ${JSON.stringify(value)}`];
  });
}

function problemOf(parameter: ParameterJson, value: string): string | null {
  const { Type, AllowedValues, MinValue = 0, MaxValue = Number.MAX_SAFE_INTEGER } = parameter;
  if (AllowedValues !== undefined) {
    return AllowedValues.includes(value) ? null : `one of ${AllowedValues.join(', ')}`;
  }
  if (Type === 'String') {
    const { MinLength = 0, MaxLength = Number.MAX_SAFE_INTEGER } = parameter;
    if (value.length < MinLength) return 'a text';
    return value.length > MaxLength ? `of ${MaxLength} characters at most` : null;
  }
  if (!/^\d+$/.test(value)) return 'a whole number';
  const number = Number(value);
  return number < MinValue || number > MaxValue ? `from ${MinValue} to ${MaxValue}` : null;
}
