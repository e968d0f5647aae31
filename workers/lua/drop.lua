-- Forgets a dead letter for good.
--
-- KEYS: 1 dead  stream     2 ledger  hash
-- ARGV: 1 letter
-- Answers 1, or 0 when there is no such letter.

local found = redis.call("XRANGE", KEYS[1], ARGV[1], ARGV[1])[1]
if not found then
  return 0
end
local size, reason = 0, ""
for i = 1, #found[2], 2 do
  if found[2][i] == "dead_bytes" then size = tonumber(found[2][i + 1]) or 0 end
  if found[2][i] == "dead_reason" then reason = found[2][i + 1] end
end
redis.call("XDEL", KEYS[1], found[1])
redis.call("HINCRBY", KEYS[2], "dead|bytes", string.format("%d", -size)) -- a number may be sent as "-0"
redis.call("HINCRBY", KEYS[2], "dead|lying|" .. reason, -1)
redis.call("HINCRBY", KEYS[2], "dead|dropped", 1)
return 1
