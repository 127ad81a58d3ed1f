import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Person } from "../core/stage/person.ts";
import { CHANNEL } from "../core/stage/theatre.ts";
import { DESKTOP, onThePage, soon } from "./scene.ts";

// As text: the tests are compiled without the browser's types.
const FOCUSED = `(({ activeElement: at }) => ({
  where: at.closest("section")?.id,
  name: at.getAttribute("name"),
  outline: getComputedStyle(at).outlineStyle,
}))(document)`;
const PHONE = { width: 390, height: 844 };

onThePage("the page of the stage", ({ raise, page, theatre, pane, notices, words, captions, ...scene }) => {
  const { isInvited, joins, says, changesNick, ticked } = scene;

  it("shows an owner in his channel, and two who have found it", async () => {
    await raise();
    for (const name of ["hecate", "hag66"]) {
      await isInvited(name);
      expect(await captions(name)).toContain("received: Refused: who is not in it does not learn who is");
    }
    expect(await pane("prospero").locator(".participants .nick").allInnerTexts()).toEqual(["the dukeyou"]);
    expect(await captions("prospero")).toContain("received: The channel is there, and you are its owner");
  });

  it("lets them join by their servers and talk, and each is told everything once", async () => {
    await raise();
    await joins("hecate");
    await joins("hag66");
    await soon(() => ticked()).toEqual(["join"]);
    await says("hecate", "How now, you secret, black, and midnight hags!");
    await says("hag66", "A deed <without> a name & such.");
    await soon(() => ticked()).toEqual(["join", "say"]);
    for (const name of ["hecate", "hag66", "prospero"]) {
      await soon(() => words(name)).toEqual([
        "How now, you secret, black, and midnight hags!",
        "A deed <without> a name & such.",
      ]);
      expect(await pane(name).locator(".status").innerText()).toBe("coven@mix.shakespeare.example · 3 here");
    }
    expect(await pane("hecate").locator(".saying.own .by .nick").allInnerTexts()).toEqual(["midnight"]);
    expect(await notices("prospero")).toEqual(["the duke is here.", "midnight is here.", "third witch is here."]);
  });

  it("explains each stanza, and shows it as it was", async () => {
    await raise();
    await joins("hecate");
    await says("hecate", "Double, double");
    expect((await captions("hecate")).slice(-2)).toEqual([
      "sent: You say it to the channel, once, whoever is in it",
      "received: The channel reflects your message: you get your copy as everybody does",
    ]);
    expect(await captions("hecate")).toEqual(
      expect.arrayContaining([
        "received: Your server joined for you: the channel deals with your account, not with this client",
        "received: Your server put the channel on your roster, and tells all your clients",
      ]),
    );
    const frame = pane("prospero").locator(".frame", { hasText: "The channel reflects what midnight said" });
    await frame.locator("summary").click();
    const raw = await frame.locator("pre").innerText();
    expect(raw).toMatch(/^<message xmlns="jabber:client" to="prospero@shakespeare\.example\/stage-/);
    expect(raw).toContain('  <mix xmlns="urn:xmpp:mix:core:1">\n    <nick>midnight</nick>\n');
    expect(await frame.locator("pre .tag").first().innerText()).toBe("message");
    expect(await ticked()).toContain("open");
  });

  it("tells everybody of a new nick, and the one who asked why he may not have it", async () => {
    await raise();
    await joins("hecate");
    await joins("hag66");
    await changesNick("hag66", "midnight");
    await soon(() => pane("hag66").getByRole("alert").innerText()).toBe(
      "This nick, or one that looks the same, is taken.",
    );
    await changesNick("hag66", "second witch");
    await soon(() => notices("hecate")).toContain("third witch is called second witch now.");
    expect(await pane("hag66").getByRole("alert").isVisible()).toBe(false);
  });

  it("finds those inside again after it was loaded anew, with what was said", async () => {
    await raise();
    await isInvited("hecate");
    const elsewhere = await Person.logIn(theatre().socket, "hecate", "elsewhere");
    await elsewhere.joins(CHANNEL, "midnight");
    for (let line = 1; line <= 14; line++) elsewhere.speaks(CHANNEL, `Line ${line}`);
    await elsewhere.hearsWords("Line 14");
    await page().reload();
    await soon(() => words("hecate")).toHaveLength(12);
    expect((await words("hecate")).at(-1)).toBe("Line 14");
    await pane("hecate").getByRole("button", { name: "Read earlier" }).click();
    await soon(() => words("hecate")).toHaveLength(14);
    expect((await words("hecate"))[0]).toBe("Line 1");
    expect((await notices("hecate"))[0]).toBe("Nothing was said before this.");
    expect(await pane("hecate").getByRole("button", { name: "Read earlier" }).isVisible()).toBe(false);
  });

  it("has those inside join again when the stage was closed meanwhile", async () => {
    const folder = mkdtempSync(join(tmpdir(), "masque-theatre-"));
    const storage = `sqlite:${join(folder, "stage.db")}`;
    await raise({ storage });
    await joins("hecate");
    await changesNick("hecate", "hecate of the moon");
    await says("hecate", "I am for the air.");
    await theatre().close();
    expect(await page().getByRole("alert").first().innerText()).toBe(
      "The stage has closed. Start it again, and load this page anew.",
    );
    await raise({ storage });
    await soon(() => words("hecate")).toEqual(["I am for the air."]);
    expect(await pane("hecate").locator(".participants .nick").first().innerText()).toContain("hecate of the moon");
    await isInvited("hag66");
    await says("prospero", "Welcome back.");
    await soon(() => words("hecate")).toEqual(["I am for the air.", "Welcome back."]);
    await page().goto("about:blank");
    rmSync(folder, { recursive: true });
  });

  it("lets somebody leave, and come back", async () => {
    await raise();
    await joins("hecate");
    await pane("hecate").getByRole("button", { name: "Leave" }).click();
    await soon(() => notices("prospero")).toContain("midnight has left.");
    await isInvited("hecate");
    expect(await captions("hecate")).toContain("received: Your server took the channel off your roster");
    await joins("hecate");
    await says("hecate", "I come again.");
  });

  it("sees what another client of the same person does", async () => {
    await raise();
    await isInvited("hecate");
    const elsewhere = await Person.logIn(theatre().socket, "hecate", "elsewhere");
    await elsewhere.joins(CHANNEL, "midnight");
    await says("hecate", "All hail!");
    await elsewhere.hearsWords("All hail!");
    elsewhere.speaks(CHANNEL, "Hail!");
    await soon(() => words("hecate")).toEqual(["All hail!", "Hail!"]);
    await elsewhere.leaves(CHANNEL);
    await isInvited("hecate");
  });

  it("can be played from the keyboard alone, and shows where one is", async () => {
    await raise();
    await isInvited("hag66");
    const focused = () => page().evaluate<{ where?: string; name: string | null; outline: string }>(FOCUSED);
    await page().keyboard.press("Tab"); // the owner's decision
    await page().keyboard.press("Tab");
    await page().keyboard.press("Enter"); // the first step leads to where it is done
    expect(await focused()).toEqual({ where: "pane-hecate", name: "nick", outline: "solid" });
    await page().keyboard.press("Enter");
    await soon(focused).toEqual({ where: "pane-hecate", name: "body", outline: "solid" });
    await page().keyboard.type("Come, sisters");
    await page().keyboard.press("Enter");
    await soon(() => words("hecate")).toEqual(["Come, sisters"]);
    for (let stop = 0; stop < 60 && !(await focused()).where?.includes("hag66"); stop++) {
      expect((await focused()).outline).toBe("solid");
      await page().keyboard.press("Tab");
    }
    await page().keyboard.press("Enter");
    await soon(focused).toMatchObject({ where: "pane-hag66", name: "body" });
    await page().locator("#steps button").nth(2).focus();
    await page().keyboard.press("Enter");
    await page().keyboard.press("Enter"); // on the latest stanza
    await soon(() => pane("hag66").locator("pre").count()).toBe(1);
  });

  describe("on a phone", () => {
    beforeAll(() => page().setViewportSize(PHONE));
    afterAll(() => page().setViewportSize(DESKTOP));

    it("shows one pane at a time, in tabs that count what reaches the others", async () => {
      await raise();
      await joins("hecate");
      const tab = (name: string) => page().getByRole("tab", { name });
      await page().getByRole("tabpanel", { name: "hecate" }).waitFor();
      expect(await pane("hag66").isVisible()).toBe(false);
      expect(await tab("prospero").innerText()).toMatch(/^prospero\s+\d+$/);

      await tab("hecate").focus();
      await page().keyboard.press("ArrowLeft");
      expect(await page().getByRole("tab", { selected: true }).innerText()).toBe("prospero");
      await page().getByRole("tabpanel", { name: "prospero" }).waitFor();
      await page().keyboard.press("ArrowRight");
      await page().keyboard.press("ArrowRight");
      await joins("hag66");
      await says(
        "hag66",
        "By the pricking of my thumbs, something wicked this way comes: open, locks, whoever knocks.",
      );
    });

    it("never needs to be moved sideways, whatever is opened", async () => {
      await raise();
      await joins("hecate");
      await says("hecate", "m".repeat(200));
      await pane("hecate").locator(".wire > summary").click();
      await pane("hecate").locator(".frame").last().locator("summary").click();
      await pane("hecate").locator("pre").waitFor();
      expect(await page().evaluate("document.documentElement.scrollWidth")).toBe(PHONE.width);
    });
  });
});
