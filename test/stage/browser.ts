import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** Debian's; `npm run test:servers` installs it. */
const CHROMIUM = "/usr/bin/chromium";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const isThereChromium = existsSync(CHROMIUM);

export interface Window {
  readonly page: Page;
  /** What the page complained of: errors of scripts, and all that the browser's console has as one. */
  readonly complaints: string[];
  close(): Promise<void>;
}

/** A headless Chromium with a profile of its own, in which nothing is open yet. */
export async function openWindow(options: BrowserContextOptions = {}): Promise<Window> {
  const profile = mkdtempSync(join(tmpdir(), "masque-chromium-"));
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    args: FLAGS,
    reducedMotion: "reduce",
    ...options,
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  const close = async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  return { page, complaints, close };
}
