let make = async (file: string) => `sqlite:${file}`;

/** Where a service with a store of its own is to keep it; in this file, where that is SQLite. */
export function freshUrl(file: string): Promise<string> {
  return make(file);
}

export function makeUrlsBy(other: () => Promise<string>): void {
  make = other;
}
