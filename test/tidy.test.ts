import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRepository } from './tidy/repository.ts';
import { rules } from './tidy/rules.ts';
import { samples } from './tidy/samples.ts';
import { format } from './tidy/source.ts';

const root = join(import.meta.dirname, '..');

describe('the repository keeps the rules of the house', () => {
  const files = readRepository(root);

  it('is read whole', () => {
    const paths = files.map((file) => file.path);
    expect(paths).toContain('package.json');
    expect(paths).toContain('core/limits.ts');
    expect(paths.filter((path) => path.includes('node_modules'))).toEqual([]);
  });

  it.each(rules)('$name', (rule) => {
    const findings = rule.check(files).map((finding) => format(rule, finding));
    expect(findings.join('\n')).toBe('');
  });
});

describe('each rule can fail', () => {
  it('has samples for every rule, bad and good', () => {
    expect(Object.keys(samples).sort()).toEqual(rules.map((rule) => rule.name).sort());
    for (const { bad, good } of Object.values(samples)) {
      expect(bad.length).toBeGreaterThan(0);
      expect(good.length).toBeGreaterThan(0);
    }
  });

  it.each(rules)('$name refuses its bad samples and passes its good ones', (rule) => {
    const { bad, good } = samples[rule.name]!;
    for (const files of bad) {
      const findings = rule.check(files);
      expect(findings, JSON.stringify(files)).toHaveLength(1);
      expect(findings[0]!.line, JSON.stringify(files)).toBeGreaterThan(0);
      expect(format(rule, findings[0]!)).toContain(`[${rule.name}] `);
    }
    for (const files of good) expect(rule.check(files), JSON.stringify(files)).toEqual([]);
  });

  it('names the line', () => {
    const rule = rules.find((each) => each.name === 'doc-comments')!;
    const text = '/** A. */\nexport const a = 1;\n\nexport const b = 2;\n';
    const findings = rule.check([{ path: 'core/a.ts', text }]);
    expect(findings.map((finding) => format(rule, finding))).toEqual([
      'core/a.ts:4: [doc-comments] export b has no doc comment: say in one sentence what it is',
    ]);
  });
});

describe('the files of a repository', () => {
  it('are found without git too, less what .gitignore names and what is binary', () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-tidy-'));
    try {
      for (const name of ['core', 'node_modules', 'built']) mkdirSync(join(folder, name));
      writeFileSync(join(folder, '.gitignore'), 'built/\n*.log\n');
      writeFileSync(join(folder, 'core/a.ts'), 'const a = 1;\n');
      writeFileSync(join(folder, 'core/a.bin'), Uint8Array.of(1, 0, 2));
      writeFileSync(join(folder, 'node_modules/b.ts'), '');
      writeFileSync(join(folder, 'built/c.ts'), '');
      expect(readRepository(folder)).toEqual([
        { path: '.gitignore', text: 'built/\n*.log\n' },
        { path: 'core/a.ts', text: 'const a = 1;\n' },
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
