/**
 * Content security policy of the page, the same in the shell's windows and in a browser: no script, style, font or picture
 * but the page's own files, nothing evaluated, framed or sent elsewhere.
 * @param connect what the page may open lines to besides its own origin
 */
export function pagePolicy(connect: readonly string[]): string {
  return [
    "default-src 'self'",
    `connect-src ${["'self'", ...connect].join(' ')}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
