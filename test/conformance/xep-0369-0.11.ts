import { no, type Row, yes } from "./row.ts";

/** MIX-CORE, 0.11.3, for which XEP-0404 0.1.0 was written: what it says otherwise than 0.14. */
export const XEP_0369_0_11 = {
  "0369.11-4.6/1": yes(
    "Servers and clients MUST determine that a JID is a proxy JID from context and MUST NOT infer that a JID is a proxy JID because it contains the '#' character.",
    "One is a proxy JID where the channel that it names is here; the names of channels have no `#`.",
  ),
  "0369.11-4.7.3/1": yes(
    "Each item is named by the bare proxy JID of the participant.",
    "To those who joined by `urn:xmpp:mix:core:0`.",
  ),
  "0369.11-6.1/1": yes("which MUST include the 'urn:xmpp:mix:core:0' feature", "Beside that of 0.14."),
  "0369.11-6.1/2": no(
    "the identity MUST have a category of 'conference' and a type of 'text'",
    "Clients of MUC would take the service for theirs; an option adds that identity to the other.",
  ),
  "0369.11-6.3/1": yes(
    "All disco queries on a MIX channel and results returned MUST include the attribute node='mix'.",
    "The result has it where the query has it.",
  ),
  "0369.11-7.1.2/1": yes(
    "The JID returned in the join is the user's bare proxy JID.",
    "Beside the ID, in the results of both versions.",
  ),
  "0369.11-7.1.4/1": yes(
    "In this case it is RECOMMENDED that the assigned nick is a UUID following RFC 4122.",
    "A random one.",
  ),
  "0369.11-7.1.6/1": yes(
    "A <proxy-jid> element contains the sender's proxy JID. This MUST be present if <jid> is omitted and MUST not be present if <jid> is present.",
    "In messages from `channel@domain`, as 0.11 has it.",
  ),
  "0369.11-7.1.6/2": yes(
    "the MIX channel MUST include an additional <submission-id> element in the <mix> element of the message copy going back to the originator's bare JID.",
    "In his copies, and in nobody else's.",
  ),
  "0369.11-7.3.2/1": yes(
    "Note that the 'Last Change Made By' in configuration node MUST be set to the JID that creates the channel.",
    "As a bare JID.",
  ),
  "0369.11-10/1": yes(
    "when proxy JIDs are prepared, this MUST be done in a manner which ensure that the real JIDs cannot be determined.",
    "The ID in them is random.",
  ),
  "0369.11-10/2": yes(
    "Where nicks are assigned by a channel, this MUST be done in a way that does not expose the JID.",
    "They hold nothing of it.",
  ),
} satisfies Record<string, Row>;
