import { testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { Load } from "../../core/load.ts";

describe("a server that pushes faster than the service can do", () => {
  it("is read no more above ten thousand things under way, and again below half of that", () => {
    const holds: boolean[] = [];
    const load = new Load((held) => holds.push(held));
    for (let i = 0; i < 10_000; i++) load.begin();
    expect(holds).toEqual([]);
    load.begin();
    expect(holds).toEqual([true]);
    for (let i = 0; i < 5_000; i++) load.end();
    expect(holds).toEqual([true]);
    load.end();
    expect(holds).toEqual([true, false]);
  });

  it("is held back while messages wait for the disk, and nothing of what it pushed is lost", async () => {
    const { hag66, hecate, host } = await testHost().coven("hag66", "hecate");
    const to = "coven@mix.shakespeare.example";
    for (let i = 0; i < 10_050; i++) {
      host.push(`<message type='groupchat' id='m${i}' from='${hag66.client}' to='${to}'><body>${i}</body></message>`);
    }
    expect(host.isHeld).toBe(true);
    await host.settled();
    expect(host.isHeld).toBe(false);
    expect(hecate.heard()).toEqual(Array.from({ length: 10_050 }, (_, i) => String(i)));
  });
});
