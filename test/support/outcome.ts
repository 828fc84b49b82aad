// What a scenario of faults found, for the test that runs a short one and the soak that runs a long one.

export interface Outcome {
  readonly counted: Readonly<Record<string, number>>;
  /** A sentence each; none where everything held. */
  readonly violations: readonly string[];
}
