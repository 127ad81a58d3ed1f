-- Multicast (XEP-0033) for channels, for Prosody 0.12 and later
-- Copyright (C) 2026 The Masque authors
--
-- This file is MIT licensed, like Prosody itself.
--
-- A component of its own. A service for channels hands it one stanza for many users of this server; each of them gets a
-- copy, and nobody learns who else does. What is the same in all copies is read, and written out, once.

local st = require "util.stanza";
local jid_bare = require "util.jid".bare;
local jid_host = require "util.jid".host;
local jid_prep = require "util.jid".prep;
local new_cache = require "util.cache".new;
local xml_escape = st.xml_escape;
local stanza_mt = st.stanza_mt;

local hosts, full_sessions = prosody.hosts, prosody.full_sessions;

local xmlns_address = "http://jabber.org/protocol/address";
local xmlns_list = "urn:masque:multicast:0";
local xmlns_data = "jabber:x:data";

-- The components that may use it, and nobody else.
local senders = module:get_option_set("mix_multicast_for", {});
-- How many addresses a stanza may have.
local limit = module:get_option_number("mix_multicast_limit", 1000);

---- What is handed over ----

local prepared = new_cache(10000);

local function prepare(jid)
	local known = prepared:get(jid);
	if known == nil then
		known = jid_prep(jid) or false;
		prepared:set(jid, known);
	end
	return known;
end

-- Users of this server, and the sender itself.
local function is_here(jid, sender)
	local host = jid_host(jid);
	return host == sender or (hosts[host] and hosts[host].type == "local" and jid_bare(jid) ~= host);
end

-- A plain list, a JID a line, is read in a quarter of the time.
local function list_addresses(stanza)
	local list, jids = stanza:get_child_text("recipients", xmlns_list), {};
	if list then
		for jid in list:gmatch("[^\n]+") do table.insert(jids, jid); end
		return jids;
	end
	local addresses = stanza:get_child("addresses", xmlns_address);
	for i, address in ipairs(addresses and addresses.tags or jids) do
		jids[i] = address.attr.type == "bcc" and address.attr.jid or "";
	end
	return jids;
end

-- All addresses, or why nobody is sent anything.
local function read_addresses(stanza, sender)
	local jids = list_addresses(stanza);
	if #jids == 0 then
		return nil, "modify", "bad-request", "It says nowhere whom this is for.";
	elseif #jids > limit then
		return nil, "modify", "not-acceptable", ("A stanza may have %d addresses here."):format(limit);
	end
	for i, written in ipairs(jids) do
		local jid = prepare(written);
		if not jid then
			return nil, "modify", "bad-request", "Every address is of type bcc and has a JID here.";
		elseif not is_here(jid, sender) then
			return nil, "auth", "forbidden", "Nothing is sent to other servers from here.";
		end
		jids[i] = jid;
	end
	return jids;
end

---- Copies ----

-- stanza.multicast, in each copy = {
--   size = how many children it has; tail = its text from behind the "to" on;
--   send = sends it as text, if that is possible: see below;
-- }
-- A clone, which others may have changed, does not have it.

-- What nobody looks at on its way to the client need not be written out anew for each.
local function send_text(session, stanza, to)
	local copies, filters = stanza.multicast, session.filters;
	local watchers = filters and filters["stanzas/out"];
	if #stanza ~= copies.size or not session.conn or session.bosh_version or (watchers and watchers[1]) then
		return false;
	end
	return session.send("<message to='"..xml_escape(to).."'"..copies.tail);
end

local function make_copies(stanza)
	local original = st.clone(stanza);
	original:remove_children("addresses", xmlns_address);
	original:remove_children("recipients", xmlns_list);
	original.attr.to = nil;
	local tail = tostring(original):sub(#"<message" + 1);
	return original, { size = #original, tail = tail, send = send_text };
end

-- Its children are those of all others.
local function copy_for(jid, original, copies)
	local attr, tags = { to = jid }, {};
	for name, value in pairs(original.attr) do attr[name] = value; end
	local copy = { name = original.name, attr = attr, tags = tags, multicast = copies };
	for i = 1, #original do copy[i] = original[i]; end
	for i = 1, #original.tags do tags[i] = original.tags[i]; end
	return setmetatable(copy, stanza_mt);
end

-- Before mod_message, which would do the same by other means, and after all who have a say in it.
local function deliver(event)
	local stanza = event.stanza;
	local session = stanza.multicast and full_sessions[stanza.attr.to];
	if session and send_text(session, stanza, stanza.attr.to) then return true; end
end

local is_prepared = {};

local function prepare_host(host)
	if is_prepared[host] or hosts[host].type ~= "local" then return; end
	is_prepared[host] = true;
	module:context(host):hook("message/full", deliver, -0.9);
end

module:hook("message/host", function (event)
	local origin, stanza = event.origin, event.stanza;
	if stanza.attr.type == "error" then return true; end
	local sender = jid_host(stanza.attr.from);
	if not senders:contains(sender) then
		origin.send(st.error_reply(stanza, "auth", "forbidden", "This is not for you."));
		return true;
	end
	local jids, type, condition, text = read_addresses(stanza, sender);
	if not jids then
		origin.send(st.error_reply(stanza, type, condition, text));
		return true;
	end
	local original, copies = make_copies(stanza);
	for _, jid in ipairs(jids) do
		prepare_host(jid_host(jid));
		-- As if it had come from the sender straight: what cannot be delivered goes back there.
		module:send(copy_for(jid, original, copies), origin);
	end
	return true;
end);

---- What is advertised ----

module:depends("disco");

module:add_identity("service", "multicast", "Multicast for channels");
module:add_feature(xmlns_address);
module:add_feature(xmlns_list);
module:add_extension(st.stanza("x", { xmlns = xmlns_data, type = "result" })
	:tag("field", { var = "FORM_TYPE", type = "hidden" }):text_tag("value", xmlns_address):up()
	:tag("field", { var = "message" }):text_tag("value", ("%d"):format(limit)):up());
