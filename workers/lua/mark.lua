-- Writes down that a page's horse died over it, so that the page is tried alone from now on.
--
-- KEYS
--   1 stream  the page's queue
--   2 hash    trials: QUEUE|ENTRY -> STRIKES ":" LONELY
-- ARGV: 1 group   2 consumer   3 entry   4 the queue's name   5 strike, suspect or innocent
--
-- strike: the page did it, so no lonely death is held against it. suspect: nobody can explain it.
-- innocent: its trial was broken off from outside, so the lonely death that adopt counted is taken back.
-- Answers {strikes, lonely}; {-1, -1} when the page is not this consumer's any more, and nothing was written.

local field = ARGV[4] .. "|" .. ARGV[3]
if not redis.call("XPENDING", KEYS[1], ARGV[1], ARGV[3], ARGV[3], 1, ARGV[2])[1] then
  return {-1, -1}
end
local known = redis.call("HGET", KEYS[2], field)
local strikes, lonely = string.match(known or "0:0", "^(%d+):(%d+)$")
strikes, lonely = tonumber(strikes), tonumber(lonely)
if ARGV[5] == "strike" then
  strikes, lonely = strikes + 1, math.max(lonely - 1, 0)
elseif ARGV[5] == "innocent" then
  lonely = math.max(lonely - 1, 0)
  if not known then
    return {0, 0}
  end
end
-- HDEL first: at maxmemory Redis refuses HSET, but nothing of a script that has written.
redis.call("HDEL", KEYS[2], field)
redis.call("HSET", KEYS[2], field, strikes .. ":" .. lonely)
return {strikes, lonely}
