#!/usr/bin/env node
/** `npx node infra/aws/template.ts` writes both templates, which a test holds to be current. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
 * @throws Error when they have a problem that is not acknowledged with a reason; the problems are printed.
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
    const text = ({ artifactId }: Stack): string =>
      `${JSON.stringify(assembly.getStackArtifact(artifactId).template, null, 2)}\n`;
    return { millrace: text(stacks.millrace), code: text(stacks.code) };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

if (import.meta.main) {
  const texts = templateTexts();
  writeFileSync(templatePaths.millrace, texts.millrace);
  writeFileSync(templatePaths.code, texts.code);
}
