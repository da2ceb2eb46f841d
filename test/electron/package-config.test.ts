import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

/** The packager's own validation, which needs no network. */
test('the package configuration is one that the packager accepts', async () => {
  const packager = createRequire(createRequire(import.meta.url).resolve('electron-builder'));
  const builder = createRequire(packager.resolve('app-builder-lib'));
  const { validateConfiguration } = packager('app-builder-lib/out/util/config/config.js') as {
    validateConfiguration(config: unknown, log: unknown): Promise<void>;
  };
  const yaml = builder('js-yaml') as { load(text: string): Record<string, unknown> };
  const config = yaml.load(readFileSync(join(root, 'electron-builder.yml'), 'utf8'));
  const log = { isEnabled: false, add: () => undefined };
  await validateConfiguration(config, log);
  await expect(validateConfiguration({ ...config, ownWish: true }, log)).rejects.toThrow('ownWish');
  const icon = readFileSync(join(root, 'resources', 'icon.png'));
  expect([icon.readUInt32BE(16), icon.readUInt32BE(20)]).toEqual([1_024, 1_024]);
});
