-- Settles a batch of pages in one atomic step: decide, publish, remember, count, acknowledge, delete.
--
-- KEYS
--   1 ledger        hash    QUEUE|OUTCOME[|REASON] -> pages settled so; dead|bytes, dead|expired, records|trimmed;
--                           dead|oldest: milliseconds, the oldest dead letter is not older
--   2 records       stream  the output: body (JSON) beside id, url, host, kind, and traceparent where the page had one
--   3 settled       stream  one small entry a page
--   4 dead          stream  dead letters: dead_* fields beside the raw entry's own
--   5 trials        hash    QUEUE|ENTRY -> strikes and lonely deaths of a page that is tried alone
--   6, 7  articles  hash    new and old generation: see commit/articles.lua
--   8 since         string  when the new generation began, in milliseconds
--   9 head          hash    see near/ring.lua; so the next three
--   10 ring         prefix  of the names of strings
--   11 exact        prefix  of the names of strings
--   12 near         prefix  of the names of strings
--   13 ...          stream  the page queues that the batch's pages lie on
--   then sites      zset    see commit/profile.lua
--   then site       prefix  of the names of profiles
--   the last four   hash    hosts, new and old generation, and sources: see commit/meters.lua
--
-- ARGV
--   1 the workers' consumer group
--   2 records' limit   3 what to do at that limit: wait or trim   4 settled's limit (0: none written)
--   5 pages to remember   6 milliseconds to remember them   7 dead letters' limit in bytes   8 and in milliseconds
--   9 what becomes of a near copy: drop, mark or off   10 the thresholds, one blank apart
--   11 which of two copies is kept: longest or first
--   12 number of queues, then their names in the order of KEYS, then how many names the meters tell apart,
--   articles of a site to keep, sites to keep, milliseconds to keep them
--   then for each page: verdict (draft, same, rejected, dead), queue's number, entry, id, url, host,
--   keys of the bytes, of the address (the canonical URL) and of the text (12 bytes each), index keys (8 each), sketch,
--   reason, detail, the rest of the record as JSON without its first brace, traceparent, source, and of a draft what it
--   lacks: letters, t title, d date, a authors; the site, the imprint
--
-- Answers {"full", group} when the records stream is full and waits for that group: nothing was done.
-- Else {"done", {outcome, of} for each page}, where outcome may also be
--   gone   the page is not held by anyone any more: it was settled before, and this result is dropped
--   stale  the verdict was "same", but what it repeats is not remembered any more: process the page
--
-- A script that fails half-way is not rolled back, so all that can fail comes before the first page is
-- acknowledged. At maxmemory the acknowledgement, which Redis never refuses, comes before all that adds.

local LEDGER, RECORDS, SETTLED, DEAD, TRIALS = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local NEW, OLD, SINCE = KEYS[6], KEYS[7], KEYS[8]
local HEAD, RING, EXACT, NEAR = KEYS[9], KEYS[10], KEYS[11], KEYS[12]
local GROUP = ARGV[1]
local RECORDS_LIMIT, AT_LIMIT, SETTLED_LIMIT = tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local MEMORY_PAGES, MEMORY_MS = tonumber(ARGV[5]), tonumber(ARGV[6])
local DEAD_BYTES, DEAD_MS = tonumber(ARGV[7]), tonumber(ARGV[8])
local AT_NEAR, KEEPS = ARGV[9], ARGV[11]
local FIRST_PAGE, WIDTH = 17 + tonumber(ARGV[12]), 19
local SITES, SITE, HOSTS, HOSTS_BEFORE, SOURCES, SOURCES_BEFORE = unpack(KEYS, #KEYS - 5)
local MOST_NAMES, PROFILE_ARTICLES = tonumber(ARGV[FIRST_PAGE - 4]), tonumber(ARGV[FIRST_PAGE - 3])
local PROFILE_SITES, PROFILE_MS = tonumber(ARGV[FIRST_PAGE - 2]), ARGV[FIRST_PAGE - 1]

local call = redis.call

-- One call for as many arguments as Lua's stack is sure to hold.
local MOST = 1000
local function call_in_parts(command, key, arguments)
  for first = 1, #arguments, MOST do
    call(command, key, unpack(arguments, first, math.min(first + MOST - 1, #arguments)))
  end
end

local is_there = {} -- key -> whether it exists

local function check_types()
  local expected = {
    "hash", "stream", "stream", "stream", "hash", "hash", "hash", "string", "hash", false, false, false,
    [#KEYS - 5] = "zset", [#KEYS - 4] = false,
  }
  for i, key in ipairs(KEYS) do
    local found, wanted = call("TYPE", key).ok, expected[i]
    if wanted == nil then wanted = i > #KEYS - 4 and "hash" or "stream" end
    is_there[key] = found ~= "none"
    if wanted and is_there[key] and found ~= wanted then
      return key .. " is a " .. found .. ", and should be a " .. wanted
    end
  end
end

local function page_at(at)
  local queue = tonumber(ARGV[at + 1])
  return {
    verdict = ARGV[at], stream = KEYS[12 + queue], queue = ARGV[12 + queue], entry = ARGV[at + 2], id = ARGV[at + 3],
    url = ARGV[at + 4], host = ARGV[at + 5], bytes = ARGV[at + 6], address = ARGV[at + 7], text = ARGV[at + 8],
    keys = ARGV[at + 9], sketch = ARGV[at + 10], reason = ARGV[at + 11], detail = ARGV[at + 12], draft = ARGV[at + 13],
    traceparent = ARGV[at + 14], source = ARGV[at + 15], lacks = ARGV[at + 16],
    site = ARGV[at + 17], imprint = ARGV[at + 18],
  }
end

