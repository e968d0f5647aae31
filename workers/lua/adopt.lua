-- Takes up pages that were handed back, or whose holder's lease ran out.
--
-- KEYS
--   1 stream  a page queue
--   2 hash    trials: QUEUE|ENTRY -> STRIKES ":" LONELY, the deaths that a page caused, and those that nobody
--             can explain and that it met alone
--   3 hash    leases: see leases.lua
--
-- ARGV: 1 group   2 consumer   3 lease in milliseconds   4 pages at most   5 the queue's name
--       6 deliveries from which on a page is a suspect, which is tried alone
--
-- Answers {{entry, fields, strikes, lonely}, ...}: either pages that nothing is held against, or one
-- that is tried alone. For that one the lonely death is counted before the trial, because nobody is
-- left to count it when the whole machine goes down; the commit, or whoever can explain the death, takes it back.

local STREAM, TRIALS, LEASES = KEYS[1], KEYS[2], KEYS[3]
local GROUP, CONSUMER, LEASE, MOST, QUEUE, SUSPECT = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5], tonumber(ARGV[6])

local MOST_RENEWED = 10000 -- far more than are in hand

-- The clock jumped back, so that what was taken before it seems to be taken in the future: all begin with a new lease.
local function begin_anew()
  for _, pending in ipairs(redis.call("XPENDING", STREAM, GROUP, "-", "+", MOST_RENEWED)) do
    local entry, holder = pending[1], pending[2]
    local idle = holder == NOBODY and LEASE + 1 or 0
    local there = #redis.call("XCLAIM", STREAM, GROUP, holder, 0, entry, "IDLE", idle, "JUSTID")
    if there == 0 then redis.call("HDEL", TRIALS, QUEUE .. "|" .. entry) end
  end
end

-- Nil when somebody deleted the entry: XCLAIM drops such a lease, and nothing is left to try.
local function claim(entry, field)
  local page = redis.call("XCLAIM", STREAM, GROUP, CONSUMER, LEASE, entry)[1]
  if not page then redis.call("HDEL", TRIALS, field) end
  return page
end

local must_wait, jumps = look_at_clock(LEASES, LEASE)
local handled = "queue|" .. QUEUE
if jumps > 0 and redis.call("HGET", LEASES, handled) ~= tostring(jumps) then
  begin_anew()
  redis.call("HDEL", LEASES, handled) -- first, as in leases.lua
  redis.call("HSET", LEASES, handled, jumps)
end

local ask = {"XPENDING", STREAM, GROUP, "IDLE", LEASE, "-", "+", MOST}
if must_wait then ask[#ask + 1] = NOBODY end
local pages = {}
for _, pending in ipairs(redis.call(unpack(ask))) do
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
