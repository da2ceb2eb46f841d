import type { KeyboardEvent } from 'react';

const FOCUSABLE = 'button, input, select, summary, a[href], [tabindex="0"]';

/** Lets Tab go round within an element instead of out of it. */
export function keepFocusWithin(event: KeyboardEvent<HTMLElement>): void {
  const inside = [...event.currentTarget.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(canHaveFocus);
  const first = inside[0];
  const last = inside.at(-1);
  const leaves = event.shiftKey ? event.target === first : event.target === last;
  if (!leaves) return;
  event.preventDefault();
  (event.shiftKey ? last : first)?.focus();
}

function canHaveFocus(element: HTMLElement): boolean {
  return !element.matches(':disabled, [tabindex="-1"]') && element.checkVisibility();
}
