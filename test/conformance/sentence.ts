export type Version = "0.1.0" | "0.3.1";

/** What a version of a specification demands, permits or states of a service. */
export interface Sentence {
  readonly in: readonly Version[];
  /** Word for word; " … " stands for words left out, ": " for the next cell of a table. */
  readonly says: string;
  readonly does: string;
  /** Done otherwise, for the reason in `does`; or nothing that a service could do. Without it, it is done as it says. */
  readonly stand?: "otherwise" | "others";
}

type Stand = NonNullable<Sentence["stand"]>;
type Maker = (says: string, does: string, stand?: Stand) => Sentence;

const maker =
  (...versions: Version[]): Maker =>
  (says, does, stand) => ({ in: versions, says, does, ...(stand && { stand }) });

export const both = maker("0.1.0", "0.3.1");
export const first = maker("0.1.0");
export const latest = maker("0.3.1");
