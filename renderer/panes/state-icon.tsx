/** The shape that goes with a tone, so that colour is never the only sign: triangle for caution, octagon for a fault. */
export function StateIcon({ tone }: { readonly tone: 'quiet' | 'caution' | 'fault' }) {
  if (tone === 'quiet') return null;
  return (
    <svg className="state-icon" viewBox="0 0 12 12" aria-hidden="true">
      <path d={tone === 'caution' ? 'M6 1 11.5 11H.5Z' : 'M4 .5h4L11.5 4v4L8 11.5H4L.5 8V4Z'} fill="currentColor" />
      <path d="M6 4v3.2M6 8.4v1.2" className="state-icon-mark" />
    </svg>
  );
}
