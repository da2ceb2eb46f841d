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

/** Notices at once; of more, those that matter least go first, the oldest of them before the others. */
const AT_ONCE = 3;
const WEIGHT: Readonly<Record<NoticeKind, number>> = { info: 0, refusal: 0, order: 1, caution: 2, fault: 3 };

/** What the strip shows, the oldest first: a fill must not hide the rejection that came before it. */
export const useNotices = create<{ readonly notices: readonly Notice[] }>(() => ({ notices: [] }));

let count = 0;

/** Shows a sentence for a few seconds. What answers a key takes the place of the last such answer. */
export function notify(kind: NoticeKind, words: string): void {
  const id = ++count;
  useNotices.setState(({ notices }) => {
    const kept = notices.filter((one) => one.words !== words && (WEIGHT[kind] > 0 || WEIGHT[one.kind] > 0));
    return { notices: fitting([...kept, { id, kind, words }]) };
  });
  window.setTimeout(() => {
    useNotices.setState(({ notices }) => ({ notices: notices.filter((one) => one.id !== id) }));
  }, SHOWN_MS[kind]);
}

/** Takes back what was refused: another key has been pressed, and "Disarmed" must not be read while armed. */
export function dropRefusal(): void {
  const { notices } = useNotices.getState();
  if (notices.some(({ kind }) => kind === 'refusal')) {
    useNotices.setState({ notices: notices.filter(({ kind }) => kind !== 'refusal') });
  }
}

/** As many as are shown at once; the newest always stays, so that no key goes without its answer. */
function fitting(notices: readonly Notice[]): readonly Notice[] {
  if (notices.length <= AT_ONCE) return notices;
  const older = notices.slice(0, -1);
  const lightest = Math.min(...older.map(({ kind }) => WEIGHT[kind]));
  const gone = older.find(({ kind }) => WEIGHT[kind] === lightest);
  return fitting(notices.filter((one) => one !== gone));
}
