import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect } from "vitest";
import { openTheatre, type Theatre } from "../core/stage/theatre.ts";
import { isThereChromium, openWindow, type Window } from "./browser.ts";

export const DESKTOP = { width: 1440, height: 1000 };

const isRequired = process.env.MASQUE_REQUIRE_SERVERS === "1";

/** What happens in a browser happens in its own time. */
export const soon: typeof expect.poll = (look) => expect.poll(look, { timeout: 20_000 });

/** What is done on the page and read from it, by whose pane. */
interface Scene {
  raise(options?: Parameters<typeof openTheatre>[0]): Promise<void>;
  page(): Page;
  theatre(): Theatre;
  pane(name: string): Locator;
  notices(name: string): Promise<string[]>;
  words(name: string): Promise<string[]>;
  captions(name: string): Promise<string[]>;
  /** The addresses he sees in the list of participants, by nick. */
  addresses(name: string): Promise<Record<string, string>>;
  /** He has found the channel, and is not in it. */
  isInvited(name: string): Promise<void>;
  joins(name: string): Promise<void>;
  says(name: string, body: string): Promise<void>;
  changesNick(name: string, nick: string): Promise<void>;
  /** Which steps of the first minutes are ticked off. */
  ticked(): Promise<string[]>;
}

/** Tests on the page, in one real Chromium; where there is none and one is required, they run and fail. */
export function onThePage(title: string, tests: (scene: Scene) => void): void {
  if (!isThereChromium && !isRequired) {
    const remedy = "npm run test:servers installs it, as root on Debian 12";
    process.stderr.write(`SKIPPED: "${title}", for there is no Chromium. ${remedy}.\n`);
  }
  describe.skipIf(!isThereChromium && !isRequired)(title, { timeout: 120_000 }, () => {
    let window: Window;
    let theatre: Theatre;

    beforeAll(async () => {
      window = await openWindow({ viewport: DESKTOP });
      window.page.setDefaultTimeout(20_000);
    }, 30_000);

    afterEach(async () => {
      await window.page.goto("about:blank");
      await theatre.close();
      expect(window.complaints.splice(0)).toEqual([]);
    });

    afterAll(() => window?.close());

    const raise: Scene["raise"] = async (options) => {
      theatre = await openTheatre(options);
      await window.page.goto(theatre.stage.url);
    };
    tests({ raise, theatre: () => theatre, ...sceneOn(() => window.page) });
  });
}

function sceneOn(page: () => Page): Omit<Scene, "raise" | "theatre"> {
  const pane = (name: string) => page().locator(`#pane-${name}`);
  return {
    page,
    pane,
    notices: (name) => pane(name).locator(".notice").allInnerTexts(),
    words: (name) => pane(name).locator(".saying .body").allInnerTexts(),
    captions: (name) => pane(name).locator(".frame .words").allTextContents(),
    async addresses(name) {
      const chips = pane(name).locator(".participants li");
      const texts = await chips.locator(".nick, .address").evaluateAll((spans) =>
        spans.map(({ lastChild, firstChild, childNodes }) => {
          const words = [...childNodes].filter(({ nodeType }) => nodeType === 3);
          return (words[0] ?? lastChild ?? firstChild)?.textContent ?? "";
        }),
      );
      return Object.fromEntries(texts.flatMap((text, at) => (at % 2 === 0 ? [[text, texts[at + 1]]] : [])));
    },
    isInvited: (name) => pane(name).getByRole("button", { name: "Join the coven" }).waitFor(),
    async joins(name) {
      await pane(name).getByRole("button", { name: "Join the coven" }).click();
      await pane(name).getByLabel(`${name} says`).waitFor();
    },
    async says(name, body) {
      await pane(name).getByLabel(`${name} says`).fill(body);
      await pane(name).getByRole("button", { name: "Say" }).click();
      await pane(name).locator(".saying", { hasText: body }).waitFor();
    },
    async changesNick(name, nick) {
      if (!(await pane(name).getByLabel("New nick").isVisible())) await pane(name).getByText("Change nick").click();
      await pane(name).getByLabel("New nick").fill(nick);
      await pane(name).getByRole("button", { name: "Change", exact: true }).click();
    },
    ticked: () =>
      page()
        .locator("#steps li.done")
        .evaluateAll((items) => items.map((item) => (item as unknown as { dataset: { step: string } }).dataset.step)),
  };
}
