import { connect } from "node:net";
import { createInterface } from "node:readline";
import { Failure } from "../commands/failure.ts";
import type { Answer, Said } from "./control.ts";
import { reason } from "./reason.ts";

/**
 * Has the service that listens on a Unix socket carry out what is written; `undefined` when no service runs there.
 * @param words as they follow `masque`
 * @param hear told what is said while it runs
 */
export async function call(
  path: string,
  words: readonly string[],
  hear: (said: Said) => void = () => {},
): Promise<Answer | undefined> {
  try {
    return await exchange(path, `${JSON.stringify({ words })}\n`, hear);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ECONNREFUSED") return undefined;
    const hint = code === "EACCES" ? "; run this as the user the service runs as" : "";
    throw new Failure("failed", `Cannot speak to the service on ${path}: ${reason(error)}${hint}.`);
  }
}

function exchange(path: string, request: string, hear: (said: Said) => void): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => socket.write(request));
    const lines = createInterface({ input: socket });
    lines.on("line", (text) => {
      const line = JSON.parse(text) as Said | Answer;
      if ("said" in line) return hear(line);
      resolve(line);
      socket.end();
    });
    // The reader of lines tells of the socket's errors.
    lines.on("error", reject);
    socket.on("close", () => reject(new Error("it ended before it answered")));
  });
}
