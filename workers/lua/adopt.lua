-- Takes up pages that were handed back, or whose holder's lease ran out.
--
-- KEYS
--   1 stream  a page queue
--   2 hash    trials: QUEUE|ENTRY -> STRIKES ":" LONELY, the deaths that a page caused, and those that nobody
--             can explain and that it met alone
--
-- ARGV: 1 group   2 consumer   3 lease in milliseconds   4 pages at most   5 the queue's name
--       6 deliveries from which on a page is a suspect, which is tried alone
--
-- Answers {{entry, fields, strikes, lonely}, ...}: either pages that nothing is held against, or one
-- that is tried alone. For that one the lonely death is counted before the trial, because nobody is
-- left to count it when the whole machine goes down; the commit, or whoever can explain the death, takes it back.

local STREAM, TRIALS = KEYS[1], KEYS[2]
local GROUP, CONSUMER, LEASE, MOST, QUEUE, SUSPECT = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5], tonumber(ARGV[6])

-- Nil when somebody deleted the entry: XCLAIM drops such a lease, and nothing is left to try.
local function claim(entry, field)
  local page = redis.call("XCLAIM", STREAM, GROUP, CONSUMER, LEASE, entry)[1]
  if not page then redis.call("HDEL", TRIALS, field) end
  return page
end

local pages = {}
for _, pending in ipairs(redis.call("XPENDING", STREAM, GROUP, "IDLE", LEASE, "-", "+", MOST)) do
  local entry, deliveries = pending[1], pending[4]
  local field = QUEUE .. "|" .. entry
  local trial = redis.call("HGET", TRIALS, field)
  if not trial and deliveries >= SUSPECT then trial = "0:0" end
  if not trial then
    local page = claim(entry, field)
    if page then pages[#pages + 1] = {page[1], page[2], 0, 0} end
  elseif #pages == 0 then
    local page = claim(entry, field)
    if page then
      local strikes, lonely = string.match(trial, "^(%d+):(%d+)$")
      lonely = tonumber(lonely) + 1
      redis.call("HSET", TRIALS, field, strikes .. ":" .. lonely)
      return {{page[1], page[2], tonumber(strikes), lonely}}
    end
  end
end
return pages
