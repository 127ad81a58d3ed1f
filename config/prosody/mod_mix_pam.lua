-- MIX-PAM (XEP-0405) for Prosody 0.12 and later
-- Copyright (C) 2026 The Masque authors
--
-- This file is MIT licensed, like Prosody itself.
--
-- Joins and leaves channels for its users, keeps them in their rosters, and hands what channels send to the clients that
-- speak MIX. Where mod_mam is loaded, what is said in channels goes into the user's own archive.

local st = require "util.stanza";
local jid_bare = require "util.jid".bare;
local jid_prep = require "util.jid".prep;
local jid_resource = require "util.jid".resource;
local jid_split = require "util.jid".split;
local new_cache = require "util.cache".new;
local new_id = require "util.id".medium;
local calculate_hash = require "util.caps".calculate_hash;
local parse_xml = require "util.xml".parse;
local filters = require "util.filters";
local user_exists = require "core.usermanager".user_exists;
local is_loaded = require "core.modulemanager".is_loaded;
local rostermanager = require "core.rostermanager";

local bare_sessions, full_sessions = prosody.bare_sessions, prosody.full_sessions;
local host = module.host;

-- The versions of XEP-0405: they differ in where their feature stands, and in the archive's.
local xmlns_pam = { "urn:xmpp:mix:pam:0", "urn:xmpp:mix:pam:1", "urn:xmpp:mix:pam:2" };
local archived_by = { ["urn:xmpp:mix:pam:1"] = true, ["urn:xmpp:mix:pam:2"] = true };
local xmlns_core = { ["urn:xmpp:mix:core:0"] = true, ["urn:xmpp:mix:core:1"] = true };
local xmlns_anon = "urn:xmpp:mix:anon:0";
local xmlns_mix_roster = "urn:xmpp:mix:roster:0";
local xmlns_blocking = "urn:xmpp:blocking";
local xmlns_caps = "http://jabber.org/protocol/caps";
local xmlns_disco_info = "http://jabber.org/protocol/disco#info";
local xmlns_hints = "urn:xmpp:hints";
local xmlns_event = "http://jabber.org/protocol/pubsub#event";
local xmlns_roster = "jabber:iq:roster";
local node_participants = "urn:xmpp:mix:nodes:participants";
local node_presence = "urn:xmpp:mix:nodes:presence";

local answer_timeout = module:get_option_number("mix_pam_timeout", 60);
-- While a client is being asked whether it speaks MIX, this much is held back for it.
local most_held = 100;
-- So many channels may have been asked in a user's name without having answered.
local most_asked = 100;

---- What is known of users ----

