import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The page alone. Assets stay files, since the page's content security policy knows no `data:` sources. */
export default defineConfig({
  plugins: [react()],
  build: {
    outDir: '../out/renderer',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
  },
});
