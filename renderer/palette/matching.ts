/** Entries whose words all begin somewhere in the label, in their own order. */
export function matching<E extends { readonly label: string }>(entries: readonly E[], query: string): E[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter(({ label }) => {
    const parts = label.toLowerCase().split(/[\s\-/]+/);
    return words.every((word) => parts.some((part) => part.startsWith(word)));
  });
}
