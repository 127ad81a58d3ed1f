import { describe, expect, it } from "vitest";
import { Container, service } from "../../../core/container.ts";

const Broom = service<{ owner: string }>("test-broom");
const Newt = service<string>("test-newt");

class Hag {
  readonly broom: { owner: string };
  readonly newt: string;
  constructor(@Broom broom: { owner: string }, @Newt newt: string) {
    this.broom = broom;
    this.newt = newt;
  }
}

describe("A token", () => {
  it("means the same in two copies of the package", () => {
    expect(service("test-broom").id).toBe(Broom.id);
    expect(Broom.id).toBe(Symbol.for("masque:test-broom"));
    expect(Broom.name).toBe("test-broom");
  });
});

describe("A container", () => {
  it("builds a class from what its parameters' tokens stand for", () => {
    const broom = { owner: "hecate" };
    const hag = new Container().value(Broom, broom).value(Newt, "eye of newt").make(Hag);
    expect(hag.broom).toBe(broom);
    expect(hag.newt).toBe("eye of newt");
  });

  it("builds a subclass that has no constructor of its own like its parent", () => {
    class YoungHag extends Hag {}
    const container = new Container().value(Broom, { owner: "hecate" }).value(Newt, "eye of newt");
    expect(container.make(YoungHag).newt).toBe("eye of newt");
  });

  it("names the parameter whose token was forgotten", () => {
    class Careless {
      readonly parts: unknown[];
      constructor(@Newt newt: string, broom: unknown, @Newt other: string) {
        this.parts = [newt, broom, other];
      }
    }
    expect(() => new Container().value(Newt, "newt").make(Careless)).toThrow(
      'Parameter 2 of the constructor of Careless has no token: write "@Token name: Type" there.',
    );
  });

  it("names what is not registered, instead of making one up", () => {
    expect(() => new Container().get(Broom)).toThrow('Nothing is registered as "test-broom".');
    expect(() => new Container().value(Newt, "newt").make(Hag)).toThrow(
      'The constructor of Hag wants "test-broom", and nothing is registered as that.',
    );
  });

  it("lets a child see what is above, and nobody else what is in the child", () => {
    const root = new Container().value(Newt, "root's newt");
    const child = root.child().value(Broom, { owner: "hag66" });
    expect(child.get(Newt)).toBe("root's newt");
    expect([child.has(Broom), root.has(Broom), root.child().has(Broom)]).toEqual([true, false, false]);
    expect(child.value(Newt, "child's newt").get(Newt)).toBe("child's newt");
    expect(root.get(Newt)).toBe("root's newt");
  });

  it("keeps two roots apart", () => {
    new Container().value(Newt, "newt");
    expect(new Container().has(Newt)).toBe(false);
  });

  it("calls a factory each time, with the container of who asks", () => {
    let calls = 0;
    const root = new Container().factory(Broom, (asker) => ({ owner: `${asker.get(Newt)} ${++calls}` }));
    const child = root.child().value(Newt, "newt");
    expect([child.get(Broom).owner, child.get(Broom).owner]).toEqual(["newt 1", "newt 2"]);
  });

  it("is empty after a reset, and its parent is not", () => {
    const root = new Container().value(Newt, "newt");
    const child = root.child().value(Broom, { owner: "hecate" });
    child.reset();
    expect([child.has(Broom), child.has(Newt)]).toEqual([false, true]);
  });
});
