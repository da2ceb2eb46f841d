/** The version is checked on the first message; a client of another version is told to reload. */
export const PROTOCOL_VERSION = 2;

/** Topics that travel in frames rather than as text. */
export function isFastTopic(topic: string): boolean {
  return /^(depth|columns|trades|features|ladder):\d+$/.test(topic);
}
