-- Reads the books at one moment.
--
-- KEYS
--   1 ledger  hash     2 records  stream     3 dead  stream     4, 5  articles  hash, new and old
--   6 ...     for each queue: its stream of pages, and RQ's list of the same name
-- ARGV: 1 the workers' consumer group
--
-- Answers {ledger, records, {{group, lag, pending}, ...}, dead, remembered, {{pushed, length, running, oldest, jobs}, ...}};
-- what the server does not tell is "".
--
-- Only XINFO STREAM tells entries-added exactly (entries-read and lag of a group do not, when entries were deleted). It
-- copies the first and the last page into this script, 15 us for pages of 12 KB; only single fields leave it.

local function fields(flat)
  local named = {}
  for i = 1, #flat, 2 do named[flat[i]] = flat[i + 1] end
  return named
end

local function groups(stream)
  if redis.call("EXISTS", stream) == 0 then
    return {}
  end
  local found = {}
  for i, flat in ipairs(redis.call("XINFO", "GROUPS", stream)) do found[i] = fields(flat) end
  return found
end

local function queue(stream, jobs)
  if redis.call("EXISTS", stream) == 0 then
    return {"", 0, 0, "", redis.call("LLEN", jobs)}
  end
  local known, running = fields(redis.call("XINFO", "STREAM", stream)), 0
  for _, group in ipairs(groups(stream)) do
    if group["name"] == ARGV[1] then running = group["pending"] end
  end
  local first = known["first-entry"]
  return {known["entries-added"] or "", known["length"], running, first and first[1] or "", redis.call("LLEN", jobs)}
end

local readers, queues = {}, {}
for i, group in ipairs(groups(KEYS[2])) do
  readers[i] = {group["name"], group["lag"] or "", group["pending"]}
end
for i = 6, #KEYS, 2 do queues[#queues + 1] = queue(KEYS[i], KEYS[i + 1]) end
return {
  redis.call("HGETALL", KEYS[1]), redis.call("XLEN", KEYS[2]), readers, redis.call("XLEN", KEYS[3]),
  redis.call("HLEN", KEYS[4]) + redis.call("HLEN", KEYS[5]), queues,
}
