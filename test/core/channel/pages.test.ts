import { describe, expect, it } from "vitest";
import { Pages } from "../../../core/channel/pages.ts";
import { Room } from "../../../core/xmpp/room.ts";
import { turns } from "./held-store.ts";

/** Pages that are read when the test says so. */
function library() {
  const server = { isCongested: false, isStuck: false };
  const room = new Room(server);
  const pages = new Pages(room);
  const open: ((page: string | Error) => void)[] = [];
  const reads = () =>
    pages.read(
      () =>
        new Promise<string>((resolve, reject) =>
          open.push((page) => (typeof page === "string" ? resolve(page) : reject(page))),
        ),
    );
  return { server, room, open, reads };
}

describe("those who read the past", () => {
  it("are let in four at a time, in the order in which they came", async () => {
    const { open, reads } = library();
    const read = Array.from({ length: 6 }, reads);
    await turns();
    expect(open).toHaveLength(4);
    open[1]!("eye of newt");
    expect(await read[1]).toBe("eye of newt");
    await turns();
    expect(open).toHaveLength(5);
  });

  it("make room for the next also when they find nothing", async () => {
    const { open, reads } = library();
    const read = Array.from({ length: 5 }, reads);
    await turns();
    open[0]!(new Error("The page is torn."));
    await expect(read[0]).rejects.toThrow("torn");
    await turns();
    expect(open).toHaveLength(5);
  });

  it("wait while the server does not take what it is owed", async () => {
    const { server, room, open, reads } = library();
    server.isCongested = true;
    void reads();
    await turns();
    expect(open).toEqual([]);
    server.isCongested = false;
    room.open();
    await turns();
    expect(open).toHaveLength(1);
  });
});
