import { Channels } from "masque";
import { type TestOptions, testHost } from "masque/testing";
import { describe, expect, it } from "vitest";
import { Failure } from "../../core/commands/failure.ts";
import { outcome } from "../core/channel/replies.ts";

const PLUGINS = {
  ...{ channels: {}, participants: {}, messages: {}, info: {}, admin: {}, preferences: {}, visibility: {} },
  ...{ access: {}, jidmap: {}, archive: {} },
};

/** A coven that hides JIDs, and the operator's line to its service. */
async function coven(options: TestOptions = {}) {
  const host = testHost([], { plugins: PLUGINS, ...options });
  const people = await host.coven("hecate", "hag66");
  const says = async (...words: string[]) => (await host.command(...words)).text;
  const channel = (await host.use(Channels).find("coven"))!;
  return { ...people, says, channel };
}

describe("masque channels", () => {
  it("lists every channel, how many are in it, and which are suspended", async () => {
    const { says, hecate, host } = await coven();
    await hecate.creates("heath");
    expect(await says("channels")).toBe(
      "CHANNEL  PEOPLE  CREATED     STATE\n" + "coven    2       2016-05-30\n" + "heath    0       2016-05-30",
    );
    await host.engine.host.disable("visibility");
    expect(await says("channels", "--after", "coven")).toMatch(/heath .* suspended without visibility$/);
  });
});

describe("masque channel", () => {
  it("shows what a channel is and how it is set up, and a hidden JID only for a reason", async () => {
    const { says, hecate } = await coven();
    const text = await says("channel", "show", "coven@mix.shakespeare.example");
    expect(text).toMatch(/^participants +2$/m);
    expect(text).toMatch(/^owners +\(hidden\)$/m);
    expect(await says("channel", "show", "coven", "--reason", "Who is to be asked?")).toContain(hecate.jid);
    expect(text).toMatch(/^JID Visibility +jid-hidden$/m);
    expect(text).not.toContain(hecate.jid);
  });

  it("creates a channel that belongs to somebody", async () => {
    const { says, host } = await coven();
    expect(await says("channel", "create", "heath", "macbeth@shakespeare.example")).toBe(
      "heath@mix.shakespeare.example is created.",
    );
    expect([...((await host.use(Channels).find("heath"))?.owners ?? [])]).toEqual(["macbeth@shakespeare.example"]);
    await expect(says("channel", "create", "coven", "macbeth@shakespeare.example")).rejects.toThrow(
      new Failure("failed", "There is a channel of this name already."),
    );
    await expect(says("channel", "create", "he#ath", "macbeth@shakespeare.example")).rejects.toThrow(
      '"he#ath" cannot be the name of a channel',
    );
    await expect(says("channel", "create", "moor", "macbeth")).rejects.toThrow(`"macbeth" is nobody's JID`);
  });

  it("destroys a channel when it is confirmed, and its participants are told", async () => {
    const { says, hag66, host } = await coven();
    await expect(says("channel", "destroy", "coven")).rejects.toThrow(/its 2 participants .* add --yes/);
    expect(await host.use(Channels).find("coven")).toBeDefined();
    expect(await says("channel", "destroy", "coven", "--yes")).toBe("coven is destroyed.");
    await host.settled();
    expect(await host.use(Channels).find("coven")).toBeUndefined();
    expect(hag66.received().at(-1)?.toString()).toContain("<delete");
  });

  it("configures a channel, whose rules hold for operators, too", async () => {
    const { says, channel } = await coven();
    expect(await says("channel", "config", "coven", "--set", "jid visibility=jid-visible")).toMatch(
      /^JID Visibility +jid-visible$/m,
    );
    expect(channel.sheet("config")["JID Visibility"]).toEqual(["jid-visible"]);
    await expect(says("channel", "config", "coven", "--set", "JID Visibility=never")).rejects.toThrow(
      '"JID Visibility" takes "jid-visible", "jid-maybe-visible", "jid-hidden", not "never".',
    );
    await expect(says("channel", "config", "coven", "--set", "Colour=red")).rejects.toThrow(
      '"Colour=red" sets no field of it. Write FIELD=VALUE; there are ',
    );
  });
});

