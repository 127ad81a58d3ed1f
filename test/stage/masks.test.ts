import { definePlugin } from "masque";
import { Preferences } from "masque/plugins/preferences";
import type { WebSocket } from "playwright-core";
import { expect, it } from "vitest";
import { onThePage, soon } from "./scene.ts";

const HIDDEN = { midnight: "address hidden", "third witch": "address hidden", "the duke": "address hidden" };
const SHOWN = {
  midnight: "hecate@shakespeare.example",
  "third witch": "hag66@shakespeare.example",
  "the duke": "prospero@shakespeare.example",
};
const WISH = "Whether my JID is shown";
const ALL = ["hecate", "hag66", "prospero"];

onThePage("MIX-ANON on the page of the stage", ({ raise, page, pane, notices, words, addresses, ...scene }) => {
  const { changesNick, isInvited, joins, says, ticked } = scene;

  const enters = async (options?: Parameters<typeof raise>[0]) => {
    await raise(options);
    for (const name of ["hecate", "hag66"]) await joins(name);
    for (const name of ALL) await pane(name).locator(".participants li").nth(2).waitFor();
  };
  const mode = (name: RegExp) => page().getByRole("radio", { name });
  const prefers = (name: string, label: string, value: string) => pane(name).getByLabel(label).selectOption(value);
  const complaint = (name: string) => pane(name).getByRole("alert").innerText();
  const suspension = (name: string) => pane(name).locator(".suspended").innerText();

  async function proposes(plugin: string): Promise<void> {
    if (!(await page().locator("#plugins .switches").isVisible())) await page().locator("#plugins > summary").click();
    await page().getByRole("switch", { name: plugin, exact: true }).click();
  }

  async function switches(plugin: string, to: "on" | "off"): Promise<void> {
    await proposes(plugin);
    await page()
      .getByRole("button", { name: `Switch it ${to}` })
      .click();
    await page()
      .locator(`[data-plugin="${plugin}"][aria-checked="${to === "on"}"]`)
      .waitFor();
  }

  it("hides addresses from the first, and only the owner reads who is who, in the JID map", async () => {
    await enters();
    expect(await addresses("hecate")).toEqual(HIDDEN);
    expect(await addresses("hag66")).toEqual(HIDDEN);
    await soon(() => addresses("prospero")).toEqual(SHOWN);
    expect(await pane("prospero").locator(".participants .map").count()).toBe(3);
    expect(await mode(/Hides addresses/).isChecked()).toBe(true);
    expect(await pane("hecate").locator(".whose").innerText()).toBe("Nobody’s address is shown here.");
  });

  it("sends hag66 not one byte by which she could know hecate, whatever hecate does", async () => {
    const sockets: { readonly sent: string[]; readonly got: string[] }[] = [];
    const listen = (socket: WebSocket) => {
      const heard = { sent: [] as string[], got: [] as string[] };
      sockets.push(heard);
      socket.on("framesent", ({ payload }) => heard.sent.push(String(payload)));
      socket.on("framereceived", ({ payload }) => heard.got.push(String(payload)));
    };
    page().on("websocket", listen);
    await enters();
    await says("hecate", "Round about the cauldron go.");
    await soon(() => words("hag66")).toEqual(["Round about the cauldron go."]);
    await prefers("hecate", "Whether others see when I am online", "not share");
    await pane("hag66")
      .locator(".participants li", { hasText: "midnight" })
      .getByRole("img")
      .waitFor({ state: "detached" });
    page().off("websocket", listen);
    const [hag66, hecate] = ["hag66", "hecate"].map((name) =>
      sockets.find(({ got }) => got.some((frame) => frame.includes(`<jid>${name}@shakespeare.example/`))),
    );
    const got = hag66?.got.join("") ?? "";
    const resource = /<jid>hecate@shakespeare\.example\/(stage-\w+)/.exec(hecate?.got.join("") ?? "")?.[1];
    expect(got).toContain("Round about the cauldron go.");
    expect(got).not.toContain("hecate");
    expect(resource).toMatch(/^stage-/);
    expect(got).not.toContain(resource);
  });

  it("lets the owner show addresses and hide them, and everybody sees it at once", async () => {
    await enters();
    await mode(/Shows addresses/).check();
    for (const name of ALL) await soon(() => addresses(name)).toEqual(SHOWN);
    expect(await notices("hecate")).toContain("From now on everybody’s address is shown here.");
    expect(await notices("hecate")).toContain("third witch is hag66: the address is shown.");
    await says("hecate", "By day.");
    await soon(() => pane("hag66").locator(".saying .address").allInnerTexts()).toEqual(["hecate@shakespeare.example"]);
    await mode(/Hides addresses/).check();
    for (const name of ["hecate", "hag66"]) await soon(() => addresses(name)).toEqual(HIDDEN);
    await says("hecate", "By night.");
    await soon(() => words("hag66")).toEqual(["By day.", "By night."]);
    expect(await pane("hag66").locator(".saying .address").count()).toBe(1);
    expect(await pane("prospero").locator(".participants .map").count()).toBe(3);
  });

  it("shows the mode the owner has chosen until the channel has answered, whatever else happens meanwhile", async () => {
    await enters();
    await page().evaluate(`
      const send = WebSocket.prototype.send;
      const late = [];
      WebSocket.prototype.send = function (frame) {
        if (frame.includes("<publish")) late.push(() => send.call(this, frame));
        else send.call(this, frame);
      };
      globalThis.release = () => late.forEach((each) => each());
    `);
    await mode(/Shows addresses/).check();
    await changesNick("hecate", "darkness");
    await soon(() => notices("hag66")).toContain("midnight is called darkness now.");
    expect(await mode(/Shows addresses/).isChecked()).toBe(true);
    await page().evaluate("release()");
    await soon(() => addresses("prospero")).toEqual({
      darkness: SHOWN.midnight,
      "third witch": SHOWN["third witch"],
      "the duke": SHOWN["the duke"],
    });
    expect(await mode(/Shows addresses/).isChecked()).toBe(true);
  });

  it("tells one who is not in it, too, what it is now", async () => {
    await raise();
    await isInvited("hecate");
    await mode(/Leaves it to each/).check();
    const whose = () => pane("hecate").locator(".whose").innerText();
    await soon(whose).toBe("Those who wish it show their address here.");
  });

  it("lets each choose for himself where the channel leaves it to each", async () => {
    await enters();
    await mode(/Leaves it to each/).check();
    await soon(() => notices("hecate")).toContain("From now on each decides for himself whether his address is shown.");
    await prefers("hecate", WISH, "always");
    await soon(() => addresses("hag66")).toEqual({ ...HIDDEN, midnight: "hecate@shakespeare.example" });
    await prefers("hecate", WISH, "default");
    await soon(() => addresses("hag66")).toEqual(HIDDEN);
    expect(await notices("hag66")).toContain("The address of midnight is hidden from now on.");
  });

  it("says why a choice cannot be, and does not show it as made", async () => {
    await enters();
    await prefers("hecate", WISH, "always");
    await soon(() => complaint("hecate")).toBe(
      "Nobody's JID is shown in this channel, and yours is always to be shown: they do not go together.",
    );
    await soon(() => pane("hecate").getByLabel(WISH).inputValue()).toBe("default");
  });

  it("has her taken out whose choice does not go with the mode, says why, and lets her come back", async () => {
    await enters();
    await prefers("hecate", WISH, "never");
    await soon(ticked).toContain("never");
    await mode(/Shows addresses/).check();
    await isInvited("hecate");
    await soon(() => pane("hecate").locator(".invitation .words").innerText()).toBe(
      "hecate has been taken out. The channel says: “This channel now shows everybody's JID, and yours is never to be " +
        "shown: you have been removed from it.”",
    );
    await soon(() => notices("hag66")).toContain("midnight has left.");
    await soon(() => addresses("hag66")).toEqual({
      "third witch": SHOWN["third witch"],
      "the duke": SHOWN["the duke"],
    });
    await pane("hecate").getByRole("button", { name: "Join the coven" }).click();
    await soon(() => complaint("hecate")).toMatch(
      /^(Everybody's JID is shown|What you have chosen cannot be kept) in this channel/,
    );

    await page().reload();
    await isInvited("hecate");
    await mode(/Hides addresses/).check();
    await soon(() => pane("hecate").locator(".whose").innerText()).toBe("Nobody’s address is shown here.");
    await joins("hecate");
    await soon(() => addresses("hecate")).toEqual(HIDDEN);
  });

  it("shows a preference of anybody's plugin by itself, as long as the plugin runs", async () => {
    const broom = definePlugin({
      name: "broom",
      summary: "Witches say how they travel.",
      dependsOn: ["preferences"],
      setup({ get }) {
        const values = { broom: "On a broom", sieve: "In a sieve" };
        get(Preferences).define({ name: "Transport", label: "How I travel", values, initial: "broom" });
      },
    });
    await enters({ more: [broom] });
    const choices = pane("hecate").getByLabel("How I travel");
    expect(await choices.locator("option").allInnerTexts()).toEqual(["On a broom", "In a sieve"]);
    await choices.selectOption("sieve");
    await switches("broom", "off");
    await choices.waitFor({ state: "detached" });
    await switches("broom", "on");
    await soon(() => choices.inputValue()).toBe("sieve");
  });

  it("says what a switch would do before it does it", async () => {
    await enters();
    await proposes("participants");
    const plan = page().locator(".plan");
    expect(await plan.innerText()).toMatch(
      /The plugin participants stops, and before it those that need it: .*\bvisibility\b.*\. They come back with it\./,
    );
    await page().keyboard.press("Escape");
    expect(await plan.isVisible()).toBe(false);
    await proposes("vcard");
    expect(await plan.innerText()).toContain("The plugin vcard stops, and nothing else.");
    await page().getByRole("button", { name: "Leave it" }).click();
    expect(await page().getByRole("switch", { checked: false }).count()).toBe(0);
  });

  it("suspends the channel without the plugin that hides, rather than serving it with less, and says so", async () => {
    await enters();
    await switches("visibility", "off");
    const sentence =
      "This channel promises its participants what only visibility can keep, and that is switched off: " +
      "it is suspended until its operator switches it on.";
    for (const name of ALL) await soon(() => suspension(name)).toBe(sentence);
    expect(await mode(/Shows addresses/).isDisabled()).toBe(true);
    expect(await pane("hecate").getByLabel(WISH).isVisible()).toBe(false);
    await pane("hecate").getByLabel("hecate says").fill("Is anybody there?");
    await pane("hecate").getByRole("button", { name: "Say" }).click();
    await soon(() => complaint("hecate")).toBe(sentence);
    expect(await addresses("hag66")).toEqual(HIDDEN);

    await page().reload();
    for (const name of ALL) await soon(() => suspension(name)).toBe(sentence);
    await switches("visibility", "on");
    for (const name of ALL) await pane(name).locator(".suspended").waitFor({ state: "hidden" });
    await says("hecate", "I am back.");
    await soon(() => words("hag66")).toEqual(["I am back."]);
    expect(await addresses("hag66")).toEqual(HIDDEN);
  });

  it("loses with a plugin what the plugin gave, and nothing else", async () => {
    await enters();
    await says("hecate", "Double, double");
    const mask = pane("hecate");
    await mask.getByRole("img", { name: "online" }).nth(2).waitFor();

    await switches("jidmap", "off");
    await soon(() => addresses("prospero")).toEqual(HIDDEN);
    await switches("archive", "off");
    await mask.getByRole("button", { name: "Read earlier" }).waitFor({ state: "hidden" });
    await switches("private-messages", "off");
    await mask
      .getByRole("button", { name: /^Whisper/ })
      .first()
      .waitFor({ state: "detached" });
    await mask.getByLabel("Private messages to me").waitFor({ state: "detached" });
    await switches("presence", "off");
    await soon(() => mask.getByRole("img", { name: "online" }).count()).toBe(0);
    await switches("preferences", "off");
    await mask.locator(".preferences").waitFor({ state: "hidden" });

    await says("hecate", "toil and trouble");
    await soon(() => words("hag66")).toEqual(["Double, double", "toil and trouble"]);
    expect(await page().locator("#plugins .count").innerText()).toMatch(/^(\d+) of \d+ on$/);
    for (const plugin of ["jidmap", "archive", "private-messages", "presence", "preferences"])
      await switches(plugin, "on");
    await soon(() => addresses("prospero")).toEqual(SHOWN);
    await mask.getByLabel(WISH).waitFor();
  });

  it("carries a whisper from nick to nick, to nobody else, unless it is not wanted", async () => {
    await enters();
    await pane("hecate").getByRole("button", { name: "Whisper to third witch" }).click();
    await pane("hecate").getByLabel("hecate whispers to third witch").fill("Who is the duke?");
    await page().keyboard.press("Enter");
    await soon(() => words("hag66")).toEqual(["Who is the duke?"]);
    expect(await pane("hag66").locator(".whispered .by").innerText()).toContain("midnight");
    await page().keyboard.press("Escape");
    await says("hecate", "Nothing, nothing.");
    await soon(() => words("prospero")).toEqual(["Nothing, nothing."]);

    await prefers("hecate", "Private messages to me", "block");
    await soon(() => pane("hecate").locator(".frame", { hasText: "So be it" }).count()).toBe(1);
    await pane("hag66").getByRole("button", { name: "Whisper to midnight" }).click();
    await pane("hag66").getByLabel("hag66 whispers to midnight").fill("A spy.");
    await page().keyboard.press("Enter");
    await soon(() => complaint("hag66")).toBe("This participant takes no private messages.");
    expect(await words("hecate")).not.toContain("A spy.");
  });

  it("can be shown to a stranger in seven steps, each ticked off when it was done", async () => {
    await enters();
    await says("hecate", "How now, you hags!");
    await soon(ticked).toEqual(["join", "say"]);
    await pane("hag66").locator(".frame", { hasText: "midnight said" }).locator("summary").click();
    expect(await pane("hag66").locator("pre").innerText()).not.toContain("hecate");
    const step = (at: number) => page().locator("#steps button").nth(at);
    await step(3).click();
    await page().keyboard.press("Space"); // on "Shows addresses"
    await soon(ticked).toEqual(["join", "say", "open", "show"]);
    await step(4).click();
    await page().keyboard.press("Space"); // on "Hides addresses"
    await soon(() => addresses("hag66")).toEqual(HIDDEN);
    await step(4).click();
    expect(await page().evaluate("document.activeElement.id")).toBe("hecate-JID-Visibility");
    await prefers("hecate", WISH, "never");
    await soon(ticked).toContain("never");
    await step(5).click();
    await page().keyboard.press("Space");
    await soon(ticked).toContain("eject");
    await step(6).click();
    await page().keyboard.press("Space"); // hides them, for the last time
    await soon(() => pane("hag66").locator(".whose").innerText()).toBe("Nobody’s address is shown here.");
    await step(6).click();
    await page().keyboard.press("Enter"); // on the switch
    await page().keyboard.press("Enter"); // on "Switch it off"
    await soon(ticked).toEqual(["join", "say", "open", "show", "never", "eject", "off"]);
  });
});
