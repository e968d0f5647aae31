-- Hands back what a consumer holds, so that the next worker that looks takes it up at once, and counts no delivery.
--
-- KEYS: the page queues
-- ARGV: 1 group   2 consumer   3 lease in milliseconds   4 pages at most, a queue   5 "leave" to take the
--       consumer out of the group, if it holds nothing then; else ""
-- Answers how many pages were handed back.
--
-- They go to a consumer that never works: XGROUP DELCONSUMER drops what the consumer holds.

local NOBODY = "handed-back"
local handed = 0
for _, stream in ipairs(KEYS) do
  if redis.call("EXISTS", stream) == 1 then
    for _, pending in ipairs(redis.call("XPENDING", stream, ARGV[1], "-", "+", ARGV[4], ARGV[2])) do
      handed = handed + #redis.call("XCLAIM", stream, ARGV[1], NOBODY, 0, pending[1], "IDLE", ARGV[3], "JUSTID")
    end
    if ARGV[5] == "leave" and not redis.call("XPENDING", stream, ARGV[1], "-", "+", 1, ARGV[2])[1] then
      redis.call("XGROUP", "DELCONSUMER", stream, ARGV[1], ARGV[2])
    end
  end
end
return handed
