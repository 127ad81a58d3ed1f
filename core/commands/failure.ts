/** How the command ends, as sysexits.h has it. */
export const EXIT = { fine: 0, failed: 1, usage: 2, unavailable: 69, config: 78 } as const;

export type Ending = keyof typeof EXIT;

/** The command cannot be carried out, for a reason that is told in one sentence; commands of plugins throw it, too. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly ending: Ending;

  constructor(ending: Ending, message: string) {
    super(message);
    this.ending = ending;
  }
}

/** It cannot be undone, and was not confirmed. */
export class Unconfirmed extends Failure {
  /** What it would do. */
  readonly warning: string;

  constructor(warning: string) {
    super("usage", `${warning} If this is what you want, add --yes.`);
    this.warning = warning;
  }
}
