// Takes the picture of the stage that the README shows, docs/stage.png, after a short scene in a real Chromium:
//   npx tsx --conditions=masque-source test/stage/picture.ts
// It looks best where the fonts are that style.css names first: fonts-inter, fonts-urw-base35, fonts-jetbrains-mono.

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openTheatre } from "../core/stage/theatre.ts";
import { openWindow } from "./browser.ts";
import { packed } from "./png.ts";

const PICTURE = fileURLToPath(new URL("../../docs/stage.png", import.meta.url));
const SCENE = [
  ["hecate", "Beldams as you are, saucy and overbold!"],
  ["hag66", "Round about the cauldron go."],
  ["prospero", "We are such stuff as dreams are made on."],
] as const;

const theatre = await openTheatre();
const { page, close } = await openWindow({
  viewport: { width: 1400, height: 1130 },
  locale: "en-GB",
  colorScheme: "light",
});
const pane = (name: string) => page.locator(`#pane-${name}`);

await page.goto(theatre.stage.url);
for (const name of ["hecate", "hag66"]) {
  await pane(name).getByRole("button", { name: "Join the coven" }).click();
  await pane(name).getByLabel(`${name} says`).waitFor();
}
for (const [name, body] of SCENE) {
  await pane(name).getByLabel(`${name} says`).fill(body);
  await pane(name).getByRole("button", { name: "Say" }).click();
  for (const each of ["hecate", "hag66", "prospero"]) await pane(each).locator(".saying", { hasText: body }).waitFor();
}
await pane("hag66").locator(".frame", { hasText: "what midnight said" }).locator("summary").click();
await pane("hag66").locator("pre").waitFor();
for (const name of ["hecate", "prospero"]) await pane(name).locator(".wire > summary").click();
for (const name of ["hecate", "prospero"])
  await pane(name).locator(".talk").evaluate("(talk) => talk.scrollTo(0, 9999)");
await page.evaluate("scrollTo(0, 0)");
await page.mouse.move(0, 0);
writeFileSync(PICTURE, packed(await page.screenshot()));

await close();
await theatre.close();
