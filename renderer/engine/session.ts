/** What became of the exchange of the token in the URL for a session cookie. */
export type SessionOutcome = { readonly ok: true } | { readonly ok: false; readonly words: string };

/**
 * Exchanges the token of the URL's fragment for the session cookie, once, and takes the fragment off the URL. Without a
 * fragment the cookie of an earlier visit has to serve.
 */
export async function openSession(location: Location, history: History): Promise<SessionOutcome> {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return { ok: true };
  try {
    const answer = await fetch('/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
      credentials: 'same-origin',
    });
    if (!answer.ok) {
      return {
        ok: false,
        words: 'The address holds a token that this engine does not know. Open the address it printed last.',
      };
    }
  } catch {
    return { ok: true };
  }
  history.replaceState(null, '', location.pathname + location.search);
  return { ok: true };
}
