-- Lists dead letters without the pages in them: of each what the mill wrote, and none of the raw entry. The oldest come
-- first, or the newest.
--
-- KEYS: 1 dead  stream
-- ARGV: 1 from this id on, or behind it where "(" stands before it   2 to this id   3 letters at most   4 "newest" or ""
-- Answers {{letter, {dead_* field, value, ...}}, ...}.
--
-- One is read at a time: a stream gives a letter only whole, and a page may have megabytes.

local heads, from = {}, ARGV[1]
local command = ARGV[4] == "newest" and "XREVRANGE" or "XRANGE"
while #heads < tonumber(ARGV[3]) do
  local found = redis.call(command, KEYS[1], from, ARGV[2], "COUNT", 1)[1]
  if not found then break end
  local own = {}
  for i = 1, #found[2], 2 do
    if string.find(found[2][i], "^dead_[^_]") then
      own[#own + 1], own[#own + 2] = found[2][i], found[2][i + 1]
    end
  end
  heads[#heads + 1] = {found[1], own}
  from = "(" .. found[1]
end
return heads
