import { request } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Switch } from "../../../core/stage/switches.ts";
import { openEmptyStage, openTheatre, type Theatre } from "./theatre.ts";

let theatre: Theatre;
let door: string;
let own: Record<string, string>;

beforeEach(async () => {
  theatre = await openTheatre();
  await knock();
});

afterEach(() => theatre.close());

/** Finds the door, and reads what the page is known by. */
async function knock(): Promise<void> {
  const { url } = theatre.stage;
  door = `${url}plugins`;
  const [, token = ""] = /<meta name="token" content="([^"]+)"/.exec(await (await fetch(url)).text()) ?? [];
  own = { origin: new URL(url).origin, "x-masque-token": token };
}

const wish = (plugin: unknown, on: unknown) => JSON.stringify({ plugin, on });

/** As any program can ask; browsers set Origin and Host themselves. */
function asks(method: string, headers: Record<string, string>, body = ""): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const asked = request(door, { method, headers }, async (response) => {
      const text = (await response.setEncoding("utf8").toArray()).join("");
      resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) });
    });
    asked.on("error", reject).end(body);
  });
}

async function state(name: string): Promise<Switch> {
  const plugins = (await (await fetch(door)).json()) as Switch[];
  const found = plugins.find((plugin) => plugin.name === name);
  if (!found) throw new Error(`There is no plugin ${name}.`);
  return found;
}

describe("the plugins behind the stage", () => {
  it("are told with their state, what each is for, and what switching it would do", async () => {
    expect(await state("jidmap")).toEqual({
      name: "jidmap",
      summary:
        "Administrators read which participant is which address; in channels that show addresses, everybody does.",
      state: "on",
      plan: { stop: ["jidmap"], start: [], waiting: [] },
    });
    expect((await state("participants")).plan.stop).toContain("visibility");
  });

  it("are switched by the page, on and off, with those that need them", async () => {
    const { status } = await asks("POST", own, wish("participants", false));
    expect(status).toBe(200);
    expect((await state("participants")).state).toBe("off");
    expect(await state("visibility")).toMatchObject({
      state: "waiting",
      reason: 'It waits for "participants", which is off.',
    });
    expect((await state("participants")).plan.start).toContain("visibility");
    await asks("POST", own, wish("participants", true));
    expect((await state("visibility")).state).toBe("on");
  });

  it.each([
    ["without the token of the page", () => ({ origin: own.origin as string })],
    ["with another token", () => ({ ...own, "x-masque-token": "open sesame" })],
    ["from another page", () => ({ ...own, origin: "http://masque.evil.example" })],
    ["from another port of this machine", () => ({ ...own, origin: "http://127.0.0.1:1" })],
    ["from nowhere", () => ({ "x-masque-token": own["x-masque-token"] as string })],
  ])("are not switched %s", async (_, headers) => {
    const { status, body } = await asks("POST", headers(), wish("visibility", false));
    expect([status, body]).toEqual([
      403,
      { error: "Plugins are switched by the page of the stage, and by nobody else." },
    ]);
    expect((await state("visibility")).state).toBe("on");
  });

  it("are nobody's business who came here under another name, token or not", async () => {
    const elsewhere = { ...own, host: "masque.evil.example", origin: "http://masque.evil.example" };
    expect((await asks("GET", elsewhere)).status).toBe(421);
    expect((await asks("POST", elsewhere, wish("visibility", false))).status).toBe(421);
    expect((await state("visibility")).state).toBe("on");
  });

  it("may be read by no other page in the same browser", async () => {
    const { headers } = await fetch(door, { headers: { origin: "http://masque.evil.example" } });
    expect(headers.get("access-control-allow-origin")).toBeNull();
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
  });

  it.each([
    ["nonsense", "{", 'Write {"plugin": NAME, "on": true} or false.'],
    ["nothing", "null", 'Write {"plugin": NAME, "on": true} or false.'],
    ["half a wish", wish("visibility", undefined), 'Write {"plugin": NAME, "on": true} or false.'],
    ["a wish without end", wish("v".repeat(500_000), true), 'Write {"plugin": NAME, "on": true} or false.'],
    ["a plugin there is not", wish("visibilty", false), 'There is no plugin "visibilty".'],
  ])("stay as they are for %s", async (_, text, error) => {
    expect(await asks("POST", own, text)).toEqual({ status: 400, body: { error } });
  });

  it("are read and switched, and nothing else", async () => {
    expect((await asks("DELETE", own)).status).toBe(405);
  });
});

describe("a stage on which no service plays", () => {
  it("says that there is nothing to switch", async () => {
    const busy = theatre;
    theatre = await openEmptyStage();
    await busy.close();
    await knock();
    expect(await asks("GET", own)).toEqual({ status: 503, body: { error: "No service runs on the stage yet." } });
  });
});
