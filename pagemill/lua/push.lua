-- Pushes a chunk of pages, as many as the queue has room for, and answers their entry ids in order.
--
-- KEYS[1]  PREFIX:pages:QUEUE   stream: one entry a page. Pages are deleted when they are settled, so
--                               its length is what waits and what is in hand.
-- KEYS[2]  PREFIX:queues        set: the names of all queues that were pushed to or worked on
--
-- ARGV[1]  the most pages that the queue may hold; 0 is no limit
-- ARGV[2]  the queue's name
-- ARGV[3...]  for each page: the number of the strings that follow for it, then field, value, field, value, ...
--
-- What can fail comes first. Only the very last id of a stream could make XADD fail later, and then
-- the ids so far are the answer.

local depth = redis.call('XLEN', KEYS[1])
local room = tonumber(ARGV[1]) == 0 and #ARGV or tonumber(ARGV[1]) - depth
local ids = {}
if room <= 0 then
  return ids
end

-- A pusher whose rights end at its queue need not register it: the workers register what they work on.
local registered = redis.pcall('SADD', KEYS[2], ARGV[2])
if type(registered) == 'table' and string.find(registered.err, 'WRONGTYPE', 1, true) then
  return registered
end

local at = 3
while at <= #ARGV and #ids < room do
  local count = tonumber(ARGV[at])
  local id = redis.pcall('XADD', KEYS[1], '*', unpack(ARGV, at + 1, at + count))
  if type(id) == 'table' then
    if #ids == 0 then
      return id
    end
    break
  end
  ids[#ids + 1] = id
  at = at + 1 + count
end
return ids
