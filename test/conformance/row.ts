/** What a specification asks or offers, and whether Masque has it. */
export interface Row {
  /** The specification's words, or the name of a row of one of its tables. */
  readonly says: string;
  /** How Masque does it, or why it does not. */
  readonly does: string;
  readonly isDone: boolean;
}

export const yes = (says: string, does: string): Row => ({ says, does, isDone: true });

/** No, by choice: `why` is a sentence that an operator can follow. */
export const no = (says: string, why: string): Row => ({ says, does: why, isDone: false });
