import { z } from 'zod';
import { InsightSentryError, InsightSentryRest, type InsightSentryRestOptions } from './rest.ts';

/** Answer to `/v3/newsfeed/list`: the names of the sources. */
const sourcesAnswer = z.object({ data: z.array(z.unknown()) });

/**
 * Tries the key with one small request, and no stream, whose connections are counted. Never fails: what goes wrong is in
 * the words.
 * @param limitMs whole time
 */
export async function checkInsightSentry(
  options: Omit<InsightSentryRestOptions, 'signal'>,
  limitMs: number,
): Promise<{ readonly ok: boolean; readonly words: string }> {
  const signal = AbortSignal.timeout(limitMs);
  const startUs = options.clock.nowUs();
  try {
    const { data } = await new InsightSentryRest({ ...options, signal }).get(
      'news sources',
      '/v3/newsfeed/list',
      sourcesAnswer,
    );
    const ms = Math.round((options.clock.nowUs() - startUs) / 1000);
    return { ok: true, words: `the key is taken; ${data.length} news sources, answered after ${ms} ms` };
  } catch (error) {
    if (signal.aborted) return { ok: false, words: `no answer to work with after ${limitMs / 1000} s` };
    if (error instanceof InsightSentryError) return { ok: false, words: error.message };
    throw error;
  }
}
