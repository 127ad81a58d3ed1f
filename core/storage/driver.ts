import { createRequire } from "node:module";

/** What a column takes: booleans become 0 and 1, `undefined` becomes NULL. */
export type Value = string | number | boolean | null | undefined;
export type Row = Record<string, string | number | null>;

/** One connection to SQLite: `node:sqlite` where Node has it, else libsql. Parameters are `?`, in order. */
export interface Driver {
  /** Runs statements without parameters, separated by semicolons. */
  exec(sql: string): void;
  /** Returns the number of rows changed. */
  run(sql: string, ...values: Value[]): number;
  all(sql: string, ...values: Value[]): Row[];
  close(): void;
}

interface Native {
  exec(sql: string): unknown;
  prepare(sql: string): NativeStatement;
  close(): void;
}

interface NativeStatement {
  run(...values: unknown[]): { changes: number | bigint };
  all(...values: unknown[]): Row[];
}

type Bound = string | number | null;
interface Prepared {
  readonly slots: number;
  run(values: Bound[]): number;
  all(values: Bound[]): Row[];
}

export function openDriver(path: string): Driver {
  // Looked for only here: on Node 22, to look is to be warned that it is experimental.
  const builtIn = process.getBuiltinModule?.("node:sqlite") as
    | { DatabaseSync: new (path: string) => Native }
    | undefined;
  const native = builtIn ? new builtIn.DatabaseSync(path) : new (libsql())(path);
  const prepare = builtIn ? prepareBuiltIn : prepareLibsql;
  const statements = new Map<string, Prepared>();

  function prepared(sql: string, values: Value[]): Prepared {
    let statement = statements.get(sql);
    if (!statement) statements.set(sql, (statement = prepare(native.prepare(sql), slots(sql))));
    // Both libraries bind NULL for what is missing and say nothing.
    if (values.length === statement.slots) return statement;
    throw new TypeError(`${values.length} values were given where ${statement.slots} are asked for: ${sql}`);
  }

  return {
    exec: (sql) => void native.exec(sql),
    run: (sql, ...values) => prepared(sql, values).run(values.map(bind)),
    all: (sql, ...values) => prepared(sql, values).all(values.map(bind)),
    close: () => native.close(),
  };
}

function libsql(): new (path: string) => Native {
  return createRequire(import.meta.url)("libsql");
}

function slots(sql: string): number {
  return sql.replace(/'[^']*'/g, "").match(/\?/g)?.length ?? 0;
}

function prepareBuiltIn(statement: NativeStatement, slots: number): Prepared {
  return {
    slots,
    run: (values) => Number(statement.run(...values).changes),
    // Its rows have no prototype.
    all: (values) => statement.all(...values).map((row) => ({ ...row })),
  };
}

function prepareLibsql(statement: NativeStatement, slots: number): Prepared {
  // It takes its values in one array. Its `get` adds a field to the row: hence only `all`.
  return { slots, run: (values) => Number(statement.run(values).changes), all: (values) => statement.all(values) };
}

function bind(value: Value): Bound {
  switch (typeof value) {
    case "string":
      // libsql cuts a text at its first NUL, and PostgreSQL takes none. It may hold a JID, and this goes into the log.
      if (value.includes("\0")) throw new TypeError("a text in it contains a NUL");
      return value;
    case "number":
      return value;
    // A boolean aborts the process in libsql.
    case "boolean":
      return value ? 1 : 0;
    case "undefined":
      return null;
    default:
      if (value === null) return null;
      throw new TypeError(`A column takes text, a number or a boolean, not ${typeof value}`);
  }
}

/** SQLite's primary result code (https://sqlite.org/rescode.html); `undefined` when the error is not SQLite's. */
export function resultCode(error: unknown): number | undefined {
  const { rawCode, errcode, message } = error as { rawCode?: number; errcode?: number; message?: string };
  // libsql gives the code of a failed opening in its text only.
  const code = rawCode ?? errcode ?? /local database .*: (\d+)"\)$/.exec(message ?? "")?.[1];
  return code === undefined ? undefined : Number(code) & 0xff;
}
