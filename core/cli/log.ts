import { type Logger, pino, stdTimeFunctions } from "pino";

/** Writes to standard output: lines of JSON, or on a terminal, lines for people. */
export function openLog(level: string): Logger {
  const options = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  if (!process.stdout.isTTY) return pino(options);
  return pino(options, { write: (line: string) => void process.stdout.write(readable(line)) });
}

/** A line of the log as people like to read it: `14:02:30 warn  the text  key=value`. */
export function readable(line: string): string {
  const { level, time, msg, err, ...data } = JSON.parse(line) as Record<string, unknown>;
  const pairs = Object.entries(data).map(
    ([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  const trace = err ? `\n${(err as { stack?: string }).stack ?? JSON.stringify(err)}` : "";
  const clock = new Date(String(time)).toLocaleTimeString("en-GB");
  return `${[clock, String(level).padEnd(5), ...(msg ? [msg] : []), ...pairs].join(" ")}${trace}\n`;
}
