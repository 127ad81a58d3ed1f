/** A table of TOML, as it was written. */
export type Table = Readonly<Record<string, unknown>>;

/** The value itself, if it is a table; else an empty one. */
export function table(value: unknown): Table {
  const isTable = typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
  return isTable ? (value as Table) : {};
}
