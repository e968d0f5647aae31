-- Whether leases may run out now. Redis's clock goes on while Redis stands still or is away, and may jump: then all
-- leases look used up at once, and no holder had the chance to renew. So whoever renews or adopts notes the time;
-- where nobody did for half a lease, pages are taken from no holder until each has had its chance.
--
-- The hash PREFIX:leases
--   seen         when somebody renewed or looked for pages to adopt, in milliseconds
--   until        before that, no page is taken from a holder
--   jumps        how often the clock jumped back
--   queue|QUEUE  after which of these jumps the queue's leases began anew

local NOBODY = "handed-back" -- what it holds is anybody's at once

-- Answers whether the holders are to be waited for, and how often the clock jumped back.
local function look_at_clock(key, lease)
  local known = redis.call("HMGET", key, "seen", "until", "jumps")
  local seen, till = tonumber(known[1] or "") or NOW, tonumber(known[2] or "") or 0
  local jumps = tonumber(known[3] or "") or 0
  local gap = math.max(lease / 2, 2000) -- holders renew three times a lease, so one more third is left then
  local jumped = seen - NOW > gap
  if jumped then jumps = jumps + 1 end
  if jumped or NOW - seen > gap then till = NOW + math.max(math.ceil(lease / 3), 1000) end
  if jumped or not known[1] or NOW - seen >= 500 then
    -- HDEL first: at maxmemory Redis refuses HSET, but nothing of a script that has written.
    redis.call("HDEL", key, "")
    redis.call("HSET", key, "seen", NOW, "until", till, "jumps", jumps)
  end
  return NOW < till, jumps
end

