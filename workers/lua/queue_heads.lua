-- Tells the urls and ids of pages on a queue, without the pages.
--
-- KEYS: 1 pages  stream
-- ARGV: 1 from this entry on, or behind it where "(" stands before it   2 "oldest" or "newest" first   3 pages at most
--       4 bytes of pages to read at most
-- Answers {{entry, url, id}, ...}, each cut to what a valid one may have.
--
-- One is read at a time: a stream gives an entry only whole, and a page may have megabytes.

local heads, from, left = {}, ARGV[1], tonumber(ARGV[4])
while #heads < tonumber(ARGV[3]) and left > 0 do
  local found
  if ARGV[2] == "newest" then
    found = redis.call("XREVRANGE", KEYS[1], from, "-", "COUNT", 1)[1]
  else
    found = redis.call("XRANGE", KEYS[1], from, "+", "COUNT", 1)[1]
  end
  if not found then break end
  local named = {url = "", id = ""}
  for i = 1, #found[2], 2 do
    left = left - #found[2][i + 1]
    if named[found[2][i]] then named[found[2][i]] = found[2][i + 1] end
  end
  heads[#heads + 1] = {found[1], string.sub(named.url, 1, 8192), string.sub(named.id, 1, 512)}
  from, left = "(" .. found[1], left - 100
end
return heads
