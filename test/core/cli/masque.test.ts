import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { call } from "../../../core/cli/call.ts";
import { type HostServer, hostServer } from "../../host-server.ts";
import { Child, install } from "./child.ts";

let home: string;
let command: string;
let folder: string;
let server: HostServer;
let children: Child[];

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "masque-installed-"));
  command = install(home);
});

afterAll(() => rmSync(home, { recursive: true }));

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "masque-cli-"));
  server = await hostServer();
  children = [];
});

afterEach(async () => {
  for (const child of children) child.signal("SIGKILL");
  await Promise.all(children.map((child) => child.end()));
  await server.close();
  rmSync(folder, { recursive: true });
});

function masque(...args: string[]): Child {
  const child = new Child(command, args, folder);
  children.push(child);
  return child;
}

/** What a command prints, once it has ended, and how it ended. */
async function said(...args: string[]): Promise<{ code: number | string; stdout: string; stderr: string }> {
  const child = masque(...args);
  const code = await child.end();
  return { code, stdout: child.stdout, stderr: child.stderr };
}

function configure(more = "", secret = server.secret): void {
  const component = `[component]\ndomain = "mix.shakespeare.example"\nport = ${server.port}\nsecret = "${secret}"\n`;
  writeFileSync(join(folder, "masque.toml"), component + more);
}

async function started(): Promise<Child> {
  const child = masque("start");
  await child.says("Connected to the server.");
  return child;
}

async function states(): Promise<Record<string, string>> {
  const answer = await call(join(folder, "var/masque.sock"), ["status"]);
  if (!answer?.ok) throw new Error("The service did not tell its status.");
  const { plugins } = answer.result as { plugins: Record<string, { state: string }> };
  return Object.fromEntries(Object.entries(plugins).map(([name, { state }]) => [name, state]));
}

describe("the command masque", () => {
  it("refuses commands and options there are not, naming the nearest", async () => {
    expect(await said("statr")).toEqual({
      code: 69,
      stdout: "",
      stderr: expect.stringMatching(/^No service is running: .* there is no "statr"; did you mean "start"\?\n$/),
    });
    expect(await said("check", "--cnfig", "x")).toMatchObject({
      code: 2,
      stderr: 'There is no option --cnfig; did you mean "--config"?\n',
    });
    expect(await said("check", "all")).toMatchObject({ code: 2, stderr: "Write: masque check\n" });
  });

  it("says where it looked for a configuration, and how to make one", async () => {
    const { code, stderr } = await said("check");
    expect(code).toBe(78);
    expect(stderr).toContain("looked for --config FILE, MASQUE_CONFIG, ./masque.toml and /etc/masque/masque.toml");
    expect(stderr).toContain('"masque example > masque.toml"');
    expect(stderr).toContain("the stage, which is for trying things out and never for production");
  });

  it("makes an example that it finds right itself", async () => {
    writeFileSync(join(folder, "masque.toml"), (await said("example")).stdout);
    expect(await said("check")).toMatchObject({ code: 0, stdout: expect.stringContaining("./masque.toml is right") });
  });

  it("says who will not run, and that the link is not to leave private ground", async () => {
    configure('host = "192.0.2.1"\n[plugins.participants]\nenabled = false\n');
    const { stdout } = await said("check");
    expect(stdout).toContain("messages will not run: it waits for participants, which is off.");
    expect(stdout).toContain("The link to 192.0.2.1 is not encrypted");
  });

  it("starts nothing by a configuration with mistakes, and says all of them", async () => {
    configure(
      "prot = 1\n[service]\noperators = ['hecate']\n[plugins.pong]\n[plugins.ping]\nenabled = 'no'\n[log]\nlevel = 1\n",
    );
    const { code, stderr } = await said("start");
    expect(code).toBe(78);
    expect(stderr.match(/^\S+:\d+:\d+: [a-z.0-9]+/gm)).toEqual([
      "./masque.toml:5:1: component.prot",
      "./masque.toml:7:14: service.operators.0",
      "./masque.toml:8:1: plugins.pong",
      "./masque.toml:10:1: plugins.ping.enabled",
      "./masque.toml:12:1: log.level",
    ]);
    expect(readdirSync(folder)).toEqual(["masque.toml"]);
    expect(server.connections).toBe(0);
  });

  it("says so when no service is running", async () => {
    configure();
    expect(await said("status")).toEqual({
      code: 69,
      stdout: "",
      stderr: `No service is running: nobody answers on ${join(folder, "var/masque.sock")}.\n`,
    });
    expect(await said("plan")).toMatchObject({ code: 0, stdout: expect.stringMatching(/^start {2}ping$/m) });
  });
});

