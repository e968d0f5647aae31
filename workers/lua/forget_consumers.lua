-- Takes consumers out of the group that nobody answers for any more. XGROUP DELCONSUMER drops what a
-- consumer still holds, so only those go that hold nothing; looking and leaving are one step.
--
-- KEYS: the page queues
-- ARGV: 1 group   2 milliseconds since they last asked for anything
-- Answers how many went.

local gone = 0
for _, stream in ipairs(KEYS) do
  if redis.call("EXISTS", stream) == 1 then
    for _, flat in ipairs(redis.call("XINFO", "CONSUMERS", stream, ARGV[1])) do
      local consumer = {}
      for i = 1, #flat, 2 do consumer[flat[i]] = flat[i + 1] end
      if consumer["pending"] == 0 and consumer["idle"] > tonumber(ARGV[2]) then
        redis.call("XGROUP", "DELCONSUMER", stream, ARGV[1], consumer["name"])
        gone = gone + 1
      end
    end
  end
end
return gone
