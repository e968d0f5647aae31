-- Renews the leases of pages that a worker has in hand, and of no others: what was taken from it stays taken.
--
-- KEYS: the page queues
-- ARGV: 1 group   2 consumer, then pairs: the queue's number in KEYS, entry
-- Answers how many of the pages are still this consumer's.

local kept = 0
for i = 3, #ARGV, 2 do
  local stream, entry = KEYS[tonumber(ARGV[i])], ARGV[i + 1]
  if redis.call("XPENDING", stream, ARGV[1], entry, entry, 1, ARGV[2])[1] then
    kept = kept + #redis.call("XCLAIM", stream, ARGV[1], ARGV[2], 0, entry, "JUSTID")
  end
end
return kept
