-- Remembers records of a corpus, in the same memory and by the same keys as the commit. Publishes and counts nothing.
--
-- KEYS
--   1, 2  articles  hash    new and old generation: see commit/articles.lua
--   3 since         string  when the new generation began, in milliseconds
--   4 head          hash    see near/ring.lua; so the next three
--   5 ring          prefix  of the names of strings
--   6 exact         prefix  of the names of strings
--   7 near          prefix  of the names of strings
--
-- ARGV
--   1 pages to remember   2 milliseconds to remember them
--   then for each record: id, keys of the address (the canonical URL) and of the text (12 bytes each), index keys (8
--   each), sketch, key of its article or "", version or "", when that was first seen in milliseconds or ""
--
-- Answers {for each record 1 when it is remembered now, 0 when its text was known; the next free unit of the ring before
-- and after; how many units it holds; for how many pages it was made}.

local NEW, OLD, SINCE = KEYS[1], KEYS[2], KEYS[3]
local HEAD, RING, EXACT, NEAR = KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local MEMORY_PAGES, MEMORY_MS = tonumber(ARGV[1]), tonumber(ARGV[2])
local WIDTH = 8

local call = redis.call
local is_there = {[NEW] = call("EXISTS", NEW) == 1, [OLD] = call("EXISTS", OLD) == 1}

-- A batch is so small that one call takes all.
local function call_in_parts(command, key, arguments)
  if #arguments > 0 then call(command, key, unpack(arguments)) end
end

