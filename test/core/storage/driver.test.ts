import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Driver, openDriver, resultCode } from "../../../core/storage/driver.ts";

describe("the driver", () => {
  let db: Driver;
  beforeEach(() => {
    db = openDriver(":memory:");
    db.exec("create table hags (name text, age integer unique)");
  });
  afterEach(() => db.close());

  it("gives rows as plain objects, without a field of its own", () => {
    db.run("insert into hags values (?, ?)", "hag66", 66);
    const rows = db.all("select * from hags");
    expect(rows).toStrictEqual([{ name: "hag66", age: 66 }]);
    expect(Object.getPrototypeOf(rows[0])).toBe(Object.prototype);
  });

  it("says how many rows it changed", () => {
    db.run("insert into hags values (?, ?), (?, ?)", "a", 1, "b", 2);
    expect(db.run("update hags set name = 'hag'")).toBe(2);
    expect(db.run("update hags set name = 'hag' where age = ?", 9)).toBe(0);
  });

  it("takes booleans as 1 and 0, and undefined as NULL", () => {
    db.run("insert into hags values (?, ?)", undefined, true);
    db.run("insert into hags values (?, ?)", null, false);
    expect(db.all("select * from hags order by age")).toEqual([
      { name: null, age: 0 },
      { name: null, age: 1 },
    ]);
  });

  it("gives text back unchanged, whatever the script", () => {
    const text = `Hécate 🧙 ${"x".repeat(100_000)}`;
    expect(db.all("select ? as text", text)).toEqual([{ text }]);
  });

  it("refuses a text with a NUL rather than cut it", () => {
    expect(() => db.run("insert into hags values (?, ?)", "hag\0 66", 66)).toThrow("a text in it contains a NUL");
    expect(db.all("select * from hags")).toEqual([]);
  });

  it("refuses a value too few or too many", () => {
    expect(() => db.run("insert into hags values (?, ?)", "hag66")).toThrow(
      "1 values were given where 2 are asked for",
    );
    expect(() => db.all("select '?' as q, ? as a", 1, 2)).toThrow("2 values were given where 1 are asked for");
  });

  it("refuses an object", () => {
    expect(() => db.all("select ? as a", {} as never)).toThrow("not object");
  });

  it("tells SQLite's errors by their code", () => {
    db.run("insert into hags values (?, ?)", "hag66", 66);
    expect(code(() => db.run("insert into hags values (?, ?)", "hag67", 66))).toBe(19);
    expect(code(() => openDriver("/nowhere/at/all/masque.db").exec("create table a (b)"))).toBe(14);
    expect(code(() => JSON.parse("double"))).toBeUndefined();
  });
});

function code(failing: () => unknown): number | undefined {
  try {
    failing();
  } catch (error) {
    return resultCode(error);
  }
  throw new Error("It did not fail.");
}
