-- Hands back what a consumer holds, so that the next worker that looks takes it up at once, and counts no delivery.
--
-- KEYS
--   1 hash        trials: QUEUE|ENTRY -> what is held against a page
--   2 ... stream  the page queues
-- ARGV: 1 group   2 consumer   3 lease in milliseconds   4 pages at most, a queue   5 "leave" to take the
--       consumer out of the group, if it holds nothing then; else ""
-- Answers how many pages were handed back.
--
-- They go to a consumer that never works: XGROUP DELCONSUMER drops what the consumer holds.

local NOBODY = "handed-back"
local IDLE = tonumber(ARGV[3]) + 1
local handed = 0
for i = 2, #KEYS do
  local stream = KEYS[i]
  if redis.call("EXISTS", stream) == 1 then
    for _, pending in ipairs(redis.call("XPENDING", stream, ARGV[1], "-", "+", ARGV[4], ARGV[2])) do
      local there = #redis.call("XCLAIM", stream, ARGV[1], NOBODY, 0, pending[1], "IDLE", IDLE, "JUSTID")
      -- Somebody deleted the entry: XCLAIM dropped the lease, and nothing is left to try.
      if there == 0 then redis.call("HDEL", KEYS[1], string.match(stream, "[^:]*$") .. "|" .. pending[1]) end
      handed = handed + there
    end
    if ARGV[5] == "leave" and not redis.call("XPENDING", stream, ARGV[1], "-", "+", 1, ARGV[2])[1] then
      redis.call("XGROUP", "DELCONSUMER", stream, ARGV[1], ARGV[2])
    end
  end
end
return handed
