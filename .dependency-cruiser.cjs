/** Who may import whom. The picture is in docs/architecture.md; a new arrow is a decision, not a convenience. */
const MAIN_ROOMS = ['codec', 'feeds', 'features', 'signals', 'agents', 'risk', 'execution', 'storage', 'review'];

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'shared-imports-only-zod',
      severity: 'error',
      from: { path: '^shared/' },
      to: { pathNot: '^shared/|node_modules/zod/' },
    },
    {
      name: 'main-no-shell-no-screen',
      severity: 'error',
      from: { path: '^main/' },
      to: { path: '^(renderer|electron|scripts)/|node_modules/electron' },
    },
    {
      name: 'renderer-only-shared',
      severity: 'error',
      from: { path: '^renderer/' },
      to: { path: '^(main|electron|scripts)/' },
    },
    {
      name: 'electron-only-shared',
      severity: 'error',
      from: { path: '^electron/' },
      to: { path: '^(main|renderer)/' },
    },
    { name: 'core-is-the-bottom', severity: 'error', from: { path: '^main/core/' }, to: { path: '^main/(?!core/)' } },
    ...MAIN_ROOMS.map((room) => ({
      name: `${room}-not-its-siblings`,
      severity: 'error',
      from: { path: `^main/${room}/` },
      to: { path: `^main/(?!core/|codec/|${room}/)` },
    })),
    {
      name: 'codec-not-feeds',
      severity: 'error',
      from: { path: '^main/codec/' },
      to: { path: '^main/(?!core/|codec/)' },
    },
    {
      name: 'databases-only-in-storage',
      severity: 'error',
      from: { path: '^main/(?!storage/)' },
      to: { path: 'node_modules/(better-sqlite3|kysely|pg)' },
    },
    {
      name: 'no-test-in-product',
      severity: 'error',
      from: { path: '^(main|renderer|shared|electron)/' },
      to: { path: '^(test|bench)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    parser: 'swc',
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js', '.cjs'] },
  },
};
