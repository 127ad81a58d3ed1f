import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { call } from "../../../core/cli/call.ts";
import { Control } from "../../../core/cli/control.ts";
import { Commands } from "../../../core/commands/command.ts";
import { Failure } from "../../../core/commands/failure.ts";
import { CommandTable } from "../../../core/commands/table.ts";
import { systemClock } from "../../../core/host/clock.ts";
import { Host } from "../../../core/host/host.ts";
import { definePlugin, type Logger } from "../../../core/host/plugin.ts";

const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {} };

const WHAT = z.strictObject({ what: z.string().describe("What to brew") });

let folder: string;
let path: string;
let commands: CommandTable;
let control: Control;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "masque-control-"));
  path = join(folder, "var", "masque.sock");
  commands = new CommandTable();
  control = new Control(path, commands, quiet);
  await control.open();
});

afterEach(async () => {
  await control.close();
  rmSync(folder, { recursive: true });
});

describe("the control socket", () => {
  it("answers a command with its data and with a text for people", async () => {
    commands.add({
      name: "hags",
      summary: "Counts hags.",
      run: () => ({ count: 3 }),
      render: ({ count }) => `${count} hags`,
    });
    expect(await call(path, ["hags"])).toEqual({ ok: true, result: { count: 3 }, text: "3 hags" });
  });

  it("gives a command its arguments", async () => {
    commands.add({ name: "brew", summary: "Brews.", takes: WHAT, run: ({ what }) => `a pot of ${what}` });
    expect(await call(path, ["brew", "newt"])).toMatchObject({ ok: true, result: "a pot of newt" });
    expect(await call(path, ["brew"])).toEqual({
      ok: false,
      ending: "usage",
      error: "Write: masque brew WHAT",
    });
  });

  it("knows commands of two words, before that of the first alone", async () => {
    commands.add({ name: "brew", summary: "", takes: WHAT, run: ({ what }) => `a pot of ${what}` });
    const often = z.strictObject({ often: z.int() });
    commands.add({ name: "brew again", summary: "", takes: often, run: ({ often }) => `${often} times` });
    expect(await call(path, ["brew", "again", "3"])).toMatchObject({ ok: true, result: "3 times" });
    expect(await call(path, ["brew", "newt"])).toMatchObject({ ok: true, result: "a pot of newt" });
    expect(await call(path, ["brew", "again"])).toMatchObject({
      ok: false,
      error: "Write: masque brew again OFTEN",
    });
  });

  it("tells the nearest name of a command there is not", async () => {
    commands.add({ name: "status", summary: "", run: () => 1 });
    expect(await call(path, ["statsu"])).toEqual({
      ok: false,
      ending: "usage",
      error: 'There is no command "statsu"; did you mean "status"?',
    });
  });

  it("tells why a command failed, and lives on", async () => {
    commands.add({
      name: "brew",
      summary: "",
      run: () => {
        throw new Error("the fire is out");
      },
    });
    const failed = { ok: false, ending: "failed", error: "the fire is out" };
    expect(await call(path, ["brew"])).toEqual(failed);
    expect(await call(path, ["brew"])).toEqual(failed);
  });

  it.each(["not json", '{"words": 1}', '{"words": ["status"], "more": 1}'])("refuses %j", async (line) => {
    const socket = connect(path, () => socket.write(`${line}\n`));
    const [answer] = await once(socket, "data");
    expect(JSON.parse(String(answer))).toMatchObject({ ok: false, ending: "usage" });
    socket.destroy();
  });

  it("is for the user it belongs to, and for nobody else", () => {
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("is gone once it is closed, even if somebody is connected", async () => {
    const socket = connect(path);
    await once(socket, "connect");
    await control.close();
    expect(existsSync(path)).toBe(false);
    expect(await call(path, ["status"])).toBeUndefined();
    socket.destroy();
  });

  it("refuses to take over from a service that lives", async () => {
    const second = new Control(path, commands, quiet);
    await expect(second.open()).rejects.toThrow(
      new Failure("failed", `Masque is already running: it answers on ${path}.`),
    );
  });

  it("replaces the socket of a service that was killed", async () => {
    const dead = join(folder, "dead.sock");
    const script = `require("node:net").createServer().listen(${JSON.stringify(dead)}, () => console.log("up"))`;
    const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(existsSync(dead)).toBe(true);

    const heir = new Control(dead, commands, quiet);
    await heir.open();
    expect(await call(dead, ["x"])).toMatchObject({ ok: false });
    await heir.close();
  });

  it("leaves a file alone that is no socket", async () => {
    const file = join(folder, "precious");
    writeFileSync(file, "eye of newt");
    await expect(new Control(file, commands, quiet).open()).rejects.toThrow("a file of that name that is no socket");
    expect(existsSync(file)).toBe(true);
  });

  it("says what to do about a path too long for a socket", async () => {
    const long = join(folder, "x".repeat(100));
    await expect(new Control(long, commands, quiet).open()).rejects.toThrow("set [control] socket to a shorter one");
  });
});

describe("a plugin's command", () => {
  const brewer = definePlugin({
    name: "brewer",
    summary: "Brews.",
    setup: ({ when }) => when(Commands, (it) => it.add({ name: "brew", summary: "Brews.", run: () => "done" })),
  });

  it("is there as long as the plugin is on", async () => {
    const host = new Host([brewer], { clock: systemClock, log: quiet });
    host.provide(Commands, (consumer) => commands.for(consumer));
    await host.apply({ brewer: {} });
    expect(await call(path, ["brew"])).toMatchObject({ ok: true, result: "done" });
    await host.apply({});
    expect(await call(path, ["brew"])).toMatchObject({ ok: false, ending: "usage" });
  });

  it("cannot take the name of another", () => {
    commands.add({ name: "brew", summary: "", run: () => 1 });
    expect(() => commands.add({ name: "brew", summary: "", run: () => 2 })).toThrow(
      'There is a command "brew" already.',
    );
  });
});
