import { describe, expect, it } from "vitest";
import { byPlace, Scope } from "../../../core/host/scope.ts";
import { pending } from "./cast.ts";

describe("A scope", () => {
  it("undoes everything, newest first, each once the one before is undone", async () => {
    const scope = new Scope("The coven");
    const undone: string[] = [];
    const slow = pending();
    scope.add("fire", () => void undone.push("fire"));
    scope.add("cauldron", async () => {
      await slow.promise;
      undone.push("cauldron");
    });
    scope.add("newt", () => void undone.push("newt"));
    const closing = scope.close();
    slow.resolve();
    expect(await closing).toEqual([]);
    expect(undone).toEqual(["newt", "cauldron", "fire"]);
  });

  it("goes on when an undo fails, and reports which one", async () => {
    const scope = new Scope("The coven");
    const undone: string[] = [];
    scope.add("fire", () => void undone.push("fire"));
    scope.add("newt", () => {
      throw new Error("bitten");
    });
    scope.add("frog", () => Promise.reject(new Error("jumped")));
    expect(await scope.close()).toEqual([
      { label: "frog", error: new Error("jumped") },
      { label: "newt", error: new Error("bitten") },
    ]);
    expect(undone).toEqual(["fire"]);
  });

  it("lists what it holds, and what its inner scopes hold", async () => {
    const scope = new Scope("The coven");
    scope.add("fire", () => {});
    const inner = scope.child("with cauldron");
    inner.add("newt", () => {});
    expect(scope.holds()).toEqual(["fire", "with cauldron", "with cauldron > newt"]);
    await inner.close();
    expect(scope.holds()).toEqual(["fire"]);
    await scope.close();
    expect(scope.holds()).toEqual([]);
  });

  it("takes nothing more once it has begun to close, not even from its own undo", async () => {
    const scope = new Scope("The coven");
    scope.add("fire", () => scope.add("ember", () => {}));
    expect(await scope.close()).toEqual([
      { label: "fire", error: new Error('The coven has ended: "ember" comes too late.') },
    ]);
    expect(() => scope.add("fire", () => {})).toThrow('The coven has ended: "fire" comes too late.');
    expect(() => scope.child("with cauldron")).toThrow("too late");
  });

  it("undoes once, however often it is closed", async () => {
    const scope = new Scope("The coven");
    let undone = 0;
    scope.add("fire", () => void undone++);
    await Promise.all([scope.close(), scope.close()]);
    await scope.close();
    expect(undone).toBe(1);
  });

  it("closes its inner scopes in their turn, and collects their errors", async () => {
    const scope = new Scope("The coven");
    const undone: string[] = [];
    scope.add("fire", () => void undone.push("fire"));
    const inner = scope.child("with cauldron");
    inner.add("newt", () => {
      undone.push("newt");
      throw new Error("bitten");
    });
    scope.add("broom", () => void undone.push("broom"));
    expect(await scope.close()).toEqual([{ label: "newt", error: new Error("bitten") }]);
    expect(undone).toEqual(["broom", "newt", "fire"]);
  });

  it("aborts its signal, and that of its inner scopes, before anything is undone", async () => {
    const scope = new Scope("The coven");
    const inner = scope.child("with cauldron");
    const seen: boolean[] = [];
    scope.add("fire", () => void seen.push(scope.signal.aborted, inner.signal.aborted));
    expect(scope.signal.aborted).toBe(false);
    await scope.close();
    expect(seen).toEqual([true, true]);
  });

  it("admits questions with its inner scopes, also with those made later", () => {
    const scope = new Scope("The coven");
    const early = scope.child("early");
    scope.admit(true);
    const late = scope.child("late");
    expect([early.open, late.open]).toEqual([true, true]);
    scope.admit(false);
    expect([early.open, late.open]).toEqual([false, false]);
  });

  it("knows places by the order of the code, not of the clock", () => {
    const scope = new Scope("The coven");
    const reserved = scope.next();
    const after = scope.next();
    const inside = scope.child("with cauldron", reserved).next();
    expect([after, inside].sort(byPlace)).toEqual([inside, after]);
  });
});
