/**
 * Address of a venue's REST interface: the one that is set, else the host of a stream's address that is set (a server that
 * stands in for the venue serves both), else the venue's own. Without a slash at the end.
 */
export function restAddress(restUrl: string | undefined, streamUrl: string | undefined, own: string): string {
  if (restUrl !== undefined) return restUrl.replace(/\/+$/, '');
  if (streamUrl === undefined) return own;
  const { protocol, host } = new URL(streamAddress(streamUrl));
  return `${protocol === 'wss:' ? 'https' : 'http'}://${host}`;
}

/** A stream's address may be given as that of the web server: `http` is `ws`, `https` is `wss`. */
export function streamAddress(url: string): string {
  return url.replace(/^http/, 'ws');
}
