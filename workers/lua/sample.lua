-- Notes how far the counters have come, at most every 15 seconds, however many workers ask: rates and histories are
-- the differences.
--
-- KEYS
--   1 ledger   hash    see commit/call.lua
--   2 counts   stream  body (JSON): all of the ledger, and of each queue how many pages were pushed and lie
--   3 minutes  stream  pushed, settled, depth: sums over all queues; for an hour
--   4 day      stream  the same every quarter of an hour, for a day
--   5 ...      stream  the pages of each queue
-- ARGV: the queues' names, in the order of KEYS
-- Answers 1, or 0 when it was not due.

local LEDGER, COUNTS, MINUTES, DAY = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local EVERY, EVERY_QUARTER = 15000, 900000
local call = redis.call

-- When the newest note was taken. Where the clock jumped back, what was noted under later times would stop all that
-- follows: it is dropped.
local function noted_at(stream, every)
  local newest = call("XREVRANGE", stream, "+", "-", "COUNT", 1)[1]
  local at = newest and tonumber(string.match(newest[1], "^%d+")) or 0
  if at <= NOW + every then
    return at
  end
  call("DEL", stream)
  return 0
end

local function is_due(stream, every)
  return math.floor(NOW / every) > math.floor(noted_at(stream, every) / every)
end

local function pushed_and_depth(stream)
  if call("EXISTS", stream) == 0 then
    return 0, 0
  end
  local known = call("XINFO", "STREAM", stream)
  for i = 1, #known, 2 do known[known[i]] = known[i + 1] end
  return known["entries-added"] or 0, known["length"]
end

local function settled(counted)
  local sum = 0
  for i, queue in ipairs(ARGV) do
    for _, outcome in ipairs({"published", "updated", "duplicate", "near_duplicate", "rejected", "dead"}) do
      sum = sum + (tonumber(counted[queue .. "|" .. outcome] or "") or 0)
    end
  end
  return sum
end

local counts_are_due, minutes_are_due = is_due(COUNTS, EVERY), is_due(MINUTES, EVERY)
if not counts_are_due and not minutes_are_due then
  return 0
end
local counted, flat = {}, call("HGETALL", LEDGER)
for i = 1, #flat, 2 do counted[flat[i]] = flat[i + 1] end
local sums = {pushed = 0, settled = settled(counted), depth = 0}
for i, queue in ipairs(ARGV) do
  local pushed, depth = pushed_and_depth(KEYS[4 + i])
  counted["pushed|" .. queue] = string.format("%d", pushed)
  sums.pushed, sums.depth = sums.pushed + pushed, sums.depth + depth
end
local small = {}
for _, name in ipairs({"pushed", "settled", "depth"}) do
  small[#small + 1] = name
  small[#small + 1] = string.format("%d", sums[name])
end
local quarter = is_due(DAY, EVERY_QUARTER)
call("XADD", COUNTS, "MAXLEN", 70, "*", "body", cjson.encode(counted))
call("XADD", MINUTES, "MAXLEN", 260, "*", unpack(small))
if quarter then call("XADD", DAY, "MAXLEN", 100, "*", unpack(small)) end
return 1
