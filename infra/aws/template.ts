#!/usr/bin/env node
/** `npx node infra/aws/template.ts` writes both templates, which a test holds to be current. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type Stack, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { acknowledge } from './acknowledged.ts';
import { codeStack, millraceStack } from './stack.ts';

/** Where the templates are kept, so that they can be deployed without Node. */
export const templatePaths = {
  millrace: join(import.meta.dirname, 'template.json'),
  code: join(import.meta.dirname, 'code-template.json'),
} as const;

/** Both templates, as files. */
export type TemplateTexts = Readonly<Record<keyof typeof templatePaths, string>>;

/**
 * Writes both templates out, and checks them against the schemas of CloudFormation and the rules of cdk-nag.
 *
 * @param change something to do to the stack before.
 * @throws Error when they have a problem, or what a warning is given of, that is not acknowledged with a reason.
 */
export function templateTexts(change: (stack: Stack) => void = () => {}): TemplateTexts {
  const outdir = mkdtempSync(join(tmpdir(), 'millrace-templates-'));
  try {
    const app = new App({
      ...{ outdir, analyticsReporting: false, treeMetadata: false },
      // What is wrong by the schemas is an error, and no warning.
      context: { '@aws-cdk/core:validateAgainstDefaultRules': true },
    });
    const stacks = { millrace: millraceStack(app), code: codeStack(app) };
    acknowledge([stacks.millrace, stacks.code]);
    change(stacks.millrace);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const assembly = app.synth();
    const warnings = warningsIn(outdir);
    if (warnings.length > 0) throw new Error(warnings.join('\n'));
    const text = ({ artifactId }: Stack): string =>
      `${JSON.stringify(assembly.getStackArtifact(artifactId).template, null, 2)}\n`;
    return { millrace: text(stacks.millrace), code: text(stacks.code) };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** What the checks let pass, with a warning: the report of all findings tells. */
function warningsIn(outdir: string): string[] {
  const { pluginReports }: { readonly pluginReports: readonly Report[] } = JSON.parse(
    readFileSync(join(outdir, 'validation-report.json'), 'utf8'),
  );
  return pluginReports.flatMap(({ violations }) =>
    violations.map(({ description, violatingConstructs: [first] }) => {
      return `${first?.constructPath}: ${description}`;
    }),
  );
}

interface Report {
  readonly violations: readonly {
    readonly description: string;
    readonly violatingConstructs: readonly { readonly constructPath: string }[];
  }[];
}

if (import.meta.main) {
  const texts = templateTexts();
  writeFileSync(templatePaths.millrace, texts.millrace);
  writeFileSync(templatePaths.code, texts.code);
}
