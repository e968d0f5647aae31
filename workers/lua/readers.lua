-- Tells how long each group that reads the records has kept its oldest one waiting, without shipping a record.
--
-- KEYS: 1 records  stream
-- Answers {{group, consumers, the oldest entry that it has not acknowledged}, ...}; "" where there is none, or this
-- user may not look.
--
-- A stream gives an entry only whole, but nothing but its id leaves this script.

local function oldest_needed(group)
  if group["pending"] > 0 then
    return redis.call("XPENDING", KEYS[1], group["name"])[2]
  end
  local behind = {"XRANGE", KEYS[1], "(" .. group["last-delivered-id"], "+", "COUNT", 1}
  -- fakeredis has no users.
  local found = (not redis.acl_check_cmd or redis.acl_check_cmd(unpack(behind))) and redis.call(unpack(behind)) or {}
  return found[1] and found[1][1] or ""
end

local groups = {}
for i, flat in ipairs(redis.call("EXISTS", KEYS[1]) == 1 and redis.call("XINFO", "GROUPS", KEYS[1]) or {}) do
  local group = {}
  for at = 1, #flat, 2 do group[flat[at]] = flat[at + 1] end
  groups[i] = {group["name"], group["consumers"], oldest_needed(group)}
end
return groups
