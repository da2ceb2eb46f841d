import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

/**
 * Everything that is started by its own path has its own entry, under the path that its module has: workers and child
 * processes are found beside the module that starts them, as .ts in development and as .js here.
 */
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      minify: true,
      rolldownOptions: {
        input: {
          main: 'electron/main.ts',
          'entry/cli': 'main/entry/cli.ts',
          'entry/utility': 'main/entry/utility.ts',
          'entry/engine-process': 'main/entry/engine-process.ts',
          'features/lag-worker': 'main/features/lag-worker.ts',
          'storage/postgres/postgres-worker': 'main/storage/postgres/postgres-worker.ts',
          'storage/sqlite/sqlite-worker': 'main/storage/sqlite/sqlite-worker.ts',
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'entry/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      minify: true,
      externalizeDeps: false,
      rolldownOptions: {
        input: { preload: 'electron/preload.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'renderer',
    plugins: [react()],
    build: {
      outDir: 'out/renderer',
      minify: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 1500,
      rolldownOptions: { input: 'renderer/index.html', checks: { pluginTimings: false } },
    },
  },
});
