/** A reader that computes anew only when one of its inputs is another object than last time. */
export function rememberLast<I extends readonly unknown[], O>(inputs: () => I, compute: (inputs: I) => O): () => O {
  let last: I | undefined;
  let result: O | undefined;
  return () => {
    const now = inputs();
    if (last === undefined || now.some((input, i) => input !== last?.[i])) {
      last = now;
      result = compute(now);
    }
    return result as O;
  };
}