-- username -> {
--   channels = { [channel] = { id = participant ID, core = namespace, presence = is its node subscribed to, shares = may it be told } };
--   asked = { [iq id] = what a channel has been asked in the user's name, and not answered };
-- }
local store = module:open_store();
local accounts = new_cache(1000);

local function get_account(username)
	local account = accounts:get(username);
	if account then return account; end
	local data, err = store:get(username);
	account = data or {};
	account.channels = account.channels or {};
	account.asked = account.asked or {};
	if err then
		-- Nothing may be saved over what could not be read.
		module:log("error", "Could not read the channels of %s: %s", username, err);
		account.broken = true;
	else
		accounts:set(username, account);
	end
	return account;
end

local function save_account(username)
	local account = get_account(username);
	if account.broken or not user_exists(username, host) then return; end
	local is_empty = not (next(account.channels) or next(account.asked));
	local ok, err = store:set(username, not is_empty and account or nil);
	if not ok then
		module:log("error", "Could not save the channels of %s: %s", username, err);
	end
end

-- A channel that has been asked to let the user in speaks to him before it answers.
local newcomer = {};

local function find_member(account, channel)
	if account.channels[channel] then return account.channels[channel]; end
	for _, question in pairs(account.asked) do
		if question.verb == "join" and question.channel == channel then return newcomer; end
	end
end

-- The channel that something comes from, if the user is in it: it speaks for itself, as channel@service, and for its
-- participants, as channel@service/ID and as ID#channel@service (XEP-0405 §2.12).
local function get_membership(username, from)
	local account, bare = get_account(username), jid_bare(from);
	local member = find_member(account, bare);
	if member then return member, bare; end
	local channel = bare and bare:match("^[^#@]+#([^@]+@.+)$");
	member = channel and find_member(account, channel);
	if member then return member, channel; end
end

-- One-way presence, from the user to the channel, where he subscribes to its presence and does not mind giving his own.
local function is_shared(member)
	return member.presence and member.shares;
end

local function get_user(to)
	local username, to_host, resource = jid_split(to);
	if to_host == host then return username, resource; end
end

local function get_sessions(username)
	local user = bare_sessions[username.."@"..host];
	return user and user.sessions or {};
end

---- Whom users block (XEP-0191) ----

local blocklist_store = module:open_store("blocklist");
local blocklists = new_cache(256);

local function is_blocked(username, jid)
	if not is_loaded(host, "blocklist") then return false; end
	local blocklist = blocklists:get(username);
	if not blocklist then
		blocklist = blocklist_store:get(username) or {};
		blocklists:set(username, blocklist);
	end
	return blocklist[jid] ~= nil;
end

local function forget_blocklist(event)
	blocklists:set(event.origin.username, nil);
end

-- mod_blocklist then changes it.
module:hook("iq-set/self/"..xmlns_blocking..":block", forget_blocklist, 1);
module:hook("iq-set/self/"..xmlns_blocking..":unblock", forget_blocklist, 1);

-- XEP-0405 §2.12: a participant is blocked with his channel, and in what he says there by his own address in it,
-- ID#channel@service, which mod_blocklist does not see in channel@service/ID.
local function is_silenced(username, stanza)
	local from = stanza.attr.from;
	local member, channel = get_membership(username, from);
	if not member then return false; end
	if jid_bare(from) ~= channel then return is_blocked(username, channel); end
	local id = jid_resource(from);
	-- In 2018 groupchat came from the channel alone, and named its speaker within.
	local speaker = id and id.."#"..channel or stanza:find("{urn:xmpp:mix:core:0}mix/proxy-jid#");
	return speaker and is_blocked(username, speaker);
end

local function drop_blocked(event)
	local origin, stanza = event.origin, event.stanza;
	local username = get_user(stanza.attr.to);
	if not username or not is_silenced(username, stanza) then return; end
	if stanza.name == "iq" and (stanza.attr.type == "get" or stanza.attr.type == "set") then
		origin.send(st.error_reply(stanza, "cancel", "service-unavailable"));
	end
	return true;
end

-- Next to mod_blocklist.
for _, name in ipairs { "message", "presence", "iq" } do
	module:hook(name.."/bare", drop_blocked, 99);
	module:hook(name.."/full", drop_blocked, 99);
end

---- Which clients speak MIX ----

-- session.mix_pam = {
--   speaks = true, false, or nil while it is not known;
--   ver = the capabilities it was asked about; held = what waits for its answer; annotated = whether it wants marked rosters;
-- }
local speakers = new_cache(1000); -- hash of capabilities -> true or false

local function get_client(session)
	session.mix_pam = session.mix_pam or {};
	return session.mix_pam;
end

local function tell(session, stanza)
	local client = get_client(session);
	if client.speaks then
		-- Of mod_mix_multicast, where it is used: one of many copies.
		local copies = stanza.multicast;
		if copies and copies.send(session, stanza, session.full_jid) then return; end
		local copy = st.clone(stanza);
		copy.attr.to = session.full_jid;
		session.send(copy);
	elseif client.held then
		table.insert(client.held, stanza);
		if #client.held > most_held then client.held = nil; end
	end
end

local function tell_clients(username, stanza)
	for _, session in pairs(get_sessions(username)) do
		if session.presence then tell(session, stanza); end
	end
end

local function send_presence(session, channel, attr)
	local presence = attr and st.presence(attr) or st.clone(session.presence);
	presence.attr.from, presence.attr.to = session.full_jid, channel;
	module:send(presence);
end

local resume; -- forward declaration

-- A client that speaks MIX comes online: its presence goes to the channels, and theirs comes to it (XEP-0405 §2.9).
local function greet(session)
	local bare = session.username.."@"..host;
	for channel, member in pairs(get_account(session.username).channels) do
		if session.presence and is_shared(member) then send_presence(session, channel); end
		if member.presence then
			module:send(st.presence({ from = bare, to = channel }));
		end
	end
	resume(session.username);
end

local is_greeting_later = {}; -- username -> true

-- A channel's service could not be reached: so that it knows who is there once it can be.
local function greet_later(username)
	if is_greeting_later[username] then return; end
	is_greeting_later[username] = true;
	module:add_timer(answer_timeout, function ()
		is_greeting_later[username] = nil;
		for _, session in pairs(get_sessions(username)) do
			if session.presence and get_client(session).speaks then greet(session); end
		end
	end);
end

local function set_speaks(session, speaks)
	local client = get_client(session);
	local held, spoke = client.held or {}, client.speaks;
	client.speaks, client.held = speaks, nil;
	if speaks and not spoke then
		for _, stanza in ipairs(held) do tell(session, stanza); end
		greet(session);
	elseif spoke and not speaks then
		for channel, member in pairs(get_account(session.username).channels) do
			if is_shared(member) then send_presence(session, channel, { type = "unavailable" }); end
		end
	end
end

-- XEP-0369 §6.7: a client that speaks MIX says so when it is asked; its capabilities (XEP-0115) save asking.
local function learn(session, presence)
	local client = get_client(session);
	local caps = presence:get_child("c", xmlns_caps);
	local ver = caps and caps.attr.node and caps.attr.ver or client.ver or "";
	if client.ver == ver then
		if client.speaks and not session.presence then greet(session); end
		return;
	end
	client.ver = ver;
	local known = speakers:get(ver);
	if known ~= nil then return set_speaks(session, known); end
	if client.speaks == nil then client.held = {}; end
	local node = ver ~= "" and caps.attr.node.."#"..ver or nil;
	session.send(st.iq({ type = "get", id = "mix-pam", from = session.username.."@"..host, to = session.full_jid })
		:tag("query", { xmlns = xmlns_disco_info, node = node }));
end

local function is_speaker(query)
	for feature in query:childtags("feature") do
		if xmlns_core[feature.attr.var] then return true; end
	end
	return false;
end

module:hook("iq-result/bare/mix-pam", function (event)
	local session, stanza = event.origin, event.stanza;
	local query = stanza:get_child("query", xmlns_disco_info);
	if stanza.attr.to or not session.mix_pam or not query then return; end
	local speaks = is_speaker(query);
	local ver = session.mix_pam.ver;
	if ver ~= "" and calculate_hash(query.tags) == ver then
		speakers:set(ver, speaks);
	end
	set_speaks(session, speaks);
	return true;
end);

module:hook("iq-error/bare/mix-pam", function (event)
	if event.stanza.attr.to or not event.origin.mix_pam then return; end
	set_speaks(event.origin, false);
	return true;
end);

module:hook("presence/bare", function (event)
	local session, presence = event.origin, event.stanza;
	if session.type == "c2s" and not presence.attr.to and not presence.attr.type then
		learn(session, presence);
	end
end, 5);

---- Rosters ----

local function set_roster(username, channel, subscription)
	local roster = rostermanager.load_roster(username, host);
	local item = roster[channel];
	if not subscription and not item then return; end
	if subscription then
		item = item or { groups = {} };
		item.subscription, item.ask = subscription, nil;
	else
		item = nil;
	end
	roster[channel] = item;
	if not rostermanager.save_roster(username, host, roster, channel) then
		module:log("error", "Could not save the roster of %s", username);
	end
	rostermanager.roster_push(username, host, channel);
end

local function set_member(username, channel, member)
	local account = get_account(username);
	local before = account.channels[channel];
	account.channels[channel] = member;
	save_account(username);
	set_roster(username, channel, member and (is_shared(member) and "from" or "none"));
	local was, is = before and is_shared(before), member and is_shared(member);
	for _, session in pairs(get_sessions(username)) do
		if session.presence and get_client(session).speaks then
			if is then
				send_presence(session, channel);
			elseif was and member then
				send_presence(session, channel, { type = "unavailable" });
			end
		end
	end
end

-- XEP-0405 §2.10: marks channels in rosters, and in what changes in them, for clients that have asked for it.
local function annotate(stanza, session)
	if stanza.name ~= "iq" or not session.mix_pam or not session.mix_pam.annotated then return stanza; end
	if not stanza:get_child("query", xmlns_roster) then return stanza; end
	local channels = get_account(session.username).channels;
	local marked = st.clone(stanza);
	for item in marked:get_child("query", xmlns_roster):childtags("item") do
		local member = channels[item.attr.jid];
		if member and item.attr.subscription ~= "remove" then
			item:tag("channel", { xmlns = xmlns_mix_roster, ["participant-id"] = member.id }):up();
		end
	end
	return marked;
end

module:hook("iq/self/"..xmlns_roster..":query", function (event)
	local session, query = event.origin, event.stanza.tags[1];
	if event.stanza.attr.type ~= "get" then return; end
	local is_wanted = query:get_child("annotate", xmlns_mix_roster) ~= nil;
	get_client(session).annotated = is_wanted;
	if is_wanted then
		filters.add_filter(session, "stanzas/out", annotate);
		-- Of what a client has kept from before, nobody knows whether it was marked.
		query.attr.ver = nil;
	end
end, 1);

-- XEP-0405 §2.9: only clients that speak MIX show their presence to a channel.
module:hook("pre-presence/bare", function (event)
	local session, presence = event.origin, event.stanza;
	local type = presence.attr.type;
	if session.type ~= "c2s" or (type and type ~= "unavailable") then return; end
	if get_account(session.username).channels[presence.attr.to] and not get_client(session).speaks then
		return true;
	end
end, 1);

---- Joining and leaving ----

local in_flight = {}; -- iq id -> true
local give_up; -- forward declaration

local function ask(username, question)
	local id, asked = "mix-"..new_id(), get_account(username).asked;
	-- What nobody waits for any more is overtaken by it: a leave must not be tried again after a new join.
	for other, before in pairs(asked) do
		if before.channel == question.channel and not before.client then asked[other] = nil; end
	end
	asked[id] = question;
	save_account(username);
	in_flight[id] = true;
	module:add_timer(answer_timeout, function () give_up(username, id); end);
	module:send(st.iq({ type = "set", id = id, from = username.."@"..host, to = question.channel })
		:add_child(parse_xml(question.request)));
end

-- What was asked before the server stopped, and perhaps never answered, is asked again; joining twice is joining once.
function resume(username)
	local asked, again = get_account(username).asked, {};
	for id, question in pairs(asked) do
		if not in_flight[id] then
			asked[id] = nil;
			table.insert(again, question);
		end
	end
	for _, question in ipairs(again) do
		question.client = nil;
		if not question.is_late then ask(username, question); end
	end
end

-- What is told to the client that asked; where it did not, or is gone, nobody.
local function answer_client(username, question, child, err)
	local session = question.client and full_sessions[question.client];
	if not session then return; end
	local attr = { type = err and "error" or "result", id = question.id, from = username.."@"..host, to = question.client };
	local reply = st.iq(attr)
		:tag("client-"..question.verb, { xmlns = question.xmlns, channel = question.channel });
	if child then reply:add_child(child); end
	reply:up();
	if err then reply:add_child(err); end
	session.send(reply);
end

local function find_verb(parent, verb)
	for _, child in ipairs(parent.tags) do
		if child.name == verb and (child.attr.xmlns or ""):match("^urn:xmpp:mix:") then return child; end
	end
end

-- XEP-0404 §3.1: whether a form of preferences says that presence may be shared; nil where it says nothing of it.
local function get_sharing(parent)
	local form = parent:get_child("x", "jabber:x:data");
	local field = form and form:get_child_with_attr("field", nil, "var", "Presence");
	local value = field and field:get_child_text("value");
	if value then return value:lower():gsub("[-_]", " ") ~= "not share"; end
end

local function set_nodes(member, nodes)
	for tag in nodes:childtags() do
		if tag.attr.node == node_presence then
			member.presence = tag.name == "subscribe" or (tag.name ~= "unsubscribe" and member.presence);
		end
	end
end

local function joined(username, question, join)
	local request = parse_xml(question.request);
	local member = {
		-- MIX-CORE of 2018 names the participant by proxy JID, ID#channel@service.
		id = join.attr.id or (join.attr.jid or ""):match("^[^#@]+") or "";
		core = xmlns_core[join.attr.xmlns] and join.attr.xmlns or "urn:xmpp:mix:core:1";
		presence = false;
	};
	set_nodes(member, join);
	local preferences = join:get_child("user-preference", xmlns_anon) or join;
	member.shares = get_sharing(preferences);
	if member.shares == nil then member.shares = get_sharing(request) ~= false; end
	set_member(username, question.channel, member);
end

function give_up(username, id)
	in_flight[id] = nil;
	local question = get_account(username).asked[id];
	if not question then return; end
	if question.client then
		answer_client(username, question, parse_xml(question.request), st.stanza("error", { type = "wait" })
			:tag("remote-server-timeout", { xmlns = "urn:ietf:params:xml:ns:xmpp-stanzas" }));
		-- A late answer is heeded all the same.
		question.client, question.is_late = nil, true;
		save_account(username);
	elseif next(get_sessions(username)) then
		resume(username);
	end
end

-- What a channel answers that was asked in the user's name. Before mod_blocklist: one may leave what one has blocked.
module:hook("iq/bare", function (event)
	local stanza = event.stanza;
	local type = stanza.attr.type;
	local username = type ~= "get" and type ~= "set" and get_user(stanza.attr.to);
	if not username then return; end
	local account = get_account(username);
	local id = stanza.attr.id;
	local question = account.asked[id];
	if not question or stanza.attr.from ~= question.channel then return; end

	if type == "error" then
		local error_type, condition = stanza:get_error();
		-- Nobody waits for it: it is tried again after a while, or when the user comes back.
		if error_type == "wait" and not question.client then return true; end
		account.asked[id] = nil;
		save_account(username);
		-- There is nothing left to leave.
		local is_gone = condition == "item-not-found" or condition == "forbidden" or condition == "gone";
		if question.verb == "leave" and is_gone and account.channels[question.channel] then
			set_member(username, question.channel, nil);
		end
		answer_client(username, question, parse_xml(question.request), stanza:get_child("error"));
		return true;
	end

	local child = find_verb(stanza, question.verb);
	account.asked[id] = nil;
	if question.verb == "join" then
		joined(username, question, child or parse_xml(question.request));
	else
		set_member(username, question.channel, nil);
	end
	answer_client(username, question, child);
	return true;
end, 101);

local function handle_request(event, verb, xmlns)
	local session, stanza = event.origin, event.stanza;
	local username, wrapper = session.username, stanza.tags[1];
	local channel = jid_prep(wrapper.attr.channel);
	local node, _, resource = jid_split(channel);
	local request = find_verb(wrapper, verb);
	if not node or resource or not request then
		local text = ("Write <client-%s channel='NAME@DOMAIN'/> with a <%s/> in it."):format(verb, verb);
		session.send(st.error_reply(stanza, "modify", "bad-request", text));
		return true;
	end
	if verb == "join" and is_blocked(username, channel) then
		session.send(st.error_reply(stanza, "cancel", "not-acceptable", "You have blocked this channel.")
			:tag("blocked", { xmlns = xmlns_blocking..":errors" }));
		return true;
	end
	local waiting = 0;
	for _ in pairs(get_account(username).asked) do waiting = waiting + 1; end
	if waiting >= most_asked then
		session.send(st.error_reply(stanza, "wait", "resource-constraint", "Too many channels have not answered yet."));
		return true;
	end
	local question = {
		verb = verb, xmlns = xmlns, channel = channel, request = tostring(request);
		client = session.full_jid, id = stanza.attr.id;
	};
	ask(username, question);
	return true;
end

for _, xmlns in ipairs(xmlns_pam) do
	for _, verb in ipairs { "join", "leave" } do
		module:hook("iq-set/self/"..xmlns..":client-"..verb, function (event)
			return handle_request(event, verb, xmlns);
		end);
	end
end

-- Whoever takes a channel from the roster, or gives up the account, leaves it.
module:hook("roster-item-removed", function (event)
	local username, channel = event.username, event.jid;
	local account = get_account(username);
	local member = account.channels[channel];
	if not member then return; end
	account.channels[channel] = nil;
	ask(username, { verb = "leave", channel = channel, request = tostring(st.stanza("leave", { xmlns = member.core })) });
end);

module:hook_global("user-deleted", function (event)
	if event.host == host then accounts:set(event.username, nil); end
end);

-- What a client does in a channel by itself: it leaves, changes what it is subscribed to, or chooses (XEP-0404) whether
-- its presence is shared. The channel's answer says what is so.
module:hook("iq/full", function (event)
	local stanza = event.stanza;
	local answer = stanza.tags[1];
	local username = stanza.attr.type == "result" and answer and get_user(stanza.attr.to);
	if not username then return; end
	local channel = stanza.attr.from;
	local member = get_account(username).channels[channel];
	if not member then return; end
	local is_core = xmlns_core[answer.attr.xmlns];
	if is_core and answer.name == "leave" then
		set_member(username, channel, nil);
		return;
	end
	local now = { id = member.id, core = member.core, presence = member.presence, shares = member.shares };
	if is_core and answer.name == "update-subscription" then
		set_nodes(now, answer);
	elseif answer.attr.xmlns == xmlns_anon and answer.name == "user-preference" then
		local shares = get_sharing(answer);
		if shares ~= nil then now.shares = shares; end
	end
	if now.presence ~= member.presence or now.shares ~= member.shares then
		set_member(username, channel, now);
	end
end, 1);

---- What channels send ----

-- XEP-0405 §2.2: to every client that speaks MIX, and to none of the others; where there is none, it is not sent.
-- After mod_mam, which archives it; before mod_carbons, which would send it twice.
module:hook("message/bare", function (event)
	local stanza = event.stanza;
	local username = get_user(stanza.attr.to);
	if not username then return; end
	local member, channel = get_membership(username, stanza.attr.from);
	-- Private messages, from ID#channel@service, are messages like any other.
	if not member or jid_bare(stanza.attr.from) ~= channel then return; end
	local type = stanza.attr.type;
	-- In groupchat it would be somebody's words, not the channel's.
	local news = type ~= "groupchat" and type ~= "error" and stanza:get_child("event", xmlns_event);
	if type ~= "groupchat" and not news then return; end
	tell_clients(username, stanza);
	-- Whom the channel removes is told so by the participants node (XEP-0369 §7.1.3).
	local items = news and news:get_child("items");
	local retracted = items and items.attr.node == node_participants and items:get_child("retract");
	if retracted and member.id and (retracted.attr.id or ""):match("^[^#]+") == member.id then
		set_member(username, channel, nil);
	end
	return true;
end, -0.25);

-- What nobody would want to read again, alone or together.
local passing = {
	["urn:xmpp:mix:core:0"] = true, ["urn:xmpp:mix:core:1"] = true, ["urn:xmpp:sid:0"] = true;
	["http://jabber.org/protocol/chatstates"] = true, [xmlns_hints] = true;
};

local function is_for_archive(stanza)
	if stanza:get_child("no-store", xmlns_hints) or stanza:get_child("no-permanent-store", xmlns_hints) then return false; end
	for _, child in ipairs(stanza.tags) do
		if not passing[child.attr.xmlns] and child.name ~= "thread" then return true; end
	end
	return false;
end

module:hook("archive-should-store", function (event)
	local stanza = event.stanza;
	if stanza.attr.type ~= "groupchat" then return; end
	local username, resource = get_user(stanza.attr.to);
	if not username or resource or not get_membership(username, stanza.attr.from) then return; end
	event.reason = "mix";
	return is_for_archive(stanza);
end);

module:hook("presence/bare", function (event)
	local stanza = event.stanza;
	local type = stanza.attr.type;
	local username = get_user(stanza.attr.to);
	if not username or (type and type ~= "unavailable" and type ~= "error") then return; end
	if not get_membership(username, stanza.attr.from) then return; end
	if type ~= "error" then
		tell_clients(username, stanza);
	elseif stanza:get_error() == "wait" then
		greet_later(username);
	end
	return true;
end, 1);

---- What is advertised ----

for _, xmlns in ipairs(xmlns_pam) do module:add_feature(xmlns); end

module:hook("account-disco-info", function (event)
	for _, xmlns in ipairs(xmlns_pam) do
		event.reply:tag("feature", { var = xmlns }):up();
		if archived_by[xmlns] and is_loaded(host, "mam") then
			event.reply:tag("feature", { var = xmlns.."#archive" }):up();
		end
	end
end);

---- Loading into a server that runs ----

local function for_each_session(callback)
	for _, user in pairs(prosody.hosts[host].sessions) do
		for _, session in pairs(user.sessions) do callback(session); end
	end
end

function module.load()
	for_each_session(function (session)
		if session.mix_pam and session.mix_pam.annotated then filters.add_filter(session, "stanzas/out", annotate); end
		if session.presence and not session.mix_pam then learn(session, session.presence); end
	end);
end

function module.unload()
	for_each_session(function (session)
		filters.remove_filter(session, "stanzas/out", annotate);
	end);
end
