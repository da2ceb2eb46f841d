import type { Page } from 'playwright-core';

/**
 * Pairs of texts that lie over each other, and controls that are cut off, as sentences. Parts that are scrolled or
 * clipped away don't count as lying over anything.
 */
export function overlaps(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    interface Piece {
      readonly text: string;
      readonly element: Element;
      readonly box: { left: number; top: number; right: number; bottom: number };
    }
    const clipped = (element: Element): Piece['box'] | undefined => {
      const { left, top, right, bottom } = element.getBoundingClientRect();
      const box = { left, top, right, bottom };
      // Rows go under the head of their table, which is opaque and stays.
      const head = element.closest('tbody')?.parentElement?.querySelector('thead th');
      if (head && getComputedStyle(head).position === 'sticky') {
        box.top = Math.max(box.top, head.getBoundingClientRect().bottom);
      }
      for (let parent = element.parentElement; parent; parent = parent.parentElement) {
        const style = getComputedStyle(parent);
        if (style.overflowX === 'visible' && style.overflowY === 'visible') continue;
        const around = parent.getBoundingClientRect();
        box.left = Math.max(box.left, around.left);
        box.top = Math.max(box.top, around.top);
        box.right = Math.min(box.right, around.right);
        box.bottom = Math.min(box.bottom, around.bottom);
      }
      return box.right - box.left > 1 && box.bottom - box.top > 1 ? box : undefined;
    };
    const pieces: Piece[] = [];
    for (const element of document.querySelectorAll('#terminal *')) {
      const own = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.nodeValue?.trim());
      if (own.length === 0 || !element.checkVisibility({ visibilityProperty: true })) continue;
      if (element.closest('option, .refusal-words, .legend, [aria-hidden="true"]:not(.ladder-head)')) continue;
      const box = clipped(element);
      if (box) pieces.push({ text: own.map((node) => node.nodeValue).join(''), element, box });
    }
    const found: string[] = [];
    for (const [i, a] of pieces.entries()) {
      for (const b of pieces.slice(i + 1)) {
        if (a.element.contains(b.element) || b.element.contains(a.element)) continue;
        const wide = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
        const high = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
        if (wide > 1.5 && high > 3)
          found.push(`"${a.text}" lies over "${b.text}" by ${wide.toFixed(0)} × ${high.toFixed(0)} px`);
      }
    }
    for (const control of document.querySelectorAll(
      '.confirm, .dismiss, .flatten, .act button, .armed-state, .mode-word b, .arm-row b',
    )) {
      const whole = control.getBoundingClientRect();
      const shown = clipped(control);
      if (whole.width > 0 && shown && shown.right - shown.left < whole.width - 1) {
        found.push(
          `"${control.textContent}" is cut to ${(shown.right - shown.left).toFixed(0)} of ${whole.width.toFixed(0)} px`,
        );
      }
    }
    return found;
  });
}
