-- Asks whether this user may do all that a commit does, which must not find out in the middle of a batch; and all
-- that takes pages, renews them and hands them back.
--
-- KEYS: as for commit/call.lua, with one page queue
-- Answers "COMMAND on KEY", or "COMMAND", that the user may not, or "".

local LEDGER, RECORDS, SETTLED, DEAD, TRIALS = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local NEW, OLD, SINCE, HEAD, PAGES = KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[13]
local SITES, PROFILE = KEYS[#KEYS - 5], KEYS[#KEYS - 4] .. ":host"

local needed = {
  {"XREADGROUP", "GROUP", "group", "consumer", "STREAMS", PAGES, ">"},
  {"XCLAIM", PAGES, "group", "consumer", "0", "0-1"}, {"XPENDING", PAGES, "group"}, {"XLEN", PAGES}, {"EXISTS", PAGES},
  {"XACK", PAGES, "group", "0-1"}, {"XDEL", PAGES, "0-1"}, {"XRANGE", PAGES, "-", "+"},
  {"XADD", RECORDS, "*", "field", "value"}, {"XTRIM", RECORDS, "MAXLEN", "1"}, {"XLEN", RECORDS},
  {"XINFO", "GROUPS", RECORDS}, {"XPENDING", RECORDS, "group"},
  {"XADD", SETTLED, "*", "field", "value"}, {"XTRIM", SETTLED, "MAXLEN", "1"},
  {"XADD", DEAD, "*", "field", "value"}, {"XDEL", DEAD, "0-1"}, {"XRANGE", DEAD, "-", "+"}, {"XLEN", DEAD},
  {"HINCRBY", LEDGER, "field", "1"}, {"HSET", LEDGER, "field", "1"}, {"HDEL", LEDGER, "field"}, {"HMGET", LEDGER, "field"},
  {"HGET", TRIALS, "field"}, {"HSET", TRIALS, "field", "value"}, {"HDEL", TRIALS, "field"},
  {"GET", SINCE}, {"SET", SINCE, "1"}, {"DEL", SINCE}, {"TIME"},
  {"HMGET", HEAD, "at"}, {"HSET", HEAD, "at", "1"}, {"RENAME", NEW, OLD},
  {"ZADD", SITES, "1", "host"}, {"ZCARD", SITES}, {"ZPOPMIN", SITES}, {"TYPE", SITES},
  {"GET", PROFILE}, {"MGET", PROFILE}, {"SET", PROFILE, "profile"}, {"UNLINK", PROFILE},
}
for i = 1, 9 do needed[#needed + 1] = {"TYPE", KEYS[i]} end
for _, key in ipairs({NEW, OLD}) do
  for _, command in ipairs({"HGET", "HDEL"}) do needed[#needed + 1] = {command, key, "field"} end
  for _, command in ipairs({"HLEN", "UNLINK"}) do needed[#needed + 1] = {command, key} end
  needed[#needed + 1] = {"HSET", key, "field", "value"}
end
for i = 10, 12 do
  local name = KEYS[i] .. ":0"
  for _, command in ipairs({"STRLEN", "UNLINK"}) do needed[#needed + 1] = {command, name} end
  needed[#needed + 1] = {"GETRANGE", name, "0", "1"}
  needed[#needed + 1] = {"SETRANGE", name, "0", "value"}
end
for i = #KEYS - 3, #KEYS do
  for _, command in ipairs({"HLEN", "TYPE"}) do needed[#needed + 1] = {command, KEYS[i]} end
  needed[#needed + 1] = {"HMGET", KEYS[i], "field"}
  needed[#needed + 1] = {"HSET", KEYS[i], "field", "value"}
end
for _, i in ipairs({#KEYS - 3, #KEYS - 1}) do needed[#needed + 1] = {"RENAME", KEYS[i], KEYS[i + 1]} end

-- fakeredis has no users.
for _, call in ipairs(redis.acl_check_cmd and needed or {}) do
  if not redis.acl_check_cmd(unpack(call)) then
    local key = call[1] == "XREADGROUP" and call[6] or call[1] == "XINFO" and call[3] or call[2]
    return call[1] .. (key and " on " .. key or "")
  end
end
return ""
