/** Speeds that a replay is offered at; 0 is as fast as it goes. */
export const REPLAY_SPEEDS = [0.25, 0.5, 1, 2, 5, 10, 60, 0] as const;

/** A speed as it is written: `2 ×`, `max`. */
export function speedText(speed: number): string {
  return speed === 0 ? 'max' : `${speed} ×`;
}
