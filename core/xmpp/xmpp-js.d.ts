declare module "@xmpp/xml" {
  const xmpp: {
    Element: new (name: string) => object;
    Parser: new () => NodeJS.EventEmitter & { write(text: string): void; root: unknown; cursor: unknown };
  };
  export default xmpp;
}
