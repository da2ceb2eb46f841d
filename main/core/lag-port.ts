/** How far one market follows another, measured over a window. */
export interface LagEstimate {
  /** Time by which the execution market follows, µs; negative where it goes ahead; null where nothing could be measured. */
  readonly lagUs: number | null;
  /** Hayashi-Yoshida correlation at that lag, −1…1; null with it. */
  readonly correlation: number | null;
  /** 0…1: how surely the lag would be found again in other data of the same kind. */
  readonly confidence: number;
  /** Changes of the mid in the window, of the market that had fewer. */
  readonly samples: number;
}

/** What became of one measurement of a link, at the engine time at which it counts. */
export interface LagEvent {
  readonly linkId: string;
  /** End of the window that was measured, µs. */
  readonly askedUs: number;
  readonly atUs: number;
  /** Null where the answer was not there by then: it is dropped. */
  readonly estimate: LagEstimate | null;
}
