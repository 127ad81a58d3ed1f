import type { Logger } from "./plugin.ts";

/** A logger that says which plugin speaks. */
export function logOf(log: Logger, plugin: string): Logger {
  const say =
    (level: keyof Logger) =>
    (data: object | string, text?: string): void => {
      if (typeof data === "string") log[level]({ plugin }, data);
      else log[level](data instanceof Error ? { plugin, err: data } : { plugin, ...data }, text);
    };
  return { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
}