describe("masque participants", () => {
  it("lists who is in a channel, and masks the JIDs that it hides", async () => {
    const { says, hecate, hag66 } = await coven();
    const text = await says("participants", "coven");
    expect(text).toMatch(/^hecate +[a-z0-9]{16} +\(hidden\) +owners +0\.3\.1$/m);
    expect(text).toMatch(/^hag66 +[a-z0-9]{16} +\(hidden\) +participants +0\.3\.1$/m);
    for (const { jid } of [hecate, hag66]) expect(text).not.toContain(jid);
  });

  it("shows hidden JIDs for a reason, which is logged, with who gave it", async () => {
    const { says, hag66, host } = await coven();
    expect(await says("participants", "coven", "--reason", "Abuse report 7")).toContain(hag66.jid);
    expect(host.complaints).toContain("An operator was shown hidden JIDs.");
    await expect(says("participants", "coven", "--reason", " ")).rejects.toThrow("--reason");
  });

  it("shows what the channel shows to everybody in it", async () => {
    const { says, hag66 } = await coven({ plugins: { ...PLUGINS, visibility: { default: "jid-visible" } } });
    expect(await says("participants", "coven")).toContain(hag66.jid);
  });

  it("ejects one of them, who is told why", async () => {
    const { says, hag66, host, channel } = await coven();
    expect(await says("participant", "eject", "coven", "hag66", "--because", "Enough.")).toBe(
      "hag66 is in coven no more.",
    );
    await host.settled();
    expect(channel.participant(hag66.jid)).toBeUndefined();
    expect(hag66.heard().at(-1)).toBe("Enough.");
    await expect(says("participant", "eject", "coven", "hecat")).rejects.toThrow('did you mean "hecate"?');
  });
});

describe("masque ban, allow and their opposites", () => {
  it("ban people, who are removed, and take it back", async () => {
    const { says, hag66, channel } = await coven();
    expect(await says("ban", "coven", hag66.jid, "birnam.example")).toBe(
      `${hag66.jid}, birnam.example are banned from coven.`,
    );
    expect(channel.participant(hag66.jid)).toBeUndefined();
    expect(await says("banned", "coven")).toBe(`${hag66.jid}\nbirnam.example`);
    expect(await says("unban", "coven", hag66.jid)).toBe(`${hag66.jid} is no longer banned from coven.`);
    await hag66.joins("coven");
    expect(channel.participant(hag66.jid)).toBeDefined();
  });

  it("refuse, in words, what cannot be", async () => {
    const { says, hecate, channel } = await coven();
    await expect(says("ban", "coven", hecate.jid)).rejects.toThrow("Who manages a channel cannot be banned from it");
    await expect(says("unban", "coven", "birnam.example")).rejects.toThrow('"birnam.example" is not on this list.');
    expect(channel.size).toBe(2);
  });

  it("close a channel to all but those who are allowed", async () => {
    const { says, host } = await coven();
    await says("allow", "coven", "birnam.example");
    expect(await says("allowed", "coven")).toBe("birnam.example");
    const macbeth = host.actor("macbeth");
    expect(outcome(await macbeth.joins("coven"))).toBe("item-not-found");
  });
});

describe("masque jidmap", () => {
  it("says who is whom, for a reason", async () => {
    const { says, hag66, channel } = await coven();
    const { id } = channel.participant(hag66.jid)!;
    expect(await says("jidmap", "coven")).toMatch(new RegExp(`^${id} +\\(hidden\\)$`, "m"));
    expect(await says("jidmap", "coven", "--reason", "Abuse report 7")).toMatch(
      new RegExp(`^${id} +${hag66.jid}$`, "m"),
    );
  });
});

describe("masque preferences", () => {
  it("says what somebody has chosen", async () => {
    const { says, hag66 } = await coven();
    await hag66.prefers({ "JID Visibility": "never" });
    expect(await says("preferences", "coven", "hag66")).toMatch(/^JID Visibility +never$/m);
  });
});

describe("masque archive", () => {
  it("says what is kept, and prints the last messages, without any JID", async () => {
    const { says, hag66, hecate } = await coven();
    expect(await says("archive", "coven")).toBe("Nothing is kept.");
    await hag66.says("double, double");
    await hecate.says("toil and trouble");
    expect(await says("archive", "coven")).toMatch(/^2 messages are kept, from \S+ to \S+\.$/);
    const text = await says("archive", "coven", "--last", "1");
    expect(text).toMatch(/^\S+ +hecate +toil and trouble$/m);
    expect(text).not.toContain("double");
    expect(text).not.toContain("shakespeare.example");
  });
});

describe("an operator's command", () => {
  it("goes with its plugin", async () => {
    const { says, host } = await coven();
    for (const [plugin, ...words] of [
      ["access", "ban", "coven", "birnam.example"],
      ["jidmap", "jidmap", "coven"],
      ["archive", "archive", "coven"],
    ]) {
      await host.engine.host.disable(plugin!);
      await expect(says(...words)).rejects.toThrow(`There is no command "${words[0]}"`);
    }
  });
});
