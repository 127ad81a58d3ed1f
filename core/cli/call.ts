import { connect } from "node:net";
import type { Answer, Request } from "./control.ts";
import { Failure } from "./failure.ts";
import { reason } from "./reason.ts";

/** Has the service that listens on a Unix socket run a command; `undefined` when no service runs there. */
export async function call(path: string, request: Request): Promise<Answer | undefined> {
  try {
    return JSON.parse(await exchange(path, `${JSON.stringify(request)}\n`)) as Answer;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ECONNREFUSED") return undefined;
    const hint = code === "EACCES" ? "; run this as the user the service runs as" : "";
    throw new Failure("failed", `Cannot speak to the service on ${path}: ${reason(error)}${hint}.`);
  }
}

function exchange(path: string, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => socket.write(line));
    let answer = "";
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      answer += text;
      if (answer.endsWith("\n")) socket.end();
    });
    socket.on("error", reject);
    socket.on("close", () => {
      if (answer.endsWith("\n")) resolve(answer);
      else reject(new Error("it ended before it answered"));
    });
  });
}
