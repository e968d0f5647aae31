-- Renews the leases of entries that are still pending under this consumer, and answers their ids.
-- An entry that another consumer took over meanwhile is left to it.
--
-- KEYS[1]  PREFIX:records   stream: one entry a record
--
-- ARGV[1]  the consumer group
-- ARGV[2]  the consumer
-- ARGV[3]  how long each has been idle from now on, in milliseconds: 0 renews, the time of takeover gives back
-- ARGV[4...]  entry ids

local mine = {}
for at = 4, #ARGV do
  local pending = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[at], ARGV[at], 1, ARGV[2])
  if #pending > 0 then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[at], 'IDLE', ARGV[3], 'JUSTID')
    mine[#mine + 1] = ARGV[at]
  end
end
return mine
