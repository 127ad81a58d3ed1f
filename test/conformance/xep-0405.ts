import { type Row, yes } from "./row.ts";

/** MIX-PAM, 0.5.3: what a participant's own server does; Masque brings it for Prosody. */
export const XEP_0405 = {
  "0405-2.1/1": yes(
    "A MIX User's server MUST determine which online clients support MIX.",
    "By their capabilities (XEP-0115), or by asking them once.",
  ),
  "0405-2.2/1": yes(
    "The participant's server will archive the message in MAM and send on the messages from the channel to each of the user's online clients which advertise MIX capability.",
    "To each once, whatever its priority; what comes while a client is being asked waits for it.",
  ),
  "0405-2.2/2": yes(
    "If there are no such clients activated, the message is not sent to any clients.",
    "It is in the archive.",
  ),
  "0405-2.4/1": yes(
    "Servers supporting this specification MUST advertise this to clients for which they wish to support this specification.",
    "`urn:xmpp:mix:pam:2` at the account; `urn:xmpp:mix:pam:0` at the server, as 2018 has it.",
  ),
  "0405-2.4/2": yes(
    "the server MAY advertize the 'urn:xmpp:mix:pam:2#archive' feature, which shows that the local server archives MIX messages.",
    "With `mod_mam`.",
  ),
  "0405-2.6/1": yes(
    "The Join and Leave functions lead to roster changes and so they MUST go through the participant's server.",
    "Whatever stands in the join goes with it: nodes, nick and preferences.",
  ),
  "0405-2.7/1": yes(
    "the user's server will send the client-join response containing the server's join response back to the client that made the join request.",
    "Once the channel is in the roster.",
  ),
  "0405-2.8/1": yes(
    "The user's server will then notify the client with the servers response.",
    "Once the channel is out of the roster.",
  ),
  "0405-2.9/1": yes(
    "As part of the channel joining process, the user's server MUST add the MIX channel to the user's roster.",
    "And tell each of his clients.",
  ),
  "0405-2.9/2": yes(
    "The participant's server MUST ensure that only presence information from clients that advertise MIX capability is sent to the MIX channel.",
    "That of any other client stays at home.",
  ),
  "0405-2.9/3": yes(
    "The user's server MUST do this when the user has chosen Presence preference of 'not share' as specified in XEP-0404.",
    "Set the subscription to `none`, that is; also when he chooses it with the join. Otherwise it is `from`.",
  ),
  "0405-2.9/4": yes(
    "If the user changes the value of the preference, the server MUST modify subscription mode to reflect this.",
    "And begin, or end, his presence there.",
  ),
  "0405-2.9/5": yes(
    "The user's server MUST remove the user's roster entry when the user leaves the channel.",
    "Also when the channel removes him.",
  ),
  "0405-2.9.1/1": yes(
    "A user MAY share presence information with the channel, for the user's online clients.",
    "As with any contact in the roster.",
  ),
  "0405-2.9.2/1": yes(
    "When a user had no online clients the user's server MAY continue to maintain MIX presence status for the user or MAY discard inbound MIX presence information.",
    "It discards it, and asks the channel when a client comes online.",
  ),
  "0405-2.9.3/1": yes(
    "Upon this subscription the MIX channel will send to the participant's server (using the user's bare JID) presence for all of the items in the presence node using standard presence stanzas.",
    "Under the addresses that this reader may be shown.",
  ),
  "0405-2.9.3/2": yes(
    "directed presence stanza to the MIX channel from the user's bare JID … will cause the MIX channel to send a full presence update for the channel.",
    "To one who is subscribed to it.",
  ),
  "0405-2.10/1": yes(
    "MIX channels in the roster information returned in response to a request for this additional MIX information MUST have an element <channel/>",
    "For a request with `<annotate/>`.",
  ),
  "0405-2.10/2": yes(
    "The <channel/> element MUST also include a 'participant-id' attribute that is the stable ID of the client.",
    "As the channel gave it.",
  ),
  "0405-2.10/3": yes(
    "Once a client has made an IQ request to return additional MIX information, the server MUST return this information on all subsequent roster updates",
    "To that client.",
  ),
  "0405-2.10/4": yes(
    "The server MUST NOT send additional MIX information when this has not been explicitly requested.",
    "Other clients of the same user get plain items.",
  ),
  "0405-2.10/5": yes(
    "If a roster request is missing the <annotate/> element, the server MUST stop sending the additional MIX information.",
    "From its answer on.",
  ),
  "0405-2.11/1": yes(
    "Archive of MIX channel messages MAY be performed by the participant's server.",
    "By `mod_mam`: each message once, and none that XEP-0334 says is not to be stored.",
  ),
  "0405-2.11/2": yes(
    "If archive is provided it MUST always be used, so that where a message is sent to the participant's server and discarded because there are no active clients, it will still be archived.",
    "It is.",
  ),
  "0405-2.12/1": yes(
    "A server implementing blocking and MIX-PAM needs to recognize this encoding, to prevent blocking these messages when this is not desired.",
    "Blocking a participant's address blocks him in the channel; blocking the channel blocks everybody in it.",
  ),
} satisfies Record<string, Row>;
