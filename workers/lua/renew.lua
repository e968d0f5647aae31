-- Renews the leases of pages that a worker has in hand, and of no others: what was taken from it stays taken.
--
-- KEYS
--   1 hash        trials: QUEUE|ENTRY -> what is held against a page
--   2 hash        leases: see leases.lua
--   3 ... stream  the page queues
-- ARGV: 1 group   2 consumer   3 lease in milliseconds, then pairs: the queue's number in KEYS, entry
-- Answers how many of the pages are still this consumer's.

look_at_clock(KEYS[2], tonumber(ARGV[3]))
local kept = 0
for i = 4, #ARGV, 2 do
  local stream, entry = KEYS[tonumber(ARGV[i])], ARGV[i + 1]
  if redis.call("XPENDING", stream, ARGV[1], entry, entry, 1, ARGV[2])[1] then
    local there = #redis.call("XCLAIM", stream, ARGV[1], ARGV[2], 0, entry, "JUSTID")
    -- Somebody deleted the entry: XCLAIM dropped the lease, and nothing is left to try.
    if there == 0 then redis.call("HDEL", KEYS[1], string.match(stream, "[^:]*$") .. "|" .. entry) end
    kept = kept + there
  end
end
return kept
