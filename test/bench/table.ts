import { FIGURES, type Figures } from "./measure.ts";
import type { SubjectName } from "./subject.ts";

const KEYS = Object.keys(FIGURES) as (keyof Figures)[];
const WIDTH = 24;

/** Medians of what was measured, with the least and the most, and their ratios, as text with a line for each subject. */
export function table(title: string, taken: Readonly<Record<SubjectName, readonly Figures[]>>): string {
  const all = (name: SubjectName) => KEYS.map((key) => taken[name].map((figures) => figures[key]));
  const [masque, splicer] = [all("Masque"), all("splicer")];
  const ratios = masque.map((figures, i) => `${(median(figures) / median(splicer[i]!)).toFixed(2)} ×`);
  return [
    line(title, Object.values(FIGURES)),
    line("splicer", splicer.map(spread)),
    line("Masque", masque.map(spread)),
    line("ratio", ratios),
  ].join("\n");
}

function spread(figures: readonly number[]): string {
  return `${short(median(figures))} (${short(Math.min(...figures))}–${short(Math.max(...figures))})`;
}

function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] as number;
}

function line(title: string, cells: readonly string[]): string {
  return title.padEnd(20) + cells.map((cell) => cell.padStart(WIDTH)).join("");
}

function short(figure: number): string {
  return figure >= 100 ? Math.round(figure).toLocaleString("en") : figure.toFixed(2);
}
