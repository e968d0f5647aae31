-- Finds a record by the page that it was made from, and by about when: the commit writes a page's record and its settled
-- entry in one step, so their ids lie close.
--
-- KEYS: 1 records  stream
-- ARGV: 1 the page's id   2 from this entry on   3 to this one   4 records to look at, at most
-- Answers {entry, body} of the newest such record, or nil. One is read at a time, and nothing else leaves this script.

local from = ARGV[3]
for _ = 1, tonumber(ARGV[4]) do
  local found = redis.call("XREVRANGE", KEYS[1], from, ARGV[2], "COUNT", 1)[1]
  if not found then break end
  local fields = {}
  for i = 1, #found[2], 2 do fields[found[2][i]] = found[2][i + 1] end
  if fields["id"] == ARGV[1] then
    return {found[1], fields["body"] or ""}
  end
  from = "(" .. found[1]
end
return false
