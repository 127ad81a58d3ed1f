import type { Row, Total } from "./tally.ts";

/** What was limited, with the worst. */
export interface Report extends Readonly<Total> {
  readonly senders: readonly Row[];
  readonly channels: readonly Row[];
}

/** For `masque status`: what was limited, by channel; who sent it is not said there. Nothing, when nothing was. */
export function summary(report: Report): string | undefined {
  const { since, delayed, refused, senders, channels } = report;
  if (delayed + refused === 0) return undefined;
  const where = channels.map(({ name, delayed, refused }) => `${name} (${delayed + refused})`).join(", ");
  return [
    `Limits: since ${new Date(since).toISOString()}, ${delayed} stanzas had to wait, and ${refused} were refused`,
    where && `, most of them sent to ${where}`,
    `. "masque limits" says who sent them: ${senders.length === 1 ? "one" : senders.length}.`,
  ].join("");
}

/** For the operator alone, who has to know whom to talk to: it holds JIDs. */
export function limitsTable({ since, delayed, refused, senders, channels }: Report): string {
  const total = `Since ${new Date(since).toISOString()}, ${delayed} stanzas had to wait, and ${refused} were refused.`;
  const rows = (title: string, list: readonly Row[]) =>
    list.length > 0
      ? [`\n${title}`, ...list.map(({ name, delayed, refused }) => `${name}: ${delayed} waited, ${refused} refused`)]
      : [];
  return [total, ...rows("Senders", senders), ...rows("Channels", channels)].join("\n");
}
