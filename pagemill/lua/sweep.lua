-- Removes consumers that hold nothing and are gone from a group, and answers how many.
-- Asked and done in one step, since removing a consumer drops what it holds.
--
-- KEYS[1]  PREFIX:records   stream: one entry a record
--
-- ARGV[1]  the consumer group
-- ARGV[2]  the consumer that leaves and is removed whatever its age; empty for none
-- ARGV[3]  how long another must have been silent, in milliseconds

local removed = 0
for _, fields in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local consumer = {}
  for at = 1, #fields, 2 do
    consumer[fields[at]] = fields[at + 1]
  end
  local gone = consumer.name == ARGV[2] or consumer.idle > tonumber(ARGV[3])
  if consumer.pending == 0 and gone then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], consumer.name)
    removed = removed + 1
  end
end
return removed
