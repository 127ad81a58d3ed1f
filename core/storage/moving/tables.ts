/** A table that is moved with a database; what columns it has, the database knows. */
export interface Table {
  readonly name: string;
  /** Columns that no two rows have the same of: the order in which they are written, whatever the store. */
  readonly by: readonly string[];
  /** SQL: those rows alone. */
  readonly where?: string;
}

/** All of them, in the order in which they can be filled. */
export const TABLES: readonly Table[] = [
  { name: "channels", by: ["key"] },
  { name: "participants", by: ["channel", "id"] },
  // Of what is forgotten nothing leaves the database, though it may not be swept out yet.
  { name: "archives", by: ["key"], where: "channel is not null" },
  {
    name: "messages",
    by: ["archive", "place"],
    where: "exists (select 1 from archives where key = archive and channel is not null and place > floor)",
  },
  { name: "items", by: ["key"] },
  { name: "plugin_values", by: ["space", "key"] },
];

/** What is the database's own, and means nothing in another. */
export const STAYING: ReadonlySet<string> = new Set(["masque", "processes", "owners"]);
