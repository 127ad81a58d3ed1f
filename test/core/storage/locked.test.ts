import { describe, expect, it } from "vitest";
import { openDriver } from "../../../core/storage/driver.ts";
import { openSqlite } from "../../../core/storage/sqlite.ts";
import { StoreError } from "../../../core/storage/store-error.ts";
import { folder } from "./folder.ts";

describe("a database that somebody else has locked", () => {
  const home = folder();

  it("takes nothing for now, which all who wait are told at once, and takes it again after", async () => {
    const file = `${home}/locked.db`;
    const store = await openSqlite(`sqlite:${file}`);
    const operator = openDriver(file);
    operator.exec("begin immediate");
    const put = (key: string) => store.put([{ put: "value", space: "spells", key, value: "1" }]);
    // The first is on its way by itself, the others follow together.
    const outcomes = await Promise.allSettled(["newt", "frog", "bat", "dog"].map(put));
    for (const outcome of outcomes) {
      const { reason } = outcome as PromiseRejectedResult;
      expect(reason).toBeInstanceOf(StoreError);
      expect(reason).toMatchObject({ isPassing: true });
      expect(reason.message).toContain("another program holds a lock on the database");
    }
    expect(await store.values("spells")).toEqual(new Map());
    operator.exec("rollback");
    await put("adder");
    expect(await store.values("spells")).toEqual(new Map([["adder", "1"]]));
    operator.close();
    await store.close();
  });
});
