import { create } from 'zustand';

export type NoticeKind = 'order' | 'refusal' | 'caution' | 'fault' | 'info';

/** A short sentence shown in the refusal strip and announced to assistive technology. */
export interface Notice {
  readonly id: number;
  readonly kind: NoticeKind;
  readonly words: string;
}

const SHOWN_MS: Readonly<Record<NoticeKind, number>> = {
  order: 4_000,
  refusal: 3_000,
  caution: 6_000,
  fault: 12_000,
  info: 3_000,
};

/** What the strip shows; the newest replaces the one before. */
export const useNotice = create<{ readonly notice: Notice | null }>(() => ({ notice: null }));

let count = 0;

/** Shows a sentence for a few seconds. */
export function notify(kind: NoticeKind, words: string): void {
  const id = ++count;
  useNotice.setState({ notice: { id, kind, words } });
  window.setTimeout(() => {
    if (useNotice.getState().notice?.id === id) useNotice.setState({ notice: null });
  }, SHOWN_MS[kind]);
}
