import { getSystemErrorMap } from "node:util";

/** Why something failed, in the operating system's words without its codes: `no such file or directory`. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const errno = (error as NodeJS.ErrnoException).errno;
  return getSystemErrorMap().get(errno ?? 0)?.[1] ?? error.message;
}
