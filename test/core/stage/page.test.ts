import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEmptyStage, type Theatre } from "./theatre.ts";

let theatre: Theatre;
let url: string;

beforeAll(async () => {
  theatre = await openEmptyStage();
  url = theatre.stage.url;
});

afterAll(() => theatre.close());

/** As a browser asks that was led here under another name. */
function statusFor(host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on("error", reject).end();
  });
}

describe("the page", () => {
  it.each([
    ["", "text/html; charset=utf-8"],
    ["style.css", "text/css; charset=utf-8"],
    ["stage.js?2", "text/javascript; charset=utf-8"],
    ["mask.svg", "image/svg+xml"],
  ])("is served with its type and nothing but itself: /%s", async (path, type) => {
    const response = await fetch(url + path);
    expect([response.status, response.headers.get("content-type")]).toEqual([200, type]);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("content-security-policy")).toBe(
      `default-src 'self'; connect-src 'self' ws://${new URL(url).host}; ` +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect((await response.arrayBuffer()).byteLength).toBe(Number(response.headers.get("content-length")));
  });

  it("is told of without being sent", async () => {
    const response = await fetch(url, { method: "HEAD" });
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });

  it("is all there is", async () => {
    expect((await fetch(`${url}../../package.json`)).status).toBe(404);
    expect((await fetch(`${url}%2e%2e/stage.ts`)).status).toBe(404);
    expect((await fetch(url, { method: "POST" })).status).toBe(405);
  });

  it("is for this machine's own names alone", async () => {
    const { port } = new URL(url);
    expect(await statusFor(`localhost:${port}`)).toBe(200);
    expect(await statusFor(`masque.evil.example:${port}`)).toBe(421);
    expect(await statusFor(`127.0.0.1.evil.example:${port}`)).toBe(421);
  });
});