describe("a running service", () => {
  it("tells its status, and stops in good order at SIGTERM", async () => {
    configure();
    const service = await started();
    const { code, stdout } = await said("status");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Masque \S+ at mix\.shakespeare\.example, connected\n/);
    expect(stdout).toMatch(/^ping +on$/m);

    service.signal("SIGTERM");
    expect(await service.end()).toBe(0);
    expect(server.received).toContain("</stream:stream>");
    expect(existsSync(join(folder, "var/masque.sock"))).toBe(false);
  });

  it("explains who answers a question, and knows the nearest one", async () => {
    configure();
    await started();
    const question = "iq-get/service/urn:xmpp:ping:ping";
    expect(await said("explain", question)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ping +0$/m) });
    expect(await said("explain", `${question}s`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`did you mean "${question}"?`),
    });
  });

  it("explains why a JID is shown, and says how it is asked", async () => {
    configure();
    await started();
    expect(await said("explain", "jid", "coven", "hecate", "--json")).toMatchObject({
      code: 1,
      stderr: 'There is no channel "coven".\n',
    });
    expect(await said("explain", "jid", "coven")).toMatchObject({
      code: 2,
      stderr: "Write: masque explain jid CHANNEL PARTICIPANT\n",
    });
  });

  it("releases a channel, and says how it is asked", async () => {
    configure();
    await started();
    expect(await said("channel", "release", "coven", "--to", "jid-visible", "--yes")).toMatchObject({
      code: 1,
      stderr: 'There is no channel "coven".\n',
    });
    expect(await said("channel", "release", "coven", "--too", "jid-visible")).toMatchObject({
      code: 2,
      stderr: 'There is no option --too; did you mean "--to"?\n',
    });
    expect(await said("channel", "burn", "coven")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There is no command "channel burn". There is:\n  channel config'),
    });
  });

  it("is the only one", async () => {
    configure();
    await started();
    expect(await said("start")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Masque is already running"),
    });
  });

  it("comes back after it was killed", async () => {
    configure();
    const killed = await started();
    killed.signal("SIGKILL");
    await killed.end();
    expect(existsSync(join(folder, "var/masque.sock"))).toBe(true);
    await started();
    expect((await states()).ping).toBe("on");
  });

  it("answers while the server is away", async () => {
    configure();
    server.manner = "silent";
    masque("start");
    await server.when(() => server.connections > 0);
    expect((await said("status")).stdout).toContain("not connected to the server");
  });

  it("ends when the server refuses its secret, and says what to put right", async () => {
    configure("", "double, double");
    expect(await said("start")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("refused the secret of mix.shakespeare.example"),
      stdout: expect.not.stringContaining("refused the secret"),
    });
  });

  it("ends at once at a second signal", async () => {
    configure();
    const service = await started();
    server.pauseReading(); // so that it waits for the server's farewell
    service.signal("SIGTERM");
    await service.says("Masque is stopping.");
    service.signal("SIGINT");
    expect(await service.end()).toBe("SIGINT");
  });
});

describe("a reload", () => {
  it("stops and starts what changed in the file, and nothing else", async () => {
    configure();
    await started();
    configure("[plugins.ping]\nenabled = false\n");
    expect((await said("plan")).stdout).toBe("stop  ping\n");
    expect((await states()).ping).toBe("on");
    expect((await said("reload")).stdout).toBe("stop  ping\n");
    expect(await states()).toMatchObject({ ping: "off", participants: "on" });
  });

  it("happens at SIGHUP, too", async () => {
    configure("[plugins.ping]\nenabled = false\n");
    const service = await started();
    configure();
    service.signal("SIGHUP");
    await service.says("The configuration is reloaded.");
    expect(service.stdout).toContain('"plan":{"stop":[],"start":["ping"],"waiting":[]}');
    expect((await states()).ping).toBe("on");
  });

  it("changes nothing when the file has mistakes, and names all of them", async () => {
    configure();
    const service = await started();
    configure("prot = 1\n[plugins.ping]\nenabled = false\npage = 1\n");
    service.signal("SIGHUP");
    await service.says("is not used");
    expect(service.stdout).toMatch(/masque\.toml:5:1: component\.prot.+masque\.toml:8:1: plugins\.ping\.page/);
    expect(await said("reload")).toMatchObject({ code: 78, stderr: expect.stringContaining('did you mean "port"?') });
    expect((await states()).ping).toBe("on");
  });

  it("says what has to wait for the next start", async () => {
    configure();
    await started();
    configure('[service]\nname = "The Weird Sisters"\n');
    expect((await said("reload")).stdout).toBe(
      "Nothing to stop, nothing to start.\nservice.name changed: that counts from the next start on.\n",
    );
  });
});
