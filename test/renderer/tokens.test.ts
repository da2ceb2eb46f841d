import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rgbOf } from '../../renderer/theme/palette.ts';

const RENDERER = join(import.meta.dirname, '../../renderer');
const tokens = new Map(
  [...readFileSync(join(RENDERER, 'theme/tokens.css'), 'utf8').matchAll(/--([a-z0-9-]+):\s*(#[0-9a-f]{6});/g)].map(
    ([, name, value]) => [name!, value!] as const,
  ),
);

/** Contrast of two colours after WCAG 2. */
function contrast(a: string, b: string): number {
  const luminance = (name: string): number => {
    const [red, green, blue] = rgbOf(tokens.get(name)!).map((channel) => {
      const share = channel / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

describe('colours', () => {
  test('text is legible on every surface that it stands on', () => {
    for (const surface of ['ground', 'pane', 'raised', 'hover']) {
      for (const text of ['text', 'text-strong', 'text-quiet', 'bid', 'ask', 'caution', 'fault']) {
        expect(contrast(text, surface), `${text} on ${surface}`).toBeGreaterThanOrEqual(4.5);
      }
    }
    for (const [text, surface] of [
      ['bid-strong', 'bid-fill'],
      ['ask-strong', 'ask-fill'],
      ['on-fill', 'bid-fill'],
      ['on-fill', 'ask-fill'],
      ['text-quiet', 'bid-wash'],
      ['text-quiet', 'ask-wash'],
      ['text', 'caution-wash'],
      ['text', 'fault-wash'],
      ['ground', 'live'],
    ] as const) {
      expect(contrast(text, surface), `${text} on ${surface}`).toBeGreaterThanOrEqual(4.5);
    }
  });

  test('marks stand out', () => {
    for (const mark of ['mark', 'focus', 'live']) expect(contrast(mark, 'pane'), mark).toBeGreaterThanOrEqual(3);
  });

  test('are named in the token file and nowhere else', () => {
    const files = globSync('**/*.{ts,tsx,css}', { cwd: RENDERER }).filter(
      (file) => file !== join('theme', 'tokens.css'),
    );
    expect(files.length).toBeGreaterThan(40);
    for (const file of files) {
      const text = readFileSync(join(RENDERER, file), 'utf8');
      expect(text.match(/["'\s:(]#[0-9a-f]{3,8}\b|\brgba?\(\s*\d|\bhsla?\(/gi), file).toBeNull();
    }
  });
});
