-- A database as schema 2 made it, with two people in a coven and what was said there. Never to be changed: it stands for
-- those that operators have.
-- Autoincrement: the key of a channel that is gone is never given to another.
create table channels (
  key integer primary key autoincrement,
  name text not null unique,
  created integer not null,
  listed integer not null,
  state text not null
);
create index channels_listed on channels (name) where listed = 1;

create table participants (
  channel integer not null references channels on delete cascade,
  id text not null,
  jid text not null,
  here integer not null,
  state text not null,
  primary key (channel, id),
  unique (channel, jid)
);
create index participants_here on participants (channel) where here = 1;

-- One row for each node that holds messages. A channel that goes leaves it with a null, for the sweep to find.
-- ceiling: null while no message is dated earlier than the one before it; else the latest date before the last time
-- that happened. What is dated later than it lies in order, so that a span of time is a span of places.
create table archives (
  key integer primary key,
  channel integer references channels on delete set null,
  node text not null,
  ceiling integer, floor integer not null default 0, swept integer not null default 0,
  unique (channel, node)
);

-- place: 1, 2, 3 within an archive, without gaps, so that counting is subtraction. Whoever takes a message out of the
-- middle must leave something in its place.
create table messages (
  archive integer not null,
  place integer not null,
  id text not null,
  at integer not null,
  sender text not null,
  nick text not null,
  shown integer not null,
  payload text not null
);
create unique index messages_id on messages (archive, id);
create unique index messages_place on messages (archive, place, at);
create index messages_sender on messages (archive, sender, place, shown);
create index archives_unswept on archives (key) where floor > swept;

create table plugin_values (
  space text not null,
  key text not null,
  value text not null,
  primary key (space, key)
) without rowid;

-- Items of nodes whose plugins keep them, in the order of their keys: never in that of their ids, which may be JIDs.
create table items (
  key integer primary key,
  channel integer not null references channels on delete cascade,
  node text not null,
  id text not null,
  payload text not null,
  unique (channel, node, id)
);

insert into channels (key, name, created, listed, state) values (3, 'coven', 1300000000000, 1, '{"owners":["hecate"]}');
insert into participants (channel, id, jid, here, state) values
  (3, '123456', 'hecate@shakespeare.example', 1, '{"nick":"hecate"}'),
  (3, '654321', 'hag66@shakespeare.example', 0, '{"nick":"hag66"}');
insert into archives (key, channel, node, ceiling) values (7, 3, 'urn:xmpp:mix:nodes:messages', 20);
insert into messages (archive, place, id, at, sender, nick, shown, payload) values
  (7, 1, 'a', 20, '123456', 'hecate', 1, '<body>double, double</body>'),
  (7, 2, 'b', 10, '654321', 'hag66', 0, '<body>toil and trouble</body>');
insert into plugin_values (space, key, value) values ('presence/asked', 'coven', '1');

pragma application_id = 1296126801;
pragma user_version = 2;
