-- Puts a dead letter back on its queue as a new page, and takes it out of the dead letters, in one step.
--
-- KEYS: 1 dead  stream     2 ledger  hash     3 the letter's queue  stream
-- ARGV: 1 letter
-- Answers the new entry, or false when there is no such letter any more.

local found = redis.call("XRANGE", KEYS[1], ARGV[1], ARGV[1])[1]
if not found then
  return false
end
local fields, page, size, reason = found[2], {}, 0, ""
for i = 1, #fields, 2 do
  if fields[i] == "dead_bytes" then size = tonumber(fields[i + 1]) or 0 end
  if fields[i] == "dead_reason" then reason = fields[i + 1] end
  local own = string.find(fields[i], "^dead_[^_]")
  if not own then
    page[#page + 1] = string.gsub(fields[i], "^dead__", "dead_")
    page[#page + 1] = fields[i + 1]
  end
end
if #page == 0 then
  page = {"v", "1"}
end
local entry = redis.call("XADD", KEYS[3], "*", unpack(page))
redis.call("XDEL", KEYS[1], found[1])
redis.call("HINCRBY", KEYS[2], "dead|bytes", string.format("%d", -size)) -- a number may be sent as "-0"
redis.call("HINCRBY", KEYS[2], "dead|lying|" .. reason, -1)
redis.call("HINCRBY", KEYS[2], "dead|replayed", 1)
return entry
