import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Child, install } from "../cli/child.ts";
import { Person } from "./person.ts";
import { CHANNEL } from "./theatre.ts";

let home: string;
let command: string;
let folder: string;
let children: Child[];

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "masque-installed-"));
  command = install(home);
});

afterAll(() => rmSync(home, { recursive: true }));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "masque-stage-"));
  children = [];
});

afterEach(async () => {
  for (const child of children) child.signal("SIGKILL");
  await Promise.all(children.map((child) => child.end()));
  rmSync(folder, { recursive: true });
});

function masque(args: string[], env: NodeJS.ProcessEnv = {}, cwd = folder): Child {
  const child = new Child(command, args, cwd, { MASQUE_STAGE_PORT: "0", ...env });
  children.push(child);
  return child;
}

/** Starts without a configuration; returns where the page is, too. */
async function started(): Promise<{ service: Child; url: string }> {
  const service = masque(["start"]);
  await service.says("write a masque.toml.\n");
  const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(service.stdout)?.[0];
  if (!url) throw new Error(`It did not say where the page is: ${service.stdout}`);
  return { service, url };
}

async function fails(child: Child): Promise<{ code: number | string; stderr: string }> {
  const code = await child.end();
  return { code, stderr: child.stderr };
}

const socketOf = (url: string) => `${url.replace("http", "ws")}xmpp-websocket`;

describe("starting without a configuration", () => {
  it("says in two lines where the page is, and where the data lies", async () => {
    expect(existsSync(join(folder, "var"))).toBe(false);
    const { service, url } = await started();
    expect(service.stdout.trimEnd().split("\n")).toEqual([
      `The stage is open at ${url} (for trying things out, on this machine only; Ctrl-C ends it).`,
      "What happens there is kept in ./var/stage.db; to serve a real XMPP server, write a masque.toml.",
    ]);
    expect((await fetch(url)).status).toBe(200);
    expect(existsSync(join(folder, "var/stage.db"))).toBe(true);
  });

  it("puts its plugins into the hands of the page", async () => {
    const { url } = await started();
    const plugins = (await (await fetch(`${url}plugins`)).json()) as { name: string; state: string }[];
    expect(plugins.filter(({ state }) => state === "on").map(({ name }) => name)).toContain("visibility");
  });

  it.each(["SIGTERM", "SIGHUP"] as const)(
    "ends in good order, saying nothing, at %s while somebody is there",
    async (signal) => {
      const { service, url } = await started();
      const hecate = await Person.logIn(socketOf(url), "hecate");
      service.signal(signal);
      expect(await service.end()).toBe(0);
      expect([service.stdout.trimEnd().split("\n").length, service.stderr]).toEqual([2, ""]);
      await hecate.when(() => !hecate.isConnected);
      expect(hecate.heard.at(-1)?.name).toBe("close");
    },
  );

  it("keeps its channels from one time to the next", async () => {
    const first = await started();
    const prospero = await Person.logIn(socketOf(first.url), "prospero");
    await prospero.creates("coven", "mix.shakespeare.example");
    await prospero.joins(CHANNEL, "prospero");
    first.service.signal("SIGTERM");
    await first.service.end();

    const second = await started();
    const again = await Person.logIn(socketOf(second.url), "prospero");
    const created = await again.creates("coven", "mix.shakespeare.example");
    expect(created.attrs.type).toBe("error");
    await again.joins(CHANNEL, "prospero");
    again.speaks(CHANNEL, "Hell is empty, and all the devils are here.");
    await again.hearsWords("Hell is empty, and all the devils are here.");
  });

  it("answers masque status, explain and reload as any service does", async () => {
    await started();
    const status = masque(["status"]);
    expect(await status.end()).toBe(0);
    expect(status.stdout).toMatch(/^Masque \S+ at mix\.shakespeare\.example, connected\n/);
    const reload = masque(["reload"]);
    expect(await reload.end()).toBe(0);
    expect(reload.stdout).toBe("Nothing to stop, nothing to start.\n");
  });
});

describe("the stage that cannot be", () => {
  it("says so when its port is in use", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    expect(await fails(masque(["start"], { MASQUE_STAGE_PORT: String(port) }))).toEqual({
      code: 1,
      stderr:
        `The stage cannot have port ${port} of 127.0.0.1: address already in use; ` +
        "stop what uses it, perhaps another stage, or set MASQUE_STAGE_PORT to another port.\n",
    });
    other.close();
  });

  it("says so when it is there already", async () => {
    await started();
    const { code, stderr } = await fails(masque(["start"]));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Masque is already running: it answers on .*stage\.sock\.\n$/);
  });

  it("says so when its port is none", async () => {
    expect(await fails(masque(["start"], { MASQUE_STAGE_PORT: "http" }))).toEqual({
      code: 78,
      stderr: 'MASQUE_STAGE_PORT is a port, a whole number from 0 to 65535, not "http".\n',
    });
  });

  it("says so when there is a file where its folder belongs", async () => {
    writeFileSync(join(folder, "var"), "");
    expect(await fails(masque(["start"]))).toEqual({
      code: 1,
      stderr: `Cannot create the folder ${folder}/var, where the stage keeps its data: file already exists.\n`,
    });
  });

  // The kernel's own files cannot be added to, not even by root.
  it("says so when the disk cannot be written to", async () => {
    const { code, stderr } = await fails(masque(["start"], {}, "/sys"));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Cannot create the folder \/sys\/var, where the stage keeps its data: [a-z -]+\.\n$/);
  });

  it("says so when its page was not installed", async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), "masque-no-page-"));
    const pageless = install(elsewhere);
    rmSync(join(elsewhere, "core"), { recursive: true });
    const child = new Child(pageless, ["start"], folder);
    children.push(child);
    const { code, stderr } = await fails(child);
    rmSync(elsewhere, { recursive: true });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The page of the stage cannot be read from .*page\/: no such file or directory\.\n$/);
  });
});
