-- How much of the ring is in use, and the time of its oldest record. See ring.lua.
--
-- KEYS: 1 head  hash   2 ring  prefix of the names of strings
-- ARGV: 1 units of a string   2 units of a page   3 bytes of a unit   4 where in a record its time begins
--
-- Answers {the next free unit, pages that it was made for, 1 when the ring went round, the oldest time (4 bytes)}.

local held = redis.call("HMGET", KEYS[1], "at", "pages")
local at, pages = tonumber(held[1] or "") or 0, tonumber(held[2] or "") or 0
if at == 0 then
  return {0, pages, 0, ""}
end
local strings = math.ceil(pages * ARGV[2] / ARGV[1]) + 1
local went_round = at > strings * ARGV[1]
-- The string behind the one that is being written is the oldest; the very first unit of all stays free.
local oldest = went_round and (math.floor(at / ARGV[1]) + 1) % strings or 0
local first = (went_round and 0 or ARGV[3]) + ARGV[4]
local time = redis.pcall("GETRANGE", string.format("%s:%d", KEYS[2], oldest), first, first + 3)
return {at, pages, went_round and 1 or 0, type(time) == "string" and time or ""}
